"""Who is one person in the made-up business: pairs in doubt, a merge, and whatever is decided."""

from dataclasses import dataclass, field
from datetime import datetime

from mindgap.kernel.errors import UnknownError
from mindgap.store.identity import IdentityChange, Tie

DAY = datetime(2017, 12, 4)


def _row(first, second, reason, evidence, **more):
    plain = {
        "first_kind": "customer",
        "second_kind": "customer",
        "events": 3,
        "customers": 2,
        "first_seen": DAY,
    }
    return {**plain, "first_id": first, "second_id": second, "reason": reason, "evidence": evidence, **more}


def _rows():
    return [
        _row("household-1", "household-2", "unverified", "email phone"),
        _row(
            "household-3", "household-4", "alike", "region", probability=0.9971,
            bits={"region": 8.2, "favourite_store": 3.1, "birth_year": -1.4},
        ),
        _row("a7f3c9d1e2b4", "household-5", "shared-device", "seen-together", first_kind="anonymous"),
        _row("5d0c" * 8, None, "too-many-customers", "email", first_kind="email", second_kind=None,
             customers=41),
    ]  # fmt: skip


def _merge():
    ids = ("household-6", "till-0006")
    tie = Tie(first=ids[0], second=ids[1], kind="loyalty_card", token="ab" * 16, since=DAY)
    after = dict.fromkeys(ids, ids[0])
    return IdentityChange(
        id=1, kind="merged", person_id=ids[0], as_of=DAY, at=DAY, before={one: one for one in ids},
        after=after, ties=[tie],
    )  # fmt: skip


@dataclass
class FakeIdentity:
    """Keeps what was decided."""

    rows: list = field(default_factory=_rows)
    decided: list = field(default_factory=list)
    changes: list = field(default_factory=lambda: [_merge()])

    def numbers(self):
        return {"persons": 1, "merged_ids": 1, "waiting": sum(1 for row in self.rows if row["second_kind"])}

    def review(self, *, reason="", limit=100):
        return [row for row in self.rows if not reason or row["reason"] == reason][:limit]

    def history(self, name="", *, limit=100):
        return [one for one in self.changes if not name or name in one.after][:limit]

    def show(self, name):
        ids = []
        if name == "household-6":
            tied = {"id_kind": "customer", "person_id": name, "since": DAY, "evidence": "loyalty_card"}
            device = {**tied, "id_kind": "anonymous", "evidence": "seen-together", "id": "c0ffee00c0ffee"}
            ids = [{**tied, "id": "till-0006"}, device]
        return {"person_id": name, "ids": ids, "held": [], "history": self.history(name)}

    def confirm(self, first, second, *, reason=""):
        self._take(first, second)
        self.decided.append(("join", first, second, reason))

    def keep_apart(self, first, second, *, first_kind="customer", reason=""):
        self._take(first, second)
        self.decided.append(("keep_apart", first, second, reason))

    def undo(self, merge, *, reason=""):
        if merge != 1:
            raise UnknownError("There is no such merge.")
        self.decided.append(("undo", merge, reason))
        return (self.decided[-1],)

    def _take(self, first, second):
        kept = [row for row in self.rows if {row["first_id"], row["second_id"]} != {first, second}]
        if len(kept) == len(self.rows):
            raise UnknownError("These two are not in doubt.")
        self.rows = kept
