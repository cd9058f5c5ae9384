"""Erasing people from what was made of what arrived: derived tables, their pieces, models, copies of sources.

Tables and pieces lose the rows that name them, and stay under their fingerprints: their inputs have other
keys by now, so the next run makes anew what depends on them.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.collect.files.synonyms import fit, normalised, vocabulary
from mindgap.kernel.derivation import FittedModel
from mindgap.loop.erasing import LEAST_LETTERS, Erasing, texts_of
from mindgap.loop.intake import digest
from mindgap.loop.losing import losses, losses_by, without
from mindgap.store.state import DayEntry, SourceRecord

_BLOB, _OFFSETS = "_blob", "_offsets"
"""How arrays of texts are called (personalize.names)."""


def erase_from_shelf(work: Erasing) -> int:
    """Take their rows out of derived tables; returns how many."""
    manifest, files = work.stores.manifest, work.stores.files
    entries = [entry for entry in manifest.entries() if entry.path]
    lost = losses(work.stores, {entry.path: files.path(entry.path) for entry in entries}, work.cut)
    for entry in entries:
        if entry.path in lost:
            path, rows = _rewritten(work, entry.path)
            manifest.keep(replace(entry, path=path, rows=rows))
    return sum(lost.values())


def erase_from_days(work: Erasing) -> int:
    """Take their rows out of pieces of days; returns how many."""
    manifest, files = work.stores.manifest, work.stores.files
    by_table: defaultdict[str, list[DayEntry]] = defaultdict(list)
    for entry in manifest.days():
        if entry.path:
            by_table[entry.name].append(entry)
    total = 0
    for entries in by_table.values():
        near = _pieces_with(work, entries)
        lost = losses(work.stores, {entry.path: files.path(entry.path) for entry in near}, work.cut)
        kept: list[DayEntry] = []
        for entry in near:
            if entry.path in lost:
                path, rows = _rewritten(work, entry.path)
                kept.append(replace(entry, path=path if rows else "", rows=rows))
        manifest.keep_days(kept)
        total += sum(lost.values())
    return total


def _pieces_with(work: Erasing, entries: list[DayEntry]) -> list[DayEntry]:
    """Pieces of days in which they did anything: one look through all, where pieces tell their day."""
    paths = [work.stores.files.path(entry.path) for entry in entries]
    with work.stores.files.open_parquet(paths[0]) as file:
        tells_day = "day" in file.schema_arrow.names
    if not tells_day:
        return entries
    days = losses_by(work.stores, paths, work.cut, by="day")
    return [entry for entry in entries if entry.day in days]


def _rewritten(work: Erasing, relative: str) -> tuple[str, int]:
    """A file beside the old one, without their rows: its name and its number of rows."""
    files = work.stores.files
    with files.staging() as staging:
        staged = staging / "table.parquet"
        left, gone = without(work.stores, files.path(relative), work.cut, staged=staged)
        work.tell_rows(gone)
        if not left.num_rows:
            files.write_table(left, staged)
        key = digest(staged)
        old = PurePosixPath(relative)
        new = old.with_name(f"{old.stem.split('~')[0]}~{key[:8]}{old.suffix}").as_posix()
        files.adopt(staged, new)
    return new, left.num_rows


def erase_from_models(work: Erasing) -> int:
    """Take their ids out of models; returns how many models held any.

    What they did stays in the parameters without a name, until the next run trains the model anew.
    """
    manifest, files = work.stores.manifest, work.stores.files
    beside = next(iter(manifest.entries()), None)  # any table will do: it is kept as it is
    mark = work.stores.suppression.digest(" ".join(sorted(work.texts)))[:8]
    found = 0
    for model in manifest.models():
        folder = PurePosixPath(model.path)
        fitted = files.read_model(model.name, model.path)
        nameless = _nameless(fitted, work.texts)
        if nameless is None or beside is None:
            continue
        work.tell(lambda names, fitted=fitted: int(_nameless(fitted, texts_of(names)) is not None))
        new = (folder.parent / f"{mark}~{folder.name.rpartition('~')[2]}").as_posix()
        with files.staging() as staging:
            files.write_model(nameless, staging / model.name)
            files.adopt(staging / model.name, new)
        manifest.keep(beside, [replace(model, path=new)])
        found += 1
    return found


def _nameless(model: FittedModel, texts: Collection[str]) -> FittedModel | None:
    """The model without these names; None when it holds none of them."""
    arrays: dict[str, Any] = {}
    for name in model.arrays:
        base = name.removesuffix(_BLOB)
        if name.endswith(_BLOB) and f"{base}{_OFFSETS}" in model.arrays:
            changed = _without_names(model.arrays[name], model.arrays[f"{base}{_OFFSETS}"], texts)
            if changed is not None:
                arrays |= {name: changed[0], f"{base}{_OFFSETS}": changed[1]}
    return replace(model, arrays={**model.arrays, **arrays}) if arrays else None


def _without_names(blob: Any, offsets: Any, texts: Collection[str]) -> tuple[Any, Any] | None:
    """Texts of which these are replaced; None when none of them is there.

    In the place of a name stands the one before it with a NUL behind: texts stay sorted, and no id is so.
    """
    whole = blob.tobytes()
    if not any(text.encode() in whole for text in texts):
        return None
    gone = {text.encode() for text in texts}
    names = [whole[start:end] for start, end in pairwise(offsets.tolist())]
    if not gone & set(names):
        return None
    kept: list[bytes] = []
    for name in names:
        kept.append((kept[-1] if kept else b"") + b"\0" if name in gone else name)
    edges = np.concatenate([[0], np.cumsum([len(name) for name in kept])]).astype(offsets.dtype)
    return np.frombuffer(b"".join(kept), np.uint8), edges


def erase_from_import_quarantine(work: Erasing) -> int:
    """Take rows that an import could not use, and that name them, out of its quarantine; returns how many."""
    ledger, total = work.stores.ledger, 0
    for record in ledger.sources():
        if not record.quarantine_path:
            continue
        with work.stores.files.open_parquet(work.stores.files.path(record.quarantine_path)) as file:
            table = file.read()
        values = table["values"].to_pylist()
        theirs = [_is_named(cells, work.texts) for cells in values]
        if any(theirs):
            parts = [part for part in ledger.parts(record.table) if part.source == record.name]
            ledger.replace(_less_set_aside(work, record, table, theirs=theirs), parts)
            total += sum(theirs)
            work.tell(lambda names, values=values: sum(_is_named(one, texts_of(names)) for one in values))
    return total


def _is_named(cells: str | None, texts: Collection[str]) -> bool:
    """Whether a cell is one of these ids."""
    values: Mapping[str, Any] = json.loads(cells) if cells else {}
    return any(str(value) in texts for value in values.values())


def _less_set_aside(
    work: Erasing, record: SourceRecord, table: pa.Table, *, theirs: list[bool]
) -> SourceRecord:
    files = work.stores.files
    mask = pa.array(theirs)
    kept, gone = table.filter(pc.call_function("invert", [mask])), table.filter(mask)
    reasons = dict(record.reasons)
    for reason in gone["reason"].to_pylist():
        reasons[reason] -= 1
    path = ""
    if kept.num_rows:
        with files.staging() as staging:
            staged = staging / "quarantine.parquet"
            files.write_table(kept, staged)
            path = f"quarantine/{record.table}/{hashlib.sha256(staged.read_bytes()).hexdigest()[:32]}.parquet"
            files.adopt(staged, path)
    return replace(
        record,
        quarantine_path=path,
        reasons={reason: count for reason, count in reasons.items() if count},
        rows_quarantined=record.rows_quarantined - gone.num_rows,
        rows_suppressed=record.rows_suppressed + gone.num_rows,
    )


def erase_landed(work: Erasing) -> int:
    """Take away rows of databases that have landed and in which a cell is one of their ids; returns how many.

    A number, or a few letters, may be anything: those count only in columns that are called as ids of people
    are, or that the owner named. Files keep their names: they tell how far a database was read.
    """
    files, total = work.stores.files, 0
    root = files.path("landing")
    for path in sorted(root.rglob("*.parquet")):
        with files.open_parquet(path) as file:
            table = file.read()
        theirs = _rows_with(table, work.texts, id_columns=work.id_columns)
        lost = _count(theirs)
        if lost:
            with files.staging() as staging:
                staged = staging / path.name
                files.write_table(table.filter(pc.call_function("invert", [theirs])), staged)
                files.adopt(staged, f"landing/{path.relative_to(root).as_posix()}")
            total += lost
            work.tell(
                lambda names, table=table: _count(
                    _rows_with(table, texts_of(names), id_columns=work.id_columns)
                )
            )
    return total


def _count(rows: pa.ChunkedArray) -> int:
    return int(pc.call_function("sum", [rows]).as_py() or 0)


def _rows_with(table: pa.Table, texts: Collection[str], *, id_columns: Collection[str]) -> pa.ChunkedArray:
    """Which rows have one of these as a cell, as text or as a number."""
    found = pa.chunked_array([pa.array(np.zeros(table.num_rows, bool))])
    telling = [text for text in texts if len(text) >= LEAST_LETTERS and not text.isdigit()]
    names_people = vocabulary().fields["orders"]["customer_id"]
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        is_id = name in id_columns or fit(normalised(name), names_people) > 0
        wanted = pc.SetLookupOptions(value_set=pa.array(sorted(texts if is_id else telling), pa.string()))
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
            same = pc.call_function("is_in", [column.cast(pa.string())], wanted)
            found = pc.call_function("or", [found, same])
    return found
