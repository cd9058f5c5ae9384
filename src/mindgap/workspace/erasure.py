"""Forgetting a person: on the list at once, then out of every file; what is cut off goes on by itself."""

import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mindgap.backends.columns import is_text
from mindgap.backends.scanning import Finding, Scan
from mindgap.backends.scanning_needles import Needle
from mindgap.collect.events.event_row import event_table
from mindgap.kernel.clock import now
from mindgap.kernel.errors import BusyError, UnknownError, UsageError
from mindgap.kernel.settings import read_settings
from mindgap.loop.erasing import Erasing
from mindgap.loop.forget_steps import ALL_STEPS, FIRST_STEP, STEPS, after, with_own
from mindgap.loop.persons import known_ids, more_names
from mindgap.loop.sealing import seal_rows
from mindgap.store.suppression import LAST_STEP, PERSON_COLUMNS, Erasure, Name
from mindgap.workspace import events, forgotten_list
from mindgap.workspace.desk import DATA_FOLDER
from mindgap.workspace.state import WRITERS, nobody_else

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

Hear = Callable[[str, int, int], None]
"""Told which step begins, how many there are, and how many of them are done."""
_SECONDS_TO_WAIT = 30.0
_TRIES, _PAUSE_S = 20, 0.25
_ID_FIELDS = ("customer_id", "anonymous_id")
_SET_ASIDE = (f"{DATA_FOLDER}-replaced-*", f"{DATA_FOLDER}-restoring")
"""What a restore leaves, and one that was killed."""


def suppress(workspace: "Desk", one_id: str) -> tuple[Erasure, Collection[Name]]:
    """Put a person on the list: when this returns, every read obeys.

    Args:
        workspace: The workspace.
        one_id: Any id of theirs: of a customer, a browser or a device.

    Returns:
        The request, and all ids that are on the list because of it.

    Raises:
        UsageError: The id is empty, or no id.
    """
    if not one_id.strip() or not is_text(one_id):
        raise UsageError("Nobody was named.", hint="Say whose data are to go: mindgap forget ID.")
    stores, at = workspace.stores, now()
    names = known_ids(stores, one_id)
    request = Erasure(
        id=secrets.token_hex(8),
        subject=stores.suppression.digest(one_id),
        stage="suppressed",
        requested_at=at,
        suppressed_at=at,
        steps_left=list(ALL_STEPS),
        receipt={"actor": workspace.actor},
    )
    stores.suppression.suppress(request, names)
    forgotten_list.catch_up(workspace)
    return request, names


def carry_out(workspace: "Desk", *, hear: Hear | None = None) -> Sequence[Erasure]:
    """Take everybody who is on the list out of every file; goes on where it was cut off.

    Returns:
        The requests that are done now.

    Raises:
        BusyError: Another process has been writing for half a minute; reads obey already.
        StorageError: The disk is full; do it again, what was finished is kept.
    """
    pending = _pending(workspace)
    if not pending:
        return ()
    forgotten_list.catch_up(workspace)  # a crash may have come between the list and the file
    if begun := _waiting_for(workspace, FIRST_STEP):
        with nobody_else(workspace.folder, WRITERS, wait_s=_SECONDS_TO_WAIT):
            find_more(workspace, begun[-1])
    if any("log" in one.steps_left for one in pending):
        events.compact(workspace)
    tell = hear or _silent
    with nobody_else(workspace.folder, WRITERS, wait_s=_SECONDS_TO_WAIT):
        for nth, step in enumerate(STEPS):
            tell(step, len(ALL_STEPS), nth + 1)
            do(workspace, step)
        tell(LAST_STEP, len(ALL_STEPS), len(ALL_STEPS) - 1)
        return _finish(workspace)


def find_more(workspace: "Desk", request: Erasure) -> None:
    """Put on the list what else is theirs: ids and tokens that only rows tell, in files or in the log."""
    stores = workspace.stores
    waiting = _waiting_for(workspace, FIRST_STEP)  # whoever asks from here on waits for the next time
    names, behind = stores.suppression.names(), stores.streams.consumed()
    texts = {name.text for name in names}
    own = workspace.recent.of(texts, behind=behind)
    near = {text for row in own for text in (row.anonymous_id, row.previous_id) if text is not None}
    rows = workspace.recent.of(texts | near, behind=behind)
    safe = seal_rows(rows, stores.keys, events.readings(workspace))
    theirs = more_names(stores, names, event_table(safe))
    new = theirs.names - set(names)
    if new:
        stores.suppression.suppress(request, new)
        forgotten_list.catch_up(workspace)
    told = {**_receipt(workspace, names), "devices_left": theirs.devices_left}
    for one in waiting:
        done = after(one, FIRST_STEP, len(new))
        stores.suppression.advance(replace(done, receipt={**done.receipt, **told}))


def _receipt(workspace: "Desk", names: Collection[Name]) -> dict[str, Any]:
    """What is left for people to do: recipients to tell, and copies that nobody rewrites."""
    ids = sorted({name.text for name in names if name.kind == "customer"})
    recipients = [
        {"recipient": one.recipient, "audience": one.audience, "latest_at": f"{one.latest_at:%Y-%m-%d}"}
        for one in workspace.stores.disclosures.of(ids)
    ]
    data = workspace.folder / DATA_FOLDER
    found = [
        *(path for pattern in _SET_ASIDE for path in workspace.folder.glob(pattern)),
        *data.glob("state-moved-*"),
        *data.glob("state-replaced-*"),
    ]
    return {
        "recipients": recipients,
        "copies": sorted(path.relative_to(workspace.folder).as_posix() for path in found),
    }


def _pending(workspace: "Desk") -> list[Erasure]:
    return [one for one in workspace.stores.suppression.erasures() if one.done_at is None]


def _waiting_for(workspace: "Desk", step: str) -> list[Erasure]:
    """Requests of which this is the next step."""
    return [one for one in _pending(workspace) if list(one.steps_left[:1]) == [step]]


def is_pending(workspace: "Desk") -> bool:
    """Whether anybody is being forgotten who is still in files."""
    return bool(_pending(workspace))


def do(workspace: "Desk", step: str) -> None:
    """One step, for all requests that wait for it."""
    waiting = _waiting_for(workspace, step)  # whoever asks from here on waits for the next time
    if not waiting:
        return
    stores = workspace.stores
    sources = read_settings(workspace.folder).sources.values()
    own = stores.suppression.names_by_request()
    work = Erasing(
        stores=stores,
        names=[name for names in own.values() for name in names],
        own=own,
        time_zone=workspace.settings.time_zone,
        id_columns={said.map[field] for said in sources for field in _ID_FIELDS if field in said.map},
    )
    count = STEPS[step](work)
    waiting_ids = {one.id for one in waiting}
    for one in _pending(workspace):
        taken = work.removed[one.id]
        if one.id in waiting_ids:
            stores.suppression.advance(with_own(after(one, step, count), step, taken))
        elif taken:  # it came later, and this round has taken out what it will not find any more
            stores.suppression.advance(with_own(one, step, taken))


def _finish(workspace: "Desk") -> list[Erasure]:
    """Overwrite what the database still holds of deleted rows, and say that it is done."""
    suppression = workspace.stores.suppression
    for _ in range(_TRIES):
        if suppression.scrub():
            break
        time.sleep(_PAUSE_S)
    else:
        raise BusyError(
            "The state is being read, so that it cannot be cleaned of what was deleted.",
            hint="Every read obeys already; the next `mindgap run`, or the worker, finishes it.",
        )
    done: list[Erasure] = []
    for one in _pending(workspace):
        if list(one.steps_left) == [LAST_STEP]:
            finished = replace(one, stage="done", done_at=now(), steps_left=[])
            suppression.advance(finished)
            done.append(finished)
    return done


def verify(workspace: "Desk", names: Collection[Name]) -> Sequence[Finding]:
    """Decode every file of the workspace and look for these ids; what was found, nothing at best.

    Short ids count only where ids stand, for elsewhere they may be anything.
    """
    needles = [Needle(text=text, whole=True) for text in sorted({name.text for name in names})]
    opened = workspace.stores.cipher.open_coded
    scan = Scan(needles=needles, id_columns=frozenset(PERSON_COLUMNS), open_parquet=opened)
    found = list(scan.folder(workspace.folder / DATA_FOLDER))
    for table, row in workspace.stores.suppression.rows():
        found += scan.rows([dict(row)], "state", table)
    for copy in sorted(path for pattern in _SET_ASIDE for path in workspace.folder.glob(pattern)):
        found += [replace(one, file=f"{copy.name}/{one.file}") for one in scan.folder(copy)]
    return found


def verified(workspace: "Desk", erasure: Erasure) -> Erasure:
    """Say of a request that nothing was found when all was looked through."""
    checked = replace(erasure, stage="verified", verified_at=now())
    workspace.stores.suppression.advance(checked)
    return checked


def request(workspace: "Desk", request_id: str) -> Erasure:
    """A request by its own name.

    Raises:
        UnknownError: There is none.
    """
    for one in workspace.stores.suppression.erasures():
        if one.id == request_id:
            return one
    raise UnknownError("There is no such request.", hint="`mindgap forget --status` lists requests.")


def request_of(workspace: "Desk", one_id: str) -> Erasure:
    """The latest request for an id.

    Raises:
        UnknownError: There is none.
    """
    digest = workspace.stores.suppression.digest(one_id)
    found = [one for one in workspace.stores.suppression.erasures() if one.subject == digest]
    if not found:
        raise UnknownError(
            "Nobody asked to forget that id.", hint="`mindgap forget --status` lists requests."
        )
    return found[-1]


def _silent(_step: str, _steps: int, _done: int) -> None:
    """Nobody listens."""
