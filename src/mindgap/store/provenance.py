"""Where the rows of a canonical table come from (`kernel.derivation.At.by_source`)."""

from dataclasses import replace
from datetime import datetime

from mindgap.kernel.quoting import literal
from mindgap.store.engine import Relation
from mindgap.store.files import Files
from mindgap.store.state import Ledger

_LABELLED = "select *, {source} as source, cast({nth} as bigint) as source_nth from part_{nth}"
_BEFORE_ALL, _AFTER_ALL = datetime(1, 1, 1), datetime(9999, 1, 1)


def reading_order(ledger: Ledger, table: str, as_of: datetime) -> list[str]:
    """The sources that tell of anything before a moment, in the order in which they were read last."""
    known = {part.source for part in ledger.parts(table) if part.min_time is None or part.min_time < as_of}
    records = {record.name: record for record in ledger.sources()}
    read_at = {name: records[name].read_at if name in records else None for name in known}
    return sorted(known, key=lambda name: (read_at[name] or _BEFORE_ALL, name))


def by_source(ledger: Ledger, files: Files, whole: Relation, *, table: str) -> Relation:
    """A canonical table whose rows carry `source` and `source_nth`."""
    inputs: dict[str, Relation] = {}
    texts: list[str] = []
    as_of = whole.before or _AFTER_ALL
    for nth, source in enumerate(reading_order(ledger, table, as_of), start=1):
        own = {files.path(part.path) for part in ledger.parts(table) if part.source == source}
        inputs[f"part_{nth}"] = replace(whole, paths=[path for path in whole.paths if path in own])
        texts.append(_LABELLED.format(source=literal(source), nth=nth))
    if not texts:
        inputs, texts = {"part_0": whole}, [_LABELLED.format(source=literal(""), nth=0)]
    return Relation(sql=" union all ".join(texts), inputs=inputs)
