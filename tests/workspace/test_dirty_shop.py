"""A shop whose data is dirty: what is dropped, why, how it is told, and that a switch brings it back."""

import json
from datetime import timedelta

import pytest

from kits.clickstream import END, message, put_events, track
from kits.commands import mindgap
from kits.shop import canonical, put, shop_orders
from mindgap.kernel.purposes import Purpose
from mindgap.workspace import open as open_workspace

BOT = {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}


def happened():
    """Six weeks of views; on the last day prices are texts from noon on, and a bot looks around."""
    told = []
    for day in range(42):
        for n in range(12):
            at = END - timedelta(days=42 - day) + timedelta(hours=2 * n)
            price = "12,50" if day == 41 and n >= 6 else 12.5
            told.append(
                track(
                    "Product Viewed", at, {"product_id": "p1", "price": price}, user=f"c{n}", device=f"d{n}"
                )
            )
    for n in range(5):
        at = END - timedelta(hours=5, minutes=n)
        told.append(message("page", at, device="robot", context=BOT))
    told.append(track("Test Event", END - timedelta(hours=3), {}, device="d1"))
    return told


def orders():
    lines = shop_orders(customers=30, weeks=20, end=END).to_pylist()
    return [
        *lines,
        {**lines[0], "row_id": 1, "order_id": "TEST-1"},
        {**lines[1], "row_id": 2, "amount": -5.0},
    ]


@pytest.fixture
def shop(workspace):
    put(workspace, "orders", canonical("orders", orders()))
    put_events(workspace, happened())
    workspace.run(as_of=END)
    return workspace


def dropped(workspace):
    return {rule["rule"]: rule["dropped"] for rule in workspace.quality()["rules"] if rule["dropped"]}


def test_a_person_sees_what_was_dropped_and_a_switch_brings_it_back(shop):
    assert dropped(shop) == {"bot-user-agent": 5, "test-event": 1, "test-order": 1, "negative-amount": 1}
    lines = shop.table("purchases", purpose=Purpose.ANALYTICS).num_rows
    assert lines == len(orders()) - 2
    assert "robot" not in shop.table("visits", purpose=Purpose.SERVICE)["anonymous_id"].to_pylist()

    told = mindgap("quality", "--json", cwd=shop.folder)
    found = json.loads(told.stdout)
    (example,) = next(rule["examples"] for rule in found["rules"] if rule["rule"] == "test-order")
    assert set(example) == {"source", "row_id", "at"}
    assert "robot" not in told.stdout
    changed = [row for row in found["notices"] if row["code"] == "quality-type-changed"]
    assert [(row["params"]["property"], row["params"]["usual"], row["params"]["now"]) for row in changed] == [
        ("price", "number", "text")
    ]
    assert changed[0]["params"]["at"].endswith("12:00")

    settings = shop.folder / "mindgap.toml"
    text = settings.read_text() if settings.exists() else ""
    settings.write_text(
        text + '\n[cleaning]\noff = ["bot-user-agent", "test-order", "test-event", "negative-amount"]\n'
    )
    again = open_workspace(shop.folder)
    again.run(as_of=END)
    assert dropped(again) == {}
    assert again.table("purchases", purpose=Purpose.ANALYTICS).num_rows == len(orders())
    assert "robot" in again.table("visits", purpose=Purpose.SERVICE)["anonymous_id"].to_pylist()


def test_commands_tell_it_in_words(shop):
    told = mindgap("quality", cwd=shop.folder).stdout
    assert "bot-user-agent" in told
    assert "is of the type text since" in " ".join(told.split())
    rules = json.loads(mindgap("quality", "rules", "--json", cwd=shop.folder).stdout)
    assert {rule["rule"]: rule["is_on"] for rule in rules}["outlier-amount"] is False
    status = mindgap("status", cwd=shop.folder).stdout
    for word in ("Volume", "Velocity", "Variety", "Veracity"):
        assert word in status
    scale = json.loads(mindgap("status", "--json", cwd=shop.folder).stdout)["scale"]
    assert scale["variety"]["event_names"] == 3
    assert scale["volume"]["rows"] == len(orders()) + len(happened())
    assert 0.9 < scale["veracity"]["kept"] < 1
