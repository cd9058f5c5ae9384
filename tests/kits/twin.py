"""An engine that asks two others the same, and compares what they say cell by cell."""

import math
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

TOLERANCE = 1e-12
"""By how much a sum of doubles may differ, relative to its size: engines add in another order."""


def differences(first, second, *, ordered):
    """What differs between two tables, as texts; row order counts where it is asked for."""
    if [*zip(first.column_names, first.schema.types, strict=True)] != [
        *zip(second.column_names, second.schema.types, strict=True)
    ]:
        kinds = {name: str(kind) for name, kind in zip(first.column_names, first.schema.types, strict=True)}
        others = {
            name: str(kind) for name, kind in zip(second.column_names, second.schema.types, strict=True)
        }
        return [
            f"{name}: {kinds.get(name)} against {others.get(name)}"
            for name in {**kinds, **others}
            if kinds.get(name) != others.get(name)
        ] or [f"columns in order {list(kinds)} against {list(others)}"]
    if first.num_rows != second.num_rows:
        return [f"{first.num_rows} rows against {second.num_rows}"]
    ours, theirs = _rows(first, ordered=ordered), _rows(second, ordered=ordered)
    return [
        f"row {place}, {name}: {one!r} against {other!r}"
        for place, (left, right) in enumerate(zip(ours, theirs, strict=True))
        for name, one, other in zip(first.column_names, left, right, strict=True)
        if not _same(one, other)
    ]


def _rows(table, *, ordered):
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return rows if ordered else sorted(rows, key=lambda row: [_rank(cell) for cell in row])


def _rank(cell):
    # doubles last and rounded, so that a last bit moves no row
    return repr(round(cell, 6)) if isinstance(cell, float) else repr(cell)


def _same(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return (
            one == other
            or (math.isnan(one) and math.isnan(other))
            or math.isclose(one, other, rel_tol=TOLERANCE)
        )
    return type(one) is type(other) and one == other


@dataclass
class TwinEngine:
    """Answers with what `first` says; where `second` says otherwise, it is in `found`.

    Attributes:
        first: The engine that is believed.
        second: The one that is compared with it.
        seen: Every query that was run, and those within views.
        found: What differed, by query.
        empty: Queries that gave no rows whenever they ran.
    """

    first: object
    second: object
    name: str = "twin"
    seen: set = field(default_factory=set)
    full: set = field(default_factory=set)
    found: dict = field(default_factory=dict)

    @property
    def rows_at_once(self):
        return self.first.rows_at_once

    def side_by_side(self, wanted):
        return [self]

    @contextmanager
    def session(self, relations):
        self.note(relations)
        with self.first.session(relations) as one, self.second.session(relations) as other:
            yield _TwinSession(self, one, other)

    def missing(self):
        return [*self.first.missing(), *self.second.missing()]

    def note(self, relations):
        for relation in relations.values():
            if relation.sql:
                self.seen.add(relation.sql)
                self.note(relation.inputs)

    def compare(self, sql, first, second):
        self.seen.add(sql)
        if first.num_rows:
            self.full.add(sql)
        told = differences(first, second, ordered=_is_ordered(sql))
        if told:
            self.found.setdefault(sql, told[:5])


def _is_ordered(sql):
    """Whether the query itself ends with an order; without one rows may come in any."""
    last = sql.lower().rpartition("order by")[2]
    return "order by" in sql.lower() and ")" not in last and "from" not in last


@dataclass
class _TwinSession:
    twin: TwinEngine
    one: object
    other: object

    def bind(self, relations):
        self.twin.note(relations)
        self.one.bind(relations)
        self.other.bind(relations)

    def hold(self, name, relation, *, rows):
        self.twin.note({name: relation})
        held = self.one.hold(name, relation, rows=rows)
        assert (
            self.other.hold(name, relation, rows=rows) == held
        )  # has hashes of the engine's own; what is made of it is compared
        return held

    def table(self, sql, *, parameters=None):
        first = self.one.table(sql, parameters=parameters)
        self._try(sql, first, lambda: self.other.table(sql, parameters=parameters))
        return first

    def save(self, sql, path):
        rows = self.one.save(sql, path)
        beside = path.with_name("twin.parquet")

        def again():
            assert self.other.save(sql, beside) == rows
            return pq.read_table(beside)

        self._try(sql, pq.read_table(path), again)
        beside.unlink(missing_ok=True)
        return rows

    def save_days(self, sql, folder):
        days = self.one.save_days(sql, folder)
        twin_folder = folder.with_name(f"{folder.name}-twin")

        def again():
            other = self.other.save_days(sql, twin_folder)
            assert {day: rows for day, (_, rows) in other.items()} == {
                day: rows for day, (_, rows) in days.items()
            }
            return _whole(other)

        self._try(sql, _whole(days), again)
        return days

    def _try(self, sql, first, second):
        try:
            found = second()
        except Exception as error:  # noqa: BLE001 - whatever it is, it differs
            self.twin.seen.add(sql)
            self.twin.found.setdefault(sql, [f"{type(error).__name__}: {str(error)[:600]}"])
        else:
            self.twin.compare(sql, first, found)


def _whole(days):
    """The pieces of all days as one table; the folder's name must not become a column again."""
    tables = [pq.ParquetFile(days[day][0]).read() for day in sorted(days)]
    return pa.concat_tables(tables) if tables else pa.table({})
