"""One customer on every channel: what files told and what live sources tell, up to this moment."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from kits.clickstream import END, entries, message, track
from kits.commands import mindgap
from mindgap.kernel.errors import AccessError, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.workspace import open as open_workspace

START = END - timedelta(days=10)
ANNA = {"user": "anna", "device": "d1"}
MUG = {"product_id": "mug", "name": "Mug", "price": 6.0, "quantity": 2}
ORDERS = """order_id,customer_id,product_id,ordered_at,quantity,amount,channel
s1,anna,tea,2024-05-20 10:00:00,1,8.00,store
s1,anna,mug,2024-05-20 10:00:00,2,12.00,store
s2,ben,tea,2024-05-21 11:00:00,1,8.00,store
"""


def at(hours):
    return START + timedelta(hours=hours)


@pytest.fixture
def live(workspace):
    """A workspace with a live source, and a way to send to it."""
    write_sources(workspace.folder, {"web": SourceSettings(kind="http")})

    def send(*messages):
        workspace.stores.log.append_all(list(entries(list(messages))))

    return workspace, send


def told(happened):
    return [(one.kind, one.name or one.order_id, one.source) for one in happened]


ONLINE = [
    track("Product Viewed", at(0), MUG, device="d1"),
    message("identify", at(1), **ANNA, traits={"plan": "gold"}),
    track("Order Completed", at(2), {"order_id": "w1", "total": 12, "products": [MUG]}, **ANNA),
    track("Product Viewed", at(3), MUG, user="ben", device="d2"),
]


def test_an_accepted_event_is_in_the_timeline_before_any_compaction(live):
    workspace, send = live
    assert workspace.timeline("anna") == ()
    send(*ONLINE)
    found = workspace.timeline("anna")
    assert told(found) == [
        ("order", "Order Completed", "web"),
        ("event", "identify", "web"),
        ("exposure", "Product Viewed", "web"),
    ]
    assert all(one.is_fresh for one in found)
    assert found[0].amount == 12.0


def test_compacting_changes_nothing_but_that_it_is_no_longer_fresh(live):
    workspace, send = live
    send(*ONLINE)
    before = [{**asdict(one), "is_fresh": False} for one in workspace.timeline("anna")]
    workspace.compact()
    assert [asdict(one) for one in workspace.timeline("anna")] == before
    send(*ONLINE)
    assert told(workspace.timeline("anna")) == told(workspace.timeline("anna", limit=3))
    assert len(workspace.timeline("anna", limit=2)) == 2


def test_somebody_else_on_the_device_ends_what_is_told_of_before_sign_in(live):
    workspace, send = live
    send(*ONLINE)
    workspace.compact()
    assert ("exposure", "Product Viewed", "web") in told(workspace.timeline("anna"))
    send(message("identify", at(5), user="cara", device="d1"))
    assert ("exposure", "Product Viewed", "web") not in told(workspace.timeline("anna"))
    workspace.compact()
    assert ("exposure", "Product Viewed", "web") not in told(workspace.timeline("anna"))


def test_an_alias_tells_who_somebody_was(live):
    workspace, send = live
    send(
        track("Product Viewed", at(0), MUG, device="d9"),
        message("alias", at(1), user="anna", previousId="d9"),
    )
    assert told(workspace.timeline("anna"))[-1] == ("exposure", "Product Viewed", "web")
    workspace.compact()
    assert told(workspace.timeline("anna"))[-1] == ("exposure", "Product Viewed", "web")


def test_who_withdrew_the_purpose_is_not_told_of_and_every_read_is_recorded(live):
    workspace, send = live
    send(*ONLINE)
    assert workspace.timeline("anna", purpose="marketing")
    latest = workspace.stores.access.latest(1)[0]
    assert (latest.table, latest.purpose, latest.single_customer) == ("events", Purpose.MARKETING, True)
    workspace.withdraw("anna", "marketing")
    assert workspace.timeline("anna", purpose="marketing") == ()
    assert workspace.timeline("anna", purpose="service")
    with pytest.raises(AccessError):
        workspace.timeline("anna", purpose="operations")


@pytest.mark.parametrize("compacted", [False, True])
def test_an_event_is_told_for_its_purposes_only(live, compacted):
    workspace, send = live
    denied = {"context": {"consent": {"categoryPreferences": {"Advertising": False}}}}
    send({**track("Product Viewed", at(0), MUG, **ANNA), **denied})
    if compacted:
        workspace.compact()
    assert workspace.timeline("anna", purpose="marketing") == ()
    assert len(workspace.timeline("anna", purpose="service")) == 1
    assert len(workspace.timeline("anna", purpose="privacy")) == 1


def test_an_order_that_a_file_tells_too_is_told_once(live, tmp_path):
    workspace, send = live
    (tmp_path / "till.csv").write_text(ORDERS)
    workspace.add(tmp_path / "till.csv")
    send(track("Order Completed", at(2), {"order_id": "s1", "total": 20}, **ANNA))
    assert told(workspace.timeline("anna")) == [("order", "s1", "till")]


def test_a_customer_who_was_only_online_is_known(live):
    workspace, send = live
    send(*ONLINE)
    workspace.run()
    send(track("Product Viewed", at(30), MUG, user="dora"))
    assert workspace.customer("dora")["features"] is None
    with pytest.raises(UnknownError):
        workspace.customer("nobody")


def test_offline_and_online_orders_of_a_customer_meet(live, tmp_path):
    """The journey: a till's export, a web shop's events, one timeline, and features that count both."""
    workspace, send = live
    (tmp_path / "till.csv").write_text(ORDERS)
    assert mindgap("add", tmp_path / "till.csv", "--yes", cwd=workspace.folder).returncode == 0
    send(*ONLINE)
    assert mindgap("run", "--json", cwd=workspace.folder).returncode == 0
    shop = open_workspace(workspace.folder)
    anna = next(row for row in shop.table("customer_features").to_pylist() if row["customer_id"] == "anna")
    assert (anna["orders"], anna["spend"], anna["channels"]) == (2, 32.0, 2)
    answer = mindgap("customer", "anna", "--timeline", "--json", cwd=workspace.folder)
    happened = json.loads(answer.stdout)
    assert [(one["kind"], one["channel"], one["amount"]) for one in happened if one["kind"] == "order"] == [
        ("order", "web", 12.0),
        ("order", "store", 20.0),
    ]
    shown = mindgap("customer", "anna", "--timeline", cwd=workspace.folder)
    assert "Order Completed" in shown.stdout
    assert shop.run().built == ()
