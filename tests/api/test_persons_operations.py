"""Who is one person over HTTP: what waits, deciding, undoing; tokens of identifiers stay inside."""

import pytest


@pytest.fixture
def call(signed_in, csrf):
    def make(method, path, **options):
        return signed_in.request(
            method, f"/api/v1/persons{path}", headers={"x-csrf-token": csrf(signed_in)}, **options
        )

    return make


def test_what_waits_has_reasons_in_words(call):
    found = call("GET", "")
    answer = found.json()
    assert (answer["persons"], answer["merged_ids"], answer["waiting"]) == (1, 1, 3)
    first, alike, *_ = answer["held"]
    assert first["reason"]["text"] == "Only a visitor's own word says that they share it."
    assert first["evidence"] == ["same e-mail address", "same phone number"]
    assert alike["probability"] == pytest.approx(0.9971)
    assert answer["history"][0]["by"] == ["loyalty_card"]
    assert "5d0c5d0c" not in found.text
    assert "abababab" not in found.text


def test_decisions_and_undo(call, workspace):
    pair = {"first": "household-1", "second": "household-2", "reason": "They called."}
    assert call("POST", "/decide", json={**pair, "decision": "same"}).json() == {"decisions": 1}
    assert call("POST", "/decide", json={**pair, "decision": "same"}).status_code == 404
    apart = {"first": "household-3", "second": "household-4", "decision": "different"}
    assert call("POST", "/decide", json=apart).status_code == 200
    assert call("POST", "/undo", json={"merge": 1}).json() == {"decisions": 1}
    assert call("POST", "/undo", json={"merge": 7}).status_code == 404
    assert [one[0] for one in workspace.identity.decided] == ["join", "keep_apart", "undo"]


def test_other_decisions_are_refused(call):
    assert call("POST", "/decide", json={"first": "a", "second": "b", "decision": "maybe"}).status_code in {
        400,
        422,
    }
