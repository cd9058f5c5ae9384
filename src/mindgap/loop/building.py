"""Builds one step: binds its inputs as of their moments, runs it, and puts the result on the shelf."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from traceback import extract_tb
from typing import Any

import pyarrow as pa

from mindgap.kernel.clock import now
from mindgap.kernel.derivation import At, Built, Derivation, Moment
from mindgap.kernel.errors import CannotSay, MindgapError
from mindgap.kernel.large_models import LargeBuilt, Mapped
from mindgap.loop.days import build_days, rows_of
from mindgap.loop.offered import derivations
from mindgap.loop.planning import Step
from mindgap.store.circumstances import moment_relation
from mindgap.store.engine import LargeSession, Session
from mindgap.store.reading import Reader, Scope, Stores
from mindgap.store.state import Access, ModelEntry, ShelfEntry

FAILED = "build-failed"
"""Reason code of a table whose build broke; it is tried again by every run."""


def build(stores: Stores, step: Step) -> ShelfEntry:
    """Build one table and put it on the shelf with its models, or the reason why it cannot be said.

    A build that breaks on an error of its own takes only its own table away: the reason names the kind
    of error and the place, never its text, which may hold personal data.
    """
    if step.derivation.form == "days":
        return build_together(stores, [step])[0]
    began = time.perf_counter()
    relative = f"shelf/{step.derivation.name}/{step.moment.as_of:%Y%m%dT%H%M%S}-{step.fingerprint}.parquet"
    reason: dict[str, Any] = {}
    models: list[ModelEntry] = []
    rows = 0
    with stores.files.staging() as staging:
        try:
            rows = _produce(stores, step, staging=staging, relative=relative, models=models)
        except CannotSay as answer:
            reason = _reason(step, answer)
        except (MindgapError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - one broken model must not take the others away
            reason = _reason(step, error)
        entry = _entry(step, reason, rows=rows, seconds=time.perf_counter() - began)
        entry = replace(entry, path="" if reason else relative)
        stores.manifest.keep(entry, models)
    return entry


def build_together(
    stores: Stores, steps: Sequence[Step], *, begins: Callable[[Step], None] = lambda _: None
) -> list[ShelfEntry]:
    """Build tables that are kept by day as of one moment, or say why they cannot be; errors as of `build`.

    Args:
        stores: The workspace's ports.
        steps: The tables, each after those that it follows from.
        begins: Hears which table is worked on.
    """
    entries: list[ShelfEntry] = []
    with stores.files.staging() as staging:
        works = build_days(stores, steps, staging=staging, begins=begins)
    for work in works:
        reason: dict[str, Any] = {}
        if work.error is not None:
            origin = next(one.step for one in works if one.error is work.error)
            reason = _reason(origin, work.error)
        rows = 0 if reason else rows_of(stores, work.step)
        entries.append(_entry(work.step, reason, rows=rows, seconds=work.seconds))
        stores.manifest.keep(entries[-1])
    return entries


def _reason(step: Step, error: Exception) -> dict[str, Any]:
    if isinstance(error, CannotSay):
        return {"code": error.code, "params": error.params}
    return {"code": FAILED, "params": _describe(step, error)}


def _entry(step: Step, reason: dict[str, Any], *, rows: int, seconds: float) -> ShelfEntry:
    return ShelfEntry(
        name=step.derivation.name,
        as_of=step.moment.as_of,
        fingerprint="" if reason.get("code") == FAILED else step.fingerprint,
        path="",
        rows=rows,
        built_at=now(),
        seconds=seconds,
        reason=reason,
    )


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
            result = _result(step, session, available)
            rows = _write(result.table, target, stores=stores, session=session)
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


def _result(step: Step, session: Session, available: list[str]) -> Built | LargeBuilt:
    """What the build gives; it runs where the data is, when that is too much for memory."""
    item, moment = step.derivation, step.moment
    if item.large is not None and isinstance(session, LargeSession):
        counted = " union all ".join(f'select count(*) as n from "{key}"' for key in available)
        rows = session.table(f"select max(n) as n from ({counted}) as c")["n"][0].as_py()
        if rows > session.rows_in_memory:
            return item.large(session.models, moment)
    return _call(item, _Tables(session, {key: item.inputs[key] for key in available}), moment)


def _write(table: pa.Table | Mapped, target: Path, *, stores: Stores, session: Session) -> int:
    if isinstance(table, Mapped) and isinstance(session, LargeSession):
        return session.models.map_batches(table, target)
    if isinstance(table, Mapped):
        raise MindgapError("The engine cannot make a table of batches of rows.")
    stores.files.write_table(table, target)
    return table.num_rows


def _call(item: Derivation, tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    if item.build is None:
        raise MindgapError(f"Table {item.name!r} has neither a query nor a build function.")
    result = item.build(tables, moment)
    return result if isinstance(result, Built) else Built(table=result)


@contextmanager
def _inputs(stores: Stores, step: Step) -> Generator[tuple[Session, list[str]]]:
    """A session that sees the step's inputs, and the keys of those that there are."""
    item, moment = step.derivation, step.moment
    reader = Reader(stores=stores, derivations=derivations(), actor="loop", time_zone=moment.time_zone)
    scope = Scope(purpose=item.purpose, as_of=moment.as_of)
    found = {key: reader.input(item, key, scope) for key in item.inputs}
    relations = {key: relation for key, relation in found.items() if relation is not None}
    tables = [item.inputs[key].table for key in relations]
    levels = [table for table in tables if reader.is_customer_level(table)]
    stores.access.add(Access(at=now(), actor="loop", purpose=item.purpose, table=table) for table in levels)
    beside = {"moment": moment_relation(moment.as_of, moment.time_zone)}
    with stores.engine.session({**beside, **relations}) as session:
        yield session, list(relations)


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
