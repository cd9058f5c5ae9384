"""Files without the rows of people who are forgotten: which hold any, and what is left of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mindgap.loop.intake import digest
from mindgap.store.engine import Relation
from mindgap.store.reading import Stores

Cut = Mapping[str, Sequence[str]]
"""Texts by column: rows that hold one of them go (store.engine.Relation.suppressed)."""
_AT_ONCE = 40


def losses(stores: Stores, files: Mapping[str, Path], cut: Cut) -> dict[str, int]:
    """How many rows each of some files would lose; those that would lose none are left out.

    Args:
        stores: The workspace's ports.
        files: Parquet files by name.
        cut: Whose rows go.
    """
    found: dict[str, int] = {}
    for first in range(0, len(files), _AT_ONCE):
        some = list(files.items())[first : first + _AT_ONCE]
        relations: dict[str, Relation] = {}
        counts: list[str] = []
        for nth, (_name, path) in enumerate(some):
            relations[f"whole{nth}"] = Relation(paths=[path])
            relations[f"kept{nth}"] = Relation(paths=[path], suppressed=cut)
            counts.append(
                f"select {nth} as nth,"
                f" (select count(*) from whole{nth}) - (select count(*) from kept{nth}) as lost"
            )
        with stores.lookups.session(relations) as session:
            rows = session.table(f"select * from ({' union all '.join(counts)}) as r where lost > 0")
        found |= {some[row["nth"]][0]: row["lost"] for row in rows.to_pylist()}
    return found


def days_that_lose(stores: Stores, paths: Sequence[Path], cut: Cut) -> set[int]:
    """Days of which some rows would go, in pieces that have a column `day`."""
    relations = {"whole": Relation(paths=paths), "kept": Relation(paths=paths, suppressed=cut)}
    sql = """
        select w.day
        from (select day, count(*) as held from whole group by day) as w
        left join (select day, count(*) as held from kept group by day) as k on w.day = k.day
        where w.held > coalesce(k.held, 0)"""
    with stores.lookups.session(relations) as session:
        return set(session.table(sql)["day"].to_pylist())


def without(stores: Stores, path: Path, cut: Cut, *, staged: Path) -> tuple[int, str]:
    """Write what is left of a file; returns its number of rows and what it holds, as a short hash."""
    with stores.lookups.session({"kept": Relation(paths=[path], suppressed=cut)}) as session:
        rows = session.save("select * from kept", staged)
    return rows, digest(staged)
