"""Canaries in every field of every door: without keys nothing that names a person is found in any file."""

import json

import pytest

from kits.commands import mindgap
from kits.shop import put, shop_orders
from mindgap.backends.scanning import Scan
from mindgap.backends.scanning_needles import Needle
from mindgap.store.keys import WORDS
from mindgap.workspace import open as open_workspace

SEEN = "canary-seen-7f3a"
"""Stands where things are said that name nobody: it must be found, or the search is blind."""


def canary(nth):
    return f"canary{nth}q8w"


PERSONAL = {
    "email": "canary0q8w@example.com",
    "name": canary(1),
    "firstName": canary(2),
    "last_name": canary(3),
    "phone": "+1 212 555 7391",
    "username": canary(4),
    "address": {"street": canary(5), "city": "Ulm", "postal_code": canary(6)},
    "手机号": "13812347391",
    "收货人": "金丝雀七三九一",
    "iban": canary(7),
    "loyaltyCard": "7391-7391-7391",
    "unlabelled": "canary8q8w@example.com",
    "birthday": "1987-03-17",
    "ip": "203.0.113.239",
}
PROPERTIES = {
    "customer": {"name": canary(11), "contact": {"email": "canary12q8w@example.com"}},
    "shipping_address": {"line1": canary(13), "name": canary(14)},
    "products": [{"product_id": "p1", "name": SEEN, "recipient": canary(15)}],
    "review_body": f"words {canary(16)}",
    "note": f"words {canary(17)}",
    "free": "reach canary18q8w@example.com",
    "rating": 4,
}
CONTEXT = {
    "device": {"id": canary(21), "advertisingId": canary(22), "name": canary(23), "type": "ios"},
    "traits": {"email": "canary24q8w@example.com"},
    "ip": "203.0.113.240",
    "location": {"latitude": 48.401234567, "longitude": 9.987654321, "city": "Ulm"},
}
HIDDEN = [
    *(canary(n) for n in (*range(9), *range(11, 19), *range(21, 25), *range(31, 36), 41, 42)),
    *("2125557391", "212 555 7391", "13812347391", "金丝雀七三九一", "7391-7391-7391", "739173917391"),
    *("1987-03-17", "203.0.113.239", "203.0.113.240", "48.401234567", "9.987654321"),
]


def messages():
    common = {"userId": "u1", "anonymousId": "d1", "timestamp": "2024-05-01T10:00:00Z", "context": CONTEXT}
    yield {**common, "type": "identify", "messageId": "m1", "traits": PERSONAL}
    for nth, name in enumerate(("Product Reviewed", "Order Completed", "Signed Up")):
        said = {**PROPERTIES, "order_id": "o1", "product_id": "p1"}
        yield {**common, "type": "track", "event": name, "messageId": f"t{nth}", "properties": said}
    yield {
        **common,
        "type": "page",
        "name": "Home",
        "messageId": "p1",
        "properties": {"email": PERSONAL["email"]},
    }
    yield {**common, "type": "nothing", "messageId": "bad", "traits": {"email": f"{canary(41)}@example.com"}}
    yield {"type": "track", "event": "Survey Submitted", "anonymousId": "d2", "messageId": "a1",
           "timestamp": "2024-05-01T10:00:00Z", "properties": {"text": f"words {canary(42)}"}}  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("canaries")
    folder = tmp_path / "shop"
    workspace = open_workspace(folder)
    put(workspace, "orders", shop_orders(customers=5))
    assert mindgap("source", "add", "web", cwd=folder).returncode == 0
    (tmp_path / "e.jsonl").write_text("\n".join(json.dumps(one) for one in messages()), "utf-8")
    assert mindgap("source", "send", "web", tmp_path / "e.jsonl", cwd=folder).returncode == 0
    lines = "".join(
        f"u{n},{canary(31)}{n}@example.com,{canary(32)}{n},{canary(33)},{SEEN}\n" for n in range(15)
    )
    (tmp_path / "people.csv").write_text(f"customer_id,email,full name,notes,plan\n{lines}", "utf-8")
    said = "".join(f"u{n},p1,{n % 5 + 1},{canary(34)} {n},2024-05-0{n % 9 + 1}\n" for n in range(15))
    (tmp_path / "said.csv").write_text(f"customer_id,product_id,rating,review text,date\n{said}", "utf-8")
    workspace.add(tmp_path / "people.csv", kind="customers")
    workspace.add(tmp_path / "said.csv", kind="feedback")
    workspace.run()
    workspace.stores.ledger.engine.dispose()
    return folder


def test_no_file_shows_who_somebody_is(filled):
    scan = Scan(needles=[Needle(text=text) for text in (*HIDDEN, SEEN)])
    found = [one for one in scan.folder(filled / ".mindgap") if not one.file.startswith("log/")]
    assert {one.text for one in found if one.text == SEEN}, "the search finds nothing at all"
    assert [one for one in found if one.text != SEEN] == []


def test_whoever_reads_for_a_purpose_sees_the_words(filled):
    assert "feedback" in WORDS
    table = open_workspace(filled).table("feedback", purpose="analytics")
    assert any(canary(34) in text for text in table["text"].to_pylist())
    assert any(canary(16) in text for text in table["text"].to_pylist())
