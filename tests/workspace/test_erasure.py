"""Forgetting a person, from the first read that obeys to the last byte; and what comes late stays out."""

import csv
import json
import shutil
from dataclasses import replace

import pyarrow as pa
import pytest

from kits.clickstream import END, entries, message, shopping, track
from kits.commands import mindgap
from mindgap.backends.targets.csv_file import CsvFile
from mindgap.collect.events.event_row import bucket
from mindgap.kernel.errors import UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.forget_steps import STEPS
from mindgap.store.audience import Audience
from mindgap.store.engine import Relation
from mindgap.store.suppression import Name
from mindgap.workspace import erasure, forgotten_list
from mindgap.workspace import open as open_workspace
from mindgap.workspace.audiences import hand_over
from mindgap.workspace.live import declare

CANARY, DEVICE, EMAIL = "canary-customer-0815", "canary-device-4711", "canary.mail@example.org"
PLACES = [CANARY, DEVICE, EMAIL]
WHO = {"user": CANARY, "device": DEVICE}


def theirs():
    """A few things that the person did, the first of them before signing in."""
    at = END.replace(hour=9)
    return [
        message("page", at, device=DEVICE, context={"page": {"url": f"https://shop.example/{CANARY}"}}),
        message("identify", at.replace(minute=1), **WHO, traits={"email": EMAIL}),
        track("Product Viewed", at.replace(minute=2), {"product_id": "p1", "note": CANARY}, **WHO),
    ]


def write_orders(path):
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount"])
        for nth in range(60):
            who = CANARY if nth % 10 == 0 else f"c{nth % 8}"
            day = f"2024-05-{1 + nth % 28:02d} 10:00:00"
            out.writerow([f"o{nth}", who, f"p{nth % 12}", day, 1, 5.0 + nth])


@pytest.fixture
def shop(tmp_path):
    """A workspace with events and a file, the person among others; nothing was run."""
    workspace = open_workspace(tmp_path / "shop")
    declare(workspace, "web", kind="http", path="", said={"trusted": True})
    write_orders(tmp_path / "orders.csv")
    workspace.add(tmp_path / "orders.csv", kind="orders")
    told = [*shopping(customers=8, visits=3), *theirs()]
    workspace.stores.log.append_all(list(entries(told)))
    return workspace


def names(workspace):
    return [Name("customer", text) for text in PLACES]


def events(workspace):
    """All rows of the lake, in a fixed order."""
    parts, _ = workspace.stores.streams.snapshot()
    paths = [workspace.stores.lake.path(part.path) for part in parts]
    with workspace.stores.lookups.session({"events": Relation(paths=paths)}) as session:
        return session.table("select * from events order by row_id").to_pylist()


def orders(workspace):
    paths = {workspace.stores.files.path(part.path) for part in workspace.stores.ledger.parts("orders")}
    with workspace.stores.lookups.session({"orders": Relation(paths=sorted(paths))}) as session:
        return session.table("select * from orders order by row_id").to_pylist()


def conserved(workspace):
    """Whether what was received is where it should be, by every count that there is."""
    stored = sum(one.tally.stored for one in workspace.stores.streams.records())
    return stored == len(events(workspace)) and all(
        one.rows_read == one.rows_used + one.rows_quarantined + one.rows_duplicate + one.rows_suppressed
        for one in workspace.stores.ledger.sources()
    )


def test_the_person_goes_and_all_others_stay_as_they_were(shop, tmp_path):
    shop.compact()
    before = [row for row in events(shop) if row["customer_id"] != CANARY and row["anonymous_id"] != DEVICE]
    paid = [row for row in orders(shop) if row["customer_id"] != CANARY]
    assert erasure.verify(shop, names(shop))
    done = shop.forget(CANARY)
    assert done.stage == "done"
    assert not done.steps_left
    assert not erasure.verify(shop, names(shop))
    assert events(shop) == before
    assert orders(shop) == paid
    assert conserved(shop)
    assert shop.stores.suppression.names() == []
    tally = shop.stores.streams.records()[0].tally
    assert tally.suppressed == len(theirs())
    for one in (CANARY, DEVICE):
        assert shop.timeline(one) == ()
        with pytest.raises(UnknownError):
            shop.customer(one)


def test_what_comes_late_or_again_stays_out(shop, tmp_path):
    shop.forget(CANARY)
    again = [*theirs(), message("identify", END, user="new-id", device="new-device", traits={"email": EMAIL})]
    garbled = json.dumps({"type": "nothing", "userId": CANARY, "messageId": "x"}).encode()
    late = list(entries(again, batch=10))
    shop.stores.log.append_all([replace(late[0], messages=[*late[0].messages, garbled])])
    became = shop.compact()
    assert (became.received, became.suppressed) == (5, 5)
    (tmp_path / "orders.csv").write_text((tmp_path / "orders.csv").read_text() + "o99,c1,p1,2024-05-05,1,9\n")
    intake = shop.refresh()
    assert (intake.records[0].rows_suppressed, intake.records[0].rows_used) == (6, 55)
    assert not erasure.verify(shop, names(shop))
    assert conserved(shop)


def test_reads_obey_at_once_and_the_rest_goes_on_after_a_kill(shop):
    shop.compact()
    request, _ = erasure.suppress(shop, CANARY)
    reader = shop.reader()
    for purpose in Purpose:
        relation = reader.relation("events", purpose=purpose, as_of=END.replace(year=2030))
        with shop.stores.lookups.session({"events": relation}) as session:
            sql = "select count(*) as n from events where customer_id = $id or anonymous_id = $device"
            found = session.table(sql, parameters={"id": CANARY, "device": CANARY})
            assert found["n"][0].as_py() == 0, purpose
    erasure.find_more(open_workspace(shop.folder), request)
    for nth, step in enumerate(STEPS):
        opened = open_workspace(shop.folder)
        erasure.do(opened, step)
        left = next(one for one in opened.stores.suppression.erasures() if one.id == request.id).steps_left
        assert len(left) == len(STEPS) - nth
    done = erasure.carry_out(open_workspace(shop.folder))
    assert [one.id for one in done] == [request.id]
    assert not erasure.verify(shop, names(shop))
    assert conserved(shop)


def test_a_device_on_which_they_sign_in_later_is_theirs_too(shop):
    shop.forget(CANARY)
    shop.stores.log.append_all(
        list(
            entries(
                [
                    message("identify", END, user=CANARY, device="late-device"),
                    message("identify", END, user=CANARY, device="shared-device"),
                    message("identify", END, user="c1", device="shared-device"),
                ]
            )
        )
    )
    became = shop.compact()
    assert (became.stored, became.suppressed) == (1, 2)
    assert shop.stores.suppression.on_list(
        [Name("device", "late-device"), Name("device", "shared-device")]
    ) == {Name("device", "late-device")}
    assert erasure.carry_out(shop)
    shop.stores.log.append_all(list(entries([track("Seen", END, {}, device="late-device")])))
    assert shop.compact().suppressed == 1
    assert set(forgotten_list.read(shop.folder)) == set(shop.stores.suppression.digests())


def test_the_receipt_names_recipients_and_copies(shop, tmp_path):
    rows = pa.table({"customer_id": [CANARY, "c1"]})
    sent = Audience(name="risk:high", purpose="marketing", as_of=END, customers=rows)
    for to in ("https://user:secret@mail.example/in?token=1", "https://mail.example/in"):
        hand_over(shop, sent, CsvFile(path=tmp_path / "out.csv"), to=to)
    hand_over(shop, replace(sent, customers=rows.slice(1)), CsvFile(path=tmp_path / "out.csv"), to="b.csv")
    (shop.folder / ".mindgap-replaced-1").mkdir()
    (shop.folder / ".mindgap/state-moved-1.db").touch()
    receipt = shop.forget(CANARY).receipt
    (told,) = receipt["recipients"]
    assert (told["recipient"], told["audience"]) == ("https://mail.example/in", "risk:high")
    assert receipt["copies"] == [".mindgap-replaced-1", ".mindgap/state-moved-1.db"]
    assert receipt["actor"] == "python"


def test_a_device_that_others_use_stays(shop):
    shop.stores.log.append_all(list(entries([track("Product Viewed", END, {}, user="c1", device=DEVICE)])))
    shop.compact()
    shop.forget(CANARY)
    kept = [row for row in events(shop) if row["anonymous_id"] == DEVICE]
    assert {row["customer_id"] for row in kept} == {None, "c1"}
    assert bucket("c1", None) in {row["bucket"] for row in kept}


def test_a_device_called_like_another_customer_takes_nobody_along(shop):
    """Anybody may send any words as the id of a device, and then ask to be forgotten."""
    shop.withdraw("c1", "marketing")
    told = [track("Seen", END, {}, user=CANARY, device=one) for one in ("c1", "future")]
    shop.stores.log.append_all(list(entries(told)))
    shop.compact()
    before = [row for row in events(shop) if row["customer_id"] == "c1"]
    shop.forget(CANARY)
    assert "c1" in shop.stores.consent.withdrawn(Purpose.MARKETING)
    late = [
        track("Seen", END, {}, user=CANARY, device="c2"),
        *(track("Seen", END, {}, user=one, device=f"{one}-device") for one in ("c1", "c2", "future")),
    ]
    shop.stores.log.append_all(list(entries(late)))
    became = shop.compact()
    assert (became.stored, became.suppressed) == (3, 1)
    assert len([row for row in events(shop) if row["customer_id"] == "c1"]) == len(before) + 1


def test_an_address_that_somebody_only_claimed_keeps_nobody_out(shop):
    declare(shop, "page", kind="http", path="", said={})
    claimed = message("identify", END, user=CANARY, traits={"email": "stranger@example.org"})
    shop.stores.log.append_all(list(entries([claimed], source="page")))
    shop.forget(CANARY)
    joins = message("identify", END, user="stranger", traits={"email": "stranger@example.org"})
    shop.stores.log.append_all(list(entries([joins])))
    became = shop.compact()
    assert (became.stored, became.suppressed) == (1, 0)


def test_the_command_says_so(shop):
    found = mindgap("forget", CANARY, "--verify", "--json", cwd=shop.folder)
    assert found.returncode == 0, found.stderr
    (request,) = json.loads(found.stdout)
    assert request["stage"] == "verified"
    assert CANARY not in found.stdout
    shown = mindgap("forget", "--status", cwd=shop.folder)
    assert "verified" in shown.stdout
    assert mindgap("customer", CANARY, cwd=shop.folder).returncode == 1


def test_a_backup_from_before_does_not_bring_them_back(shop):
    shop.compact()
    data = shop.folder / ".mindgap"
    shutil.copytree(data, shop.folder / "before")
    shop.forget(CANARY)
    shutil.rmtree(data)
    (shop.folder / "before").rename(data)
    restored = open_workspace(shop.folder)
    assert restored.timeline(CANARY) == ()
    assert Name("customer", CANARY) in restored.stores.suppression.names()
    assert erasure.carry_out(restored)
    assert not erasure.verify(restored, names(restored))
    assert open_workspace(shop.folder).stores.suppression.names() == []
