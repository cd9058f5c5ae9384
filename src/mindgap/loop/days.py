"""Brings a table that is kept by day up to date: pieces that are not there or stale, in groups of days."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mindgap.kernel.clock import DAY, now
from mindgap.kernel.errors import MindgapError
from mindgap.loop.offered import derivations
from mindgap.loop.pieces import Piece, stale_pieces
from mindgap.loop.planning import Step
from mindgap.store.circumstances import Tile, tile_relation
from mindgap.store.reading import Reader, Scope, Stores
from mindgap.store.state import Access, DayEntry, pieces_as_of

ROWS_AT_ONCE = 3_000_000
"""Rows of canonical tables that one query works on: more gain no speed, and take memory."""


def build_days(stores: Stores, step: Step, *, staging: Path, rows_at_once: int = ROWS_AT_ONCE) -> int:
    """Build what is stale; each group of days is there once it is finished.

    Returns:
        How many rows the table has as of the step's moment.

    Raises:
        CannotSay: An input that it needs is not there.
    """
    item, moment = step.derivation, step.moment
    reader = Reader(stores=stores, derivations=derivations(), actor="loop", time_zone=moment.time_zone)
    _look_at_inputs(reader, step)
    stale = stale_pieces(stores, item.name, step.pieces)
    for nth, group in enumerate(groups(stale, step.pieces, rows_at_once=rows_at_once)):
        stores.manifest.keep_days(_build_group(reader, step, group, staging=staging / str(nth)))
    wanted = {(piece.day, piece.end_at) for piece in step.pieces}
    seen = pieces_as_of(stores.manifest.days(item.name), moment.as_of)
    stores.manifest.forget_days(entry for entry in seen if (entry.day, entry.end_at) not in wanted)
    return sum(entry.rows for entry in seen if (entry.day, entry.end_at) in wanted)


def _look_at_inputs(reader: Reader, step: Step) -> None:
    """Say so when an input is not there, and record that customer data is read."""
    item = step.derivation
    scope = Scope(purpose=item.purpose, as_of=step.moment.as_of, withhold=False, by_day=True)
    for key in item.inputs:
        reader.input(item, key, scope)
    tables = [at.table for at in item.inputs.values() if reader.is_customer_level(at.table)]
    entries = [Access(at=now(), actor=reader.actor, purpose=item.purpose, table=table) for table in tables]
    reader.stores.access.add(entries)


def groups(stale: Sequence[Piece], every: Sequence[Piece], *, rows_at_once: int) -> Iterator[Sequence[Piece]]:
    """Runs of stale days that one query can work on.

    Days between two of them have no rows, and all but the last are of 24 hours, so that a row's day follows
    from how long after the first one's start it lies.
    """
    places = {piece.day: nth for nth, piece in enumerate(every)}
    group: list[Piece] = []
    for piece in stale:
        if group and not (
            places[piece.day] == places[group[-1].day] + 1
            and piece.start_at - group[0].start_at == (piece.day - group[0].day) * DAY
            and sum(one.rows for one in group) + piece.rows <= rows_at_once
        ):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _build_group(reader: Reader, step: Step, group: Sequence[Piece], *, staging: Path) -> list[DayEntry]:
    item, stores = step.derivation, reader.stores
    first, last = group[0], group[-1]
    tile = Tile(first_day=first.day, start_at=first.start_at, days=last.day - first.day + 1)
    scope = Scope(purpose=item.purpose, as_of=last.end_at, tile=tile, withhold=False, by_day=True)
    inputs = {key: reader.input(item, key, scope) for key in item.inputs}
    relations = {key: relation for key, relation in inputs.items() if relation is not None}
    with stores.engine.session({"tile": tile_relation(tile), **relations}) as session:
        found = session.save_days(item.sql, staging)
    strange = found.keys() - {piece.day for piece in group}
    if strange:
        raise MindgapError(f"Table {item.name!r} gives rows of day {min(strange)}, which it did not see.")
    entries: list[DayEntry] = []
    for piece in group:
        path, rows = found.get(piece.day, (None, 0))
        relative = ""
        if path is not None:
            relative = f"shelf/{item.name}/day-{piece.start_at:%Y%m%dT%H%M%S}-{piece.fingerprint}.parquet"
            stores.files.adopt(path, relative)
        entries.append(
            DayEntry(
                name=item.name,
                day=piece.day,
                end_at=piece.end_at,
                fingerprint=piece.fingerprint,
                path=relative,
                rows=rows,
            )
        )
    return entries
