"""Closed forms of the tables that are made of events: page views, visits, searches."""

from datetime import timedelta

import pytest

from kits.clickstream import END, message, put_events, track
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.purposes import Purpose
from mindgap.loop.building import build
from mindgap.loop.planning import plan

START = END - timedelta(days=3)
TABLES = ("page_views", "searches", "visits")
ANNA = {"user": "anna", "device": "d1"}
DEVICE = {"device": "d1"}


def at(seconds):
    return START + timedelta(seconds=seconds)


def page(seconds, address="a", **who):
    return message(
        "page", at(seconds), **who, context={"page": {"url": f"https://shop.example/{address}?q=1"}}
    )


@pytest.fixture
def tables(workspace):
    def make(messages, *, as_of=END):
        if messages:
            put_events(workspace, messages)
        for step in plan(workspace.stores, Moment(as_of=as_of), tables=("same_person", *TABLES)):
            build(workspace.stores, step)
        workspace.stores.manifest.complete(as_of)
        return lambda name, purpose=Purpose.ANALYTICS: workspace.table(name, purpose=purpose).to_pylist()

    return make


def test_without_events_nothing_is_said_and_status_makes_no_noise(workspace, tables):
    read = tables([])
    for name in TABLES:
        with pytest.raises(CannotSay) as caught:
            read(name)
        assert caught.value.code == "no-events"
    assert not {row["name"] for row in workspace.status()["tables"]} & set(TABLES)


def test_dwell_lasts_to_the_next_page_or_to_the_last_thing_done(tables):
    read = tables(
        [
            page(0, "a", **DEVICE),
            track("Product Clicked", at(10), {"product_id": "p"}, **DEVICE),
            page(60, "b", **DEVICE),
            track("Product Added", at(75), {"product_id": "p"}, **DEVICE),
            page(75 + 1800 + 1, "c", **DEVICE),
            page(5000, "d", device="d2"),
        ]
    )
    found = {row["url"][-1]: row["dwell_seconds"] for row in read("page_views")}
    assert found == {"a": 60.0, "b": 15.0, "c": None, "d": None}


def test_a_page_that_says_how_long_it_was_visible_is_believed(tables):
    read = tables(
        [
            page(0, "a", **DEVICE),
            track("Page Left", at(59), {"dwell_seconds": 12.5}, **DEVICE),
            page(60, "b", **DEVICE),
            track("Page Left", at(90), {"dwell_seconds": "long"}, **DEVICE),
        ]
    )
    assert {row["url"][-1]: row["dwell_seconds"] for row in read("page_views")} == {"a": 12.5, "b": 30.0}


def test_half_an_hour_of_silence_ends_a_visit(tables):
    read = tables(
        [
            page(0, "a", **DEVICE),
            track("Products Searched", at(20), {"query": " Green Tea "}, **DEVICE),
            page(1820, "b", **DEVICE),
            track("Order Completed", at(1830), {"order_id": "o1", "total": 5}, **DEVICE),
            page(1830 + 1801, "c", **DEVICE),
        ]
    )
    names = ("events", "pages", "searches", "duration_seconds", "has_order", "entry_url")
    assert [tuple(row[name] for name in names) for row in read("visits")] == [
        (4, 2, 1, 1830.0, True, "https://shop.example/a"),
        (1, 1, 0, None, False, "https://shop.example/c"),
    ]
    assert [row["query"] for row in read("searches")] == ["green tea"]


def test_before_sign_in_belongs_to_the_customer_and_to_the_same_visit(tables):
    read = tables([page(0, "a", **DEVICE), message("identify", at(30), **ANNA), page(40, "b", **ANNA)])
    assert [(row["customer_id"], row["pages"]) for row in read("visits")] == [("anna", 2)]
    assert read("page_views")[0]["dwell_seconds"] == 40.0


def test_a_device_that_is_called_like_a_customer_is_in_no_visit_of_theirs(tables):
    read = tables(
        [
            page(0, "till", user="anna"),
            page(10, "stranger", device="anna"),
            page(20, "till", user="anna"),
            track("Order Completed", at(30), {"order_id": "o1", "total": 5}, device="anna"),
        ]
    )
    found = {(row["customer_id"], row["pages"], row["has_order"]) for row in read("visits")}
    assert found == {("anna", 2, False), (None, 1, True)}
    dwell = {(row["customer_id"], row["url"][-1]): row["dwell_seconds"] for row in read("page_views")}
    assert dwell["anna", "l"] in {20.0, None}
    assert dwell[None, "r"] == 20.0


def test_a_shared_device_belongs_to_nobody(tables):
    both = [message("identify", at(30), **ANNA), message("identify", at(50), user="ben", device="d1")]
    read = tables([page(0, "a", **DEVICE), *both])
    assert read("same_person", Purpose.PRIVACY) == []
    assert [row["customer_id"] for row in read("page_views")] == [None]


def test_a_device_stays_shared_when_one_of_the_two_withdraws(workspace, tables):
    both = [message("identify", at(30), **ANNA), message("identify", at(50), user="ben", device="d1")]
    workspace.withdraw("anna", "analytics")
    read = tables([page(0, "a", **DEVICE), *both])
    assert [row["customer_id"] for row in read("page_views")] == [None]


def test_nothing_after_the_as_of_time_is_seen_not_even_a_link(tables):
    told = [page(0, "a", **DEVICE), page(60, "b", **DEVICE), message("identify", at(3600), **ANNA)]
    early = tables(told, as_of=at(30))("page_views")
    assert [(row["customer_id"], row["dwell_seconds"]) for row in early] == [(None, None)]
    late = tables([], as_of=at(4000))("page_views")
    assert [(row["customer_id"], row["dwell_seconds"]) for row in late] == [("anna", 60.0), ("anna", None)]


def test_who_withdrew_analytics_is_in_none_of_them(workspace, tables):
    workspace.withdraw("anna", "analytics")
    read = tables([page(0, "a", **ANNA), message("identify", at(30), **ANNA), page(90, "b", user="ben")])
    assert {row["customer_id"] for row in read("page_views")} == {"ben"}
    assert {row["customer_id"] for row in read("visits")} == {"ben"}


def test_an_event_that_analytics_may_not_use_is_in_none_of_them(tables):
    denied = {"context": {"consent": {"categoryPreferences": {"Analytics": False}}}}
    read = tables([{**page(0, "a", **ANNA), **denied}, page(90, "b", **DEVICE)])
    assert [(row["url"][-1], row["customer_id"]) for row in read("page_views")] == [("b", None)]
