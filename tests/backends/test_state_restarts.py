"""The server is gone in the middle of a change: it is told, nothing is half-written, and the next try works.

Each change is cut off before its first statement, before its second, and so on to its commit.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from kits.databases import new_schema
from mindgap.backends import schema
from mindgap.backends.disclosures import SqlDisclosures
from mindgap.backends.identity import SqlIdentity
from mindgap.backends.keys import SqlKeys
from mindgap.backends.manifest import SqlManifest
from mindgap.backends.master_key import MasterKeyFile
from mindgap.backends.postgres import open_postgres
from mindgap.backends.streams import SqlStreams
from mindgap.backends.suppression import SqlSuppression
from mindgap.kernel.errors import StorageError
from mindgap.store.audience import Disclosure
from mindgap.store.identity import IdentityChange, IdentityDecision, IdentityProposal, Tie
from mindgap.store.state import DayEntry, ModelEntry, Part, ShelfEntry
from mindgap.store.streams import Compaction, Tally
from mindgap.store.suppression import LAST_STEP, Erasure, Name

T0 = datetime(2024, 1, 1)
HOLDERS = ["customer/a", "customer/b"]
DAYS = [
    DayEntry(
        name="visits", day=day, end_at=T0 + timedelta(days=day), fingerprint="f", path=f"p{day}", rows=1
    )
    for day in range(3)
]  # fmt: skip
DECISION = IdentityDecision(
    at=T0, actor="anna", action="keep_apart",
    first_kind="customer", first_id="a", second_kind="customer", second_id="b",
)  # fmt: skip
PROPOSAL = IdentityProposal(
    at=T0, as_of=T0, first_id="a", second_id="b", probability=0.9, bits={"email": 4.0}
)
CHANGE = IdentityChange(
    kind="merged", person_id="a", as_of=T0, at=T0, before={"a": "a", "b": "b"}, after={"a": "a", "b": "a"},
    ties=[Tie(first="a", second="b", kind="email", token="ab12", since=T0)],
)  # fmt: skip
ERASURE = Erasure(id="e", subject="s", stage="suppressed", requested_at=T0, suppressed_at=T0)
NAMES = [Name("customer", "a"), Name("device", "d")]
SENT = Disclosure(recipient="r", audience="lapsed", purpose="marketing", latest_at=T0)
SHELF = ShelfEntry(
    name="visits", as_of=T0, fingerprint="f", path="p", rows=1, built_at=T0, seconds=1.0, reason={}
)
MODEL = ModelEntry(name="value", as_of=T0, path="m", card={}, built_at=T0)
PART = Part(
    key="k", table="events", source="web", path="lake/p", rows=1, min_time=T0, max_time=T0, slots=b"s"
)
COMPACTION = Compaction(
    added=[PART],
    consumed={"segment": 9},
    received_at={"web": T0},
    tallies={"web": Tally(received=1, stored=1)},
)


class State:
    """The ports of a state on a server."""

    def __init__(self, engine, folder):
        self.engine = engine
        self.manifest, self.identity, self.streams = (
            SqlManifest(engine),
            SqlIdentity(engine),
            SqlStreams(engine),
        )
        self.keys = SqlKeys(engine, MasterKeyFile(folder / "master.key"))
        self.suppression = SqlSuppression(engine, lambda: bytes(32))
        self.disclosures = SqlDisclosures(engine, self.suppression.digest)

    def fill(self):
        self.manifest.keep_days(DAYS[:2])
        self.manifest.keep(SHELF, [MODEL])
        self.identity.propose([PROPOSAL])
        self.identity.append([CHANGE])
        self.keys.made(HOLDERS[:1])
        self.suppression.suppress(ERASURE, NAMES[:1])
        self.disclosures.note(SENT, ["a"])

    def rows(self):
        """Every row of every table."""
        with self.engine.connect() as connection:
            return {
                table.name: sorted(repr(row) for row in connection.execute(sa.select(table)))
                for table in schema.metadata.sorted_tables
            }


CHANGES = {
    "days kept": lambda state: state.manifest.keep_days([replace(DAYS[1], rows=2), DAYS[2]]),
    "days forgotten": lambda state: state.manifest.forget_days(DAYS),
    "a table and its models kept": lambda state: state.manifest.keep(
        replace(SHELF, rows=2), [replace(MODEL, path="n")]
    ),
    "a run completed": lambda state: state.manifest.complete(T0 + timedelta(days=1)),
    "identities decided": lambda state: state.identity.decide([DECISION, DECISION]),
    "identities proposed": lambda state: state.identity.propose([PROPOSAL, replace(PROPOSAL, second_id="c")]),
    "identities changed": lambda state: state.identity.append([CHANGE, CHANGE]),
    "keys made": lambda state: state.keys.made(HOLDERS),
    "keys destroyed": lambda state: state.keys.destroy(HOLDERS),
    "a request and its names": lambda state: state.suppression.suppress(replace(ERASURE, id="f"), NAMES),
    "a request finished": lambda state: state.suppression.advance(replace(ERASURE, steps_left=[LAST_STEP])),
    "names replaced": lambda state: state.suppression.unname(NAMES),
    "a list adopted": lambda state: state.suppression.adopt([("customer", "ff")], replace(ERASURE, id="g")),
    "a disclosure": lambda state: state.disclosures.note(replace(SENT, latest_at=T0 + timedelta(1)), ["b"]),
    "a compaction": lambda state: state.streams.commit(COMPACTION),
}  # fmt: skip


@pytest.fixture(scope="module")
def place():
    """One schema for all: to make its tables takes longer than to empty them."""
    return new_schema()


@pytest.fixture
def state(postgres, place, tmp_path):
    engine = open_postgres(postgres.url(), schema=place, owner="one")
    with engine.begin() as connection:
        for table in schema.metadata.sorted_tables:
            connection.execute(sa.delete(table))
    filled = State(engine, tmp_path)
    filled.fill()
    yield filled
    engine.dispose()


class Cut:
    """Does something once, before a statement of an engine or a commit: the n-th of these."""

    def __init__(self, engine, do):
        self.do, self.left = do, 0
        sa.event.listen(engine, "before_cursor_execute", lambda connection, *_: self._pass(connection))
        sa.event.listen(engine, "commit", self._pass)

    def at(self, place):
        self.left = place

    def _pass(self, connection):
        self.left -= 1
        if self.left == 0:
            self.do(connection)


def until_it_works(state, change, cut):
    """Cut a change off at each of its places; returns at how many."""
    before = state.rows()
    for place in range(1, 50):
        cut.at(place)
        try:
            change(state)
        except StorageError as error:
            assert "lost in the middle" in str(error)  # noqa: PT017 - the last try raises nothing
        else:
            cut.at(0)
            assert state.rows() != before
            return place - 1
        cut.at(0)
        assert state.rows() == before
    raise AssertionError


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_connection_lost_anywhere_in_a_change(state, postgres, change):
    def end(connection):
        number = connection.connection.dbapi_connection.info.backend_pid
        assert postgres.ask(f"select pg_terminate_backend({number}, 5000)") == [True]

    assert until_it_works(state, change, Cut(state.engine, end)) >= 2


@pytest.mark.parametrize("name", ["days kept", "identities changed", "keys made", "a request and its names"])
def test_a_server_that_restarts_before_the_commit(state, postgres, name):
    def restart(_connection):
        postgres.stop()
        postgres.start()

    before, commits = state.rows(), []
    sa.event.listen(state.engine, "commit", lambda connection: commits.append(restart(connection)), once=True)
    with pytest.raises(StorageError, match="lost in the middle"):
        CHANGES[name](state)
    assert (len(commits), state.rows()) == (1, before)
    CHANGES[name](state)
    assert state.rows() != before


def test_a_rotation_cut_off_anywhere_loses_no_key(state, postgres):
    made = state.keys.made(HOLDERS)

    def end(connection):
        postgres.ask(
            f"select pg_terminate_backend({connection.connection.dbapi_connection.info.backend_pid}, 5000)"
        )

    cut, first = Cut(state.engine, end), state.keys.state().master
    for place in range(1, 50):
        cut.at(place)
        try:
            state.keys.rotate()
        except StorageError as error:
            assert "lost in the middle" in str(error)  # noqa: PT017 - the last try raises nothing
        else:
            break
        cut.at(0)
        assert state.keys.of(HOLDERS) == made
    cut.at(0)
    assert state.keys.of(HOLDERS) == made
    assert (state.keys.state().waiting, state.keys.state().master != first) == (0, True)
