"""Sources on the terminal: words for people, names for programs."""

import json

from kits.commands import mindgap
from kits.shop import put, shop_orders


def test_what_events_became_is_told_in_words(workspace):
    put(workspace, "orders", shop_orders(customers=2), source="events:orders")
    told = mindgap("status", cwd=workspace.folder).stdout
    assert "orders (from events)" in told
    assert "events:orders" not in told
    found = json.loads(mindgap("status", "--json", cwd=workspace.folder).stdout)
    assert [one["name"] for one in found["sources"]] == ["events:orders"]
