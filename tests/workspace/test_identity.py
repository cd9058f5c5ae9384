"""Persons from end to end: evidence by day, merges as a history, undo to the byte, look-ups by any id."""

import hashlib
import json
from datetime import timedelta

import pytest

from kits.clickstream import END, event_rows, message, put_events, track
from kits.commands import mindgap
from kits.shop import canonical, put
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import UnknownError, UsageError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.building import build
from mindgap.loop.merges import record_persons
from mindgap.loop.persons import known_ids
from mindgap.loop.planning import plan, stale_steps
from mindgap.loop.running import run
from mindgap.workspace import open as open_workspace

START = END - timedelta(days=3)
TABLES = ("same_person", "identity_review", "customer_orders", "customer_features")
PERSONS = TABLES[:2]
MAIL, PHONE = "email:aa", "phone:bb"
CARDS = [
    {"customer_id": "anna", "identifiers": f"+{MAIL}", "joined_at": START, "traits": '{"plan":"gold"}'},
    {"customer_id": "k9", "identifiers": f"+{MAIL} +{PHONE}", "joined_at": START + timedelta(hours=1)},
    {"customer_id": "ben", "identifiers": "+email:cc"},
]
APART = [{**CARDS[0]}, {**CARDS[1], "identifiers": f"+{PHONE}"}, CARDS[2]]


def at(seconds):
    return START + timedelta(seconds=seconds)


def order(number, customer):
    return {
        "order_id": f"o{number}", "customer_id": customer, "product_id": "p", "ordered_at": at(number),
        "quantity": 1.0, "amount": 10.0, "kind": "sale",
    }  # fmt: skip


ORDERS = [order(1, "anna"), order(2, "k9"), order(3, "ben"), order(4, "k9")]


@pytest.fixture
def shop(workspace):
    put(workspace, "orders", canonical("orders", ORDERS))
    return workspace


def work(workspace, *, as_of=END, tables=PERSONS):
    """Bring the tables to what is known."""
    moment = Moment(as_of=as_of)
    for step in plan(workspace.stores, moment, tables=tables):
        if stale_steps(workspace.stores, [step]):
            build(workspace.stores, step)
    workspace.stores.manifest.complete(as_of)
    return record_persons(workspace.stores, moment, at=END)


def persons(workspace):
    rows = workspace.table("same_person", purpose="privacy").to_pylist()
    return {("*" if row["id_kind"] == "anonymous" else "") + row["id"]: row["person_id"] for row in rows}


def digests(workspace):
    """The tables' bytes."""
    entries = [workspace.stores.manifest.entry(name, END) for name in TABLES]
    paths = [workspace.stores.files.path(entry.path) for entry in entries if entry.name != "identity_review"]
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def spend(workspace):
    rows = workspace.table("customer_features").to_pylist()
    return {row["customer_id"]: row["spend"] for row in rows}


def test_a_merge_is_an_event_and_undoing_it_restores_the_tables_to_the_byte(shop):
    put(shop, "customers", canonical("customers", APART))
    assert not work(shop, tables=TABLES)
    before = digests(shop)
    assert spend(shop) == {"anna": 10.0, "k9": 20.0, "ben": 10.0}
    put(shop, "customers", canonical("customers", CARDS))
    (merged,) = work(shop, tables=TABLES)
    assert (merged.kind, merged.person_id, merged.before) == ("merged", "anna", {"anna": "anna", "k9": "k9"})
    assert [(tie.first, tie.second, tie.kind, tie.token) for tie in merged.ties] == [
        ("anna", "k9", "email", "aa")
    ]
    assert not work(shop, tables=TABLES)
    assert spend(shop) == {"anna": 30.0, "ben": 10.0}
    assert digests(shop) != before
    shop.identity.undo(1, reason="A shared address.")
    (undone,) = work(shop, tables=TABLES)
    assert (undone.kind, undone.after) == ("undone", {"anna": "anna", "k9": "k9"})
    assert digests(shop) == before
    assert not work(shop, tables=TABLES)
    traits = {row["customer_id"]: row["traits"] for row in shop.table("clean_customers").to_pylist()}
    assert traits == {"anna": '{"plan":"gold"}', "k9": None, "ben": None}


def test_evidence_of_later_is_not_known_earlier(shop):
    put_events(shop, [message("identify", at(60), user="anna", device="d1"), track("A", at(0), device="d1")])
    work(shop, as_of=at(30))
    assert persons(shop) == {}
    work(shop)
    assert persons(shop) == {"*d1": "anna"}


def test_evidence_of_two_days_is_two_pieces_and_a_merge_renews_none(shop):
    put_events(shop, [message("identify", at(86_400 * day), user="anna", device="d1") for day in (0, 1)])
    work(shop)
    evidence = {row["day"] for row in shop.table("identity_evidence", purpose="privacy").to_pylist()}
    assert len(evidence) == 2
    pieces = shop.stores.manifest.days("identity_evidence")
    put(shop, "customers", canonical("customers", CARDS))
    work(shop)
    assert shop.stores.manifest.days("identity_evidence") == pieces


def test_what_events_vouch_for_joins_and_what_clients_say_waits_for_review(shop):
    rows = event_rows(
        [message("identify", at(9), user=who, device=f"d-{who}") for who in ("anna", "eve", "k9")]
    )
    for row, said in zip(rows, (f"+{MAIL}", MAIL, f"+{MAIL}"), strict=True):
        row["identifiers"] = said
    put(shop, "events", canonical("events", rows))
    work(shop)
    assert persons(shop) == {"k9": "anna", "*d-anna": "anna", "*d-k9": "anna", "*d-eve": "eve"}
    (row,) = shop.identity.review()
    assert (row["first_id"], row["second_id"], row["reason"]) == ("anna", "eve", "unverified")
    shop.identity.confirm("eve", "anna")
    assert shop.identity.review() == []
    work(shop)
    assert persons(shop)["eve"] == "anna"
    with pytest.raises(UnknownError):
        shop.identity.confirm("anna", "ben")


def test_every_id_of_a_person_tells_the_same_story(shop):
    put(shop, "customers", canonical("customers", CARDS))
    put_events(shop, [message("identify", at(60), user="k9", device="d1")])
    work(shop)
    assert [one.order_id for one in shop.timeline("k9") if one.kind == "order"] == ["o4", "o2", "o1"]
    assert shop.timeline("d1") == shop.timeline("anna")
    assert {shop.identity.person_of(name) for name in ("anna", "k9", "d1")} == {"anna"}
    assert shop.identity.person_of("nobody") == "nobody"
    shop.withdraw("k9", "marketing")
    assert shop.timeline("anna", purpose="marketing") == ()


@pytest.mark.slow
def test_an_id_that_was_merged_away_answers_as_the_person(shop):
    put(shop, "customers", canonical("customers", CARDS))
    shop.withdraw("k9", "marketing")
    shop.run(as_of=END)
    found = [shop.customer(name) for name in ("anna", "k9")]
    assert [one["customer_id"] for one in found] == ["anna", "anna"]
    assert found[1]["customer_ids"] == ["anna", "k9"]
    assert found[0]["consent"]["marketing"] is False


def test_a_merge_that_is_known_since_takes_a_withdrawal_to_what_looks_back(shop):
    put(shop, "customers", canonical("customers", CARDS))
    early = at(1_800)  # before k9 joined

    def orders_then():
        (*_, last) = plan(shop.stores, Moment(as_of=early), tables=("customer_orders",))
        build(shop.stores, last)
        read = shop.reader().read("customer_orders", purpose=Purpose.SERVICE, as_of=early)
        return last.fingerprint, set(read["customer_id"].to_pylist())

    shop.withdraw("k9", "analytics")
    work(shop, as_of=early, tables=("customer_orders",))
    before = orders_then()
    work(shop)
    merged = orders_then()
    shop.identity.keep_apart("anna", "k9")
    work(shop)
    assert [before[1], merged[1]] == [{"anna", "ben"}, {"ben"}]
    assert before[0] != merged[0]
    assert orders_then()[1] == {"anna", "ben"}


@pytest.mark.parametrize("looked_back", [(), (at(1_800),), (at(1_800), at(1_900))])
def test_no_look_at_one_customer_forgets_in_an_earlier_moment_who_they_are(shop, looked_back):
    put(shop, "customers", canonical("customers", CARDS))
    put_events(shop, [track("Product Viewed", at(5), {"product_id": "p"}, user="anna")])
    for moment in (END, *looked_back):
        work(shop, as_of=moment)
    assert shop.timeline("anna", purpose="analytics")
    assert shop.features_now("anna", at=END)
    shop.withdraw("k9", "analytics")
    assert shop.timeline("anna", purpose="analytics") == ()
    assert shop.features_now("anna", at=END) == {}


@pytest.mark.slow
def test_a_run_that_finds_another_id_of_who_withdrew_leaves_it_out_of_all_that_it_makes(shop):
    weeks = [
        order(nth, who) | {"ordered_at": END - timedelta(days=7 * nth)}
        for nth in range(1, 20)
        for who in ("anna", "ben", "k9")
    ]
    put(shop, "orders", canonical("orders", weeks))
    put(shop, "customers", canonical("customers", APART))
    shop.withdraw("k9", "analytics")
    run(shop.stores, Moment(as_of=END))
    assert _held_out(shop) == {"anna", "ben"}
    put(shop, "customers", canonical("customers", CARDS))
    built = run(shop.stores, Moment(as_of=END)).built
    assert _held_out(shop) == {"ben"}
    assert len({(one.name, one.as_of) for one in built}) == len(built)
    assert not stale_steps(shop.stores, plan(shop.stores, Moment(as_of=END)))


def _held_out(workspace):
    """Customers in the table of weeks ago that segments are evaluated with."""
    entries = [one for one in workspace.stores.manifest.entries() if one.name == "customer_features"]
    then = min(one.as_of for one in entries)
    assert then < END
    rows = workspace.reader().read("customer_features", purpose=Purpose.SERVICE, as_of=then)
    return set(rows["customer_id"].to_pylist())


def test_who_withdraws_by_one_id_withdraws_by_all(shop):
    put(shop, "customers", canonical("customers", CARDS))
    shop.withdraw("k9", "analytics")
    work(shop, tables=TABLES)
    assert set(spend(shop)) == {"ben"}
    assert shop.timeline("anna", purpose="analytics") == ()


def test_looking_back_changes_nothing_in_the_history(shop):
    put(shop, "customers", canonical("customers", CARDS))
    assert len(work(shop)) == 1
    assert not work(shop, as_of=at(5))
    assert not work(shop)


def test_an_id_is_not_kept_apart_from_itself(shop):
    with pytest.raises(UsageError):
        shop.identity.keep_apart("anna", "anna")
    with pytest.raises(UnknownError):
        shop.identity.undo(4)


def test_the_commands_tell_and_decide(shop):
    put(shop, "customers", canonical("customers", CARDS))
    work(shop)

    def ask(*arguments):
        done = mindgap("identity", *arguments, "--json", cwd=shop.folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert [one["ids"] for one in ask("list")] == [["anna", "k9"]]
    assert ask("show", "k9")["person_id"] == "anna"
    assert [one["kind"] for one in ask("history", "k9")] == ["merged"]
    assert ask("review") == []
    assert [one["action"] for one in ask("keep-apart", "d1", "anna", "--kind", "anonymous")] == ["keep_apart"]
    assert [(one["first_id"], one["second_id"]) for one in ask("undo", "1")] == [("anna", "k9")]
    plain = mindgap("identity", "history", cwd=shop.folder)
    assert "merged" in plain.stdout
    work(shop)
    assert open_workspace(shop.folder).identity.persons() == []


def test_an_id_that_nothing_knows_is_an_error(shop):
    put_events(shop, [message("page", at(60), device="d7")])
    work(shop)
    unknown = mindgap("identity", "show", "misspelt", cwd=shop.folder)
    assert (unknown.returncode, unknown.stdout) == (UnknownError.exit_code, "")
    assert "No customer and no device has that id." in unknown.stderr
    assert mindgap("identity", "show", "misspelt", "--json", cwd=shop.folder).returncode != 0
    for known in ("ben", "d7"):
        alone = mindgap("identity", "show", known, cwd=shop.folder)
        assert alone.returncode == 0
        assert "No other id is known" in alone.stdout


def test_a_device_called_like_a_customer_leads_to_nobody(shop):
    """Anybody may send any words as the id of a device, and then ask for what is kept of that id."""
    put(shop, "customers", canonical("customers", CARDS[:1]))
    put_events(shop, [message("identify", at(60), user="anna", device="ben")])
    work(shop)
    assert shop.identity.person_of("ben") == "ben"
    assert [one.order_id for one in shop.timeline("ben") if one.kind == "order"] == ["o3"]
    assert {name.text for name in known_ids(shop.stores, "ben")} == {"ben"}
    assert {name.text for name in known_ids(shop.stores, "anna")} == {"anna"}


def test_no_more_of_what_waits_is_read_than_is_shown(shop):
    """Anybody can fill the review with claims."""
    claims = [{"customer_id": f"x{nth}", "identifiers": MAIL} for nth in range(4)]
    put(shop, "customers", canonical("customers", [*CARDS[:1], *claims]))
    work(shop)
    assert len(shop.identity.review(limit=2)) == 2
    assert shop.stores.access.latest(1)[0].rows == 2
    assert shop.identity.numbers()["waiting"] == 4
    shop.identity.keep_apart("x1", "anna")
    shop.identity.confirm("anna", "x2")
    assert [row["first_id"] for row in shop.identity.review()] == ["x0", "x3"]
    assert shop.identity.numbers()["waiting"] == 2
