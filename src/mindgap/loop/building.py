"""Builds one step: binds its inputs as of their moments, runs it, and puts the result on the shelf."""

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import Any

import pyarrow as pa

from mindgap.kernel.clock import now, utc_offset_seconds
from mindgap.kernel.derivation import At, Built, Derivation, Moment
from mindgap.kernel.errors import CannotSay, MindgapError
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.offered import derivations
from mindgap.loop.planning import Step
from mindgap.store.engine import Relation, Session
from mindgap.store.reading import Reader, Stores
from mindgap.store.schema import arrow_schema
from mindgap.store.state import Access, ModelEntry, ShelfEntry

FAILED = "build-failed"
"""Reason code of a table whose build broke; it is tried again by every run."""


def build(stores: Stores, step: Step) -> ShelfEntry:
    """Build one table and put it on the shelf with its models, or the reason why it cannot be said.

    A build that breaks on an error of its own takes only its own table away: the reason names the kind
    of error and the place, never its text, which may hold personal data.
    """
    began = time.perf_counter()
    relative = f"shelf/{step.derivation.name}/{step.moment.as_of:%Y%m%dT%H%M%S}-{step.fingerprint}.parquet"
    reason: dict[str, Any] = {}
    models: list[ModelEntry] = []
    rows = 0
    with stores.files.staging() as staging:
        try:
            rows = _produce(stores, step, staging=staging, relative=relative, models=models)
        except CannotSay as answer:
            reason = {"code": answer.code, "params": answer.params}
        except (MindgapError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - one broken model must not take the others away
            reason = {"code": FAILED, "params": _describe(step, error)}
        entry = ShelfEntry(
            name=step.derivation.name,
            as_of=step.moment.as_of,
            fingerprint="" if reason.get("code") == FAILED else step.fingerprint,
            path="" if reason else relative,
            rows=rows,
            built_at=now(),
            seconds=time.perf_counter() - began,
            reason=reason,
        )
        stores.manifest.keep(entry, models)
    return entry


def is_failure(entry: ShelfEntry) -> bool:
    """Whether this very table's build broke, and not one that it depends on."""
    return entry.reason.get("code") == FAILED and entry.reason["params"]["table"] == entry.name


def _describe(step: Step, error: Exception) -> dict[str, str]:
    frames = [frame for frame in extract_tb(error.__traceback__) if "mindgap" in frame.filename]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return {"table": step.derivation.name, "error": type(error).__name__, "place": place}


def _produce(stores: Stores, step: Step, *, staging: Path, relative: str, models: list[ModelEntry]) -> int:
    item = step.derivation
    target = staging / "table.parquet"
    with _inputs(stores, step) as (session, available):
        if item.sql:
            rows = session.save(item.sql, target)
        else:
            rows = 0
            result = _call(item, _Tables(session, {key: item.inputs[key] for key in available}), step.moment)
            stores.files.write_table(result.table, target)
            rows = result.table.num_rows
            for model in result.models:
                path = f"vault/{model.name}/{step.fingerprint}"
                stores.files.write_model(model, staging / model.name)
                stores.files.adopt(staging / model.name, path)
                models.append(
                    ModelEntry(
                        name=model.name, as_of=step.moment.as_of, path=path, card=model.card, built_at=now()
                    )
                )
    stores.files.adopt(target, relative)
    return rows


def _call(item: Derivation, tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    if item.build is None:
        raise MindgapError(f"Table {item.name!r} has neither a query nor a build function.")
    result = item.build(tables, moment)
    return result if isinstance(result, Built) else Built(table=result)


@contextmanager
def _inputs(stores: Stores, step: Step) -> Generator[tuple[Session, list[str]]]:
    """A session that sees the step's inputs, and the keys of those that there are."""
    item = step.derivation
    reader = Reader(stores=stores, derivations=derivations(), actor="loop")
    relations: dict[str, Relation] = {"moment": _moment_relation(step.moment)}
    available: list[str] = []
    for key, at in item.inputs.items():
        relation = _relation(reader, at, step=step, key=key)
        if relation is not None:
            relations[key] = relation
            available.append(key)
    levels = [item.inputs[key].table for key in available if reader.is_customer_level(item.inputs[key].table)]
    stores.access.add(Access(at=now(), actor="loop", purpose=item.purpose, table=table) for table in levels)
    with stores.engine.session(relations) as session:
        yield session, available


def _relation(reader: Reader, at: At, *, step: Step, key: str) -> Relation | None:
    """What the build may see of one input; None when it is optional and not there.

    An SQL model sees a missing optional table as an empty one.
    """
    item = step.derivation
    try:
        relation = reader.relation(at.table, purpose=item.purpose, as_of=step.inputs[key])
    except CannotSay:
        if at.optional:
            return _empty(at.table) if item.sql else None
        raise
    if at.table in CANONICAL and not relation.paths and not (at.optional and item.sql):
        if at.optional:
            return None
        if reader.stores.ledger.parts(at.table):
            raise CannotSay("no-history", before=step.inputs[key].date().isoformat())
        raise CannotSay(f"no-{at.table}")
    return relation


def _empty(name: str) -> Relation | None:
    """A table without rows: what its query gives of inputs without rows; None where no query makes it."""
    if name in CANONICAL:
        return Relation(schema=arrow_schema(CANONICAL[name]))
    item = derivations()[name]
    inputs = {key: _empty(at.table) for key, at in item.inputs.items()}
    if not item.sql or None in inputs.values():
        return None
    return Relation(sql=item.sql, inputs={key: found for key, found in inputs.items() if found is not None})


def _moment_relation(moment: Moment) -> Relation:
    offset = utc_offset_seconds(moment.as_of, moment.time_zone)
    columns = {
        "as_of": pa.array([moment.as_of], pa.timestamp("us")),
        "utc_offset_seconds": pa.array([offset], pa.int64()),
    }
    return Relation(rows=pa.table(columns))


class _Tables(Mapping[str, pa.Table]):
    """A build's inputs, each read when first asked for."""

    def __init__(self, session: Session, inputs: Mapping[str, At]) -> None:
        self._session = session
        self._inputs = inputs
        self._read: dict[str, pa.Table] = {}

    def __getitem__(self, key: str) -> pa.Table:
        if key not in self._read:
            wanted = ", ".join(f'"{column}"' for column in self._inputs[key].columns) or "*"
            self._read[key] = self._session.table(f'select {wanted} from "{key}"')
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inputs)

    def __len__(self) -> int:
        return len(self._inputs)
