"""The steps of forgetting, in their order; each can be done again, and a request keeps which are left."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from mindgap.loop import erasing, erasing_derived
from mindgap.loop.erasing import Erasing
from mindgap.store.reading import Stores
from mindgap.store.suppression import LAST_STEP, Erasure, Name
from mindgap.trust.keys import holder_of

Count = int | Mapping[str, int]
Step = Callable[[Erasing], Count]


def _log(work: Erasing) -> int:
    """Leave nothing of the log that was worked up."""
    work.stores.log.purge(work.stores.streams.consumed())
    return 0


def _record(work: Erasing) -> int:
    """Put digests in the place of ids where a record must stay: decisions on consent, the history of ids."""
    return _each(work, lambda names: work.stores.suppression.unname(list(names)))


def _keys(work: Erasing) -> int:
    """Destroy their keys: what copies hold sealed under them nobody reads any more."""
    return _each(work, lambda names: work.stores.keys.destroy(list(_holders(names))))


def _holders(names: Collection[Name]) -> Iterator[str]:
    for name in names:
        if name.kind == "customer":
            yield holder_of(name.text, None)
        if name.kind == "device":
            yield holder_of(None, name.text)


def _each(work: Erasing, do: Callable[[Collection[Name]], int]) -> int:
    """Do something for the names of each request; returns what it came to together."""
    work.tell(do)
    return sum(work.removed.values())


def _files(work: Erasing) -> int:
    """Delete all files that nothing names any more, at once."""
    stores = work.stores
    stores.lake.purge(_named_in_lake(stores))
    stores.files.purge(stores.named_files())
    return 0


def _named_in_lake(stores: Stores) -> Iterator[str]:
    for part in (*stores.streams.snapshot()[0], *stores.streams.quarantine()):
        yield part.path


STEPS: Mapping[str, Step] = {
    "log": _log,
    "events": erasing.erase_events,
    "set_aside": erasing.erase_set_aside,
    "tables": erasing.erase_from_tables,
    "import_quarantine": erasing_derived.erase_from_import_quarantine,
    "landed": erasing_derived.erase_landed,
    "shelf": erasing_derived.erase_from_shelf,
    "days": erasing_derived.erase_from_days,
    "models": erasing_derived.erase_from_models,
    "record": _record,
    "keys": _keys,
    "files": _files,
}
"""What is done by name, while nobody else writes."""
FIRST_STEP = "persons"
"""Ids that the last run did not know are found before the log is worked up, which leaves out listed ones."""
ALL_STEPS = (FIRST_STEP, *STEPS, LAST_STEP)


def after(erasure: Erasure, step: str, count: Count) -> Erasure:
    """The request once a step is done, with what it came to on the receipt, for all of the round together."""
    left = [one for one in erasure.steps_left if one != step]
    done = {**erasure.receipt.get("removed", {}), step: count}
    return replace(erasure, stage="rewriting", steps_left=left, receipt={**erasure.receipt, "removed": done})


def with_own(erasure: Erasure, step: str, count: int) -> Erasure:
    """The request with what a step took out that was its own, beside what rounds before took out."""
    own = erasure.receipt.get("removed_own", {})
    told = {**own, step: own.get(step, 0) + count}
    return replace(erasure, receipt={**erasure.receipt, "removed_own": told})
