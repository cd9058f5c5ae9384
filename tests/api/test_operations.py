"""The JSON API: answers, errors, the OpenAPI document, the log."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.api.operations import OPERATIONS
from mindgap.api.references import References
from mindgap.kernel.errors import UnknownError


@pytest.fixture
def call(signed_in, csrf):
    def make(method: str, path: str, **options: Any):
        return signed_in.request(
            method, f"/api/v1{path}", headers={"x-csrf-token": csrf(signed_in)}, **options
        )

    return make


def test_status_tells_what_is_missing_and_why(call):
    answer = call("GET", "/status").json()
    assert answer["workspace"] == "Corner Grocer"
    gone = next(row for row in answer["tables"] if row["name"] == "satisfaction")
    assert gone["reason"]["code"] == "no-feedback"
    for source in answer["sources"]:
        assert source["read"] == source["used"] + source["quarantined"] + source["duplicates"]


def test_segments_come_largest_first(call):
    sizes = [row["customers"] for row in call("GET", "/segments").json()]
    assert sizes == sorted(sizes, reverse=True)


def test_customers_are_found_and_addressed_by_reference(call):
    found = call("POST", "/customers/search", json={"text": "household-7"}).json()
    assert found[0]["customer_id"] == "household-7"
    assert "household" not in found[0]["reference"]
    customer = call("GET", f"/customers/{found[0]['reference']}").json()
    assert customer["customer_id"] == "household-7"
    assert customer["segment"]["words"][0]["code"] == "analyze-reason-recency"


def test_recommendations_carry_reasons(call):
    items = call("POST", "/recommend", json={"customer_id": "household-7", "k": 3}).json()
    assert [item["rank"] for item in items] == [1, 2, 3]
    assert all(item["reasons"] for item in items)


def test_evaluations_stand_beside_their_baselines(call):
    rows = call("GET", "/evaluations").json()
    assert {row["task"] for row in rows} == {"recommend-next", "inactivity", "demand"}
    assert all("baseline_value" in row for row in rows)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad-body"),
        (b"[]", 400, "bad-body"),
        (b"\xff\xfe", 400, "bad-body"),
        (b'{"customer_id": "household-1", "k": 1e99}', 400, "bad-body"),
        (b'{"customer_id": "household-1", "surprise": 1}', 400, "bad-body"),
        (b'{"customer_id": "nobody"}', 404, "not-found"),
    ],
)
def test_bad_bodies_get_the_envelope(call, body, status, *, code):
    answer = call("POST", "/recommend", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "code", "message"}
    assert answer.json()["code"] == code


def test_what_cannot_be_said_is_an_answer(call, workspace):
    workspace.missing["segment_profiles"] = ("no-orders", {})
    answer = call("GET", "/segments")
    assert (answer.status_code, answer.json()["code"]) == (422, "no-orders")


def test_wrong_methods_and_faults_get_the_envelope(call, workspace, caplog):
    assert call("DELETE", "/gap").json()["code"] == "wrong-method"
    workspace.gap = lambda: 1 / 0
    with caplog.at_level(logging.ERROR):
        answer = call("GET", "/gap")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "division" not in answer.text
    assert "ZeroDivisionError" in caplog.text


def test_the_log_holds_no_customer_and_no_query(call, app, caplog):
    reference = app.state.references.of("household-7")
    with caplog.at_level(logging.INFO, logger="mindgap.access"):
        call("GET", f"/customers/{reference}?name=canary")
        call("POST", "/customers/search", json={"text": "household-7"})
    assert "/api/v1/customers/{reference}" in caplog.text
    for secret in ("household", "canary", reference):
        assert secret not in caplog.text.replace("customers/{reference}", "")


def test_openapi_lists_every_operation_with_resolvable_types(call):
    document = call("GET", "/openapi.json").json()
    listed = {one["operationId"] for path in document["paths"].values() for one in path.values()}
    assert listed == {one.name for one in OPERATIONS}
    schemas = document["components"]["schemas"]

    def walk(node):
        if isinstance(node, dict):
            if "$ref" in node:
                assert node["$ref"].split("/")[-1] in schemas
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(document)


@given(st.text(max_size=80))
def test_references_come_back(customer_id):
    references = References(b"k" * 32)
    reference = references.of(customer_id)
    assert references.customer_id(reference) == customer_id
    assert set(reference) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=60))
def test_made_up_references_are_refused(text):
    with pytest.raises(UnknownError):
        References(b"k" * 32).customer_id(text)


def test_references_differ_by_workspace_and_hide_the_length():
    one, other = References(b"a" * 32), References(b"b" * 32)
    assert one.of("c-1") != other.of("c-1")
    assert len(one.of("1")) == len(one.of("123456"))
    with pytest.raises(UnknownError):
        other.customer_id(one.of("c-1"))
    altered = one.of("c-1")[:-2] + "AA"
    with pytest.raises(UnknownError):
        one.customer_id(altered)


def test_a_timeline_tells_what_happened_newest_first(call):
    reference = call("POST", "/customers/search", json={"text": "household-7"}).json()[0]["reference"]
    happened = call("GET", f"/customers/{reference}/timeline").json()
    assert [(one["kind"], one["source"]) for one in happened] == [("exposure", "web"), ("order", "till")]
    assert happened[1]["amount"] == 12.5
    assert call("GET", "/customers/made-up/timeline").status_code == 404
