"""Sources of a workspace: looked at, confirmed, kept in mindgap.toml, read when they changed."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mindgap.backends.duckdb import interruptible
from mindgap.backends.duckdb_import import DuckDBImporter
from mindgap.collect import importing
from mindgap.collect.importing import ImportResult, Inspection, SourceOptions
from mindgap.collect.options import TABLE_KINDS, TableKind
from mindgap.collect.preparing import PreparedSource
from mindgap.kernel.clock import now
from mindgap.kernel.errors import MindgapError, SourceError, StorageError, UsageError
from mindgap.kernel.settings import SourceSettings, WorkspaceSettings, read_settings, write_sources
from mindgap.loop.intake import Arrival, ReadInto, file_stat, intact, is_unchanged, take_in, understanding
from mindgap.store.importing import Importer
from mindgap.store.state import SourceRecord
from mindgap.workspace.live import LIVE_KINDS

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

Hear = Callable[[str], None]
CONNECTOR = "connector:"
"""How mindgap.toml writes a connector where a file's path would stand."""
_TOO_WIDE = (Path("/"), Path.home())
"""Folders that hold things which do not move together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What reading sources came to.

    Attributes:
        records: Sources that were read now.
        unchanged: Names of sources in which nothing is new.
        failures: Why others could not be read, by name; what they gave before is kept.
    """

    records: tuple[SourceRecord, ...] = ()
    unchanged: tuple[str, ...] = ()
    failures: Mapping[str, MindgapError]


def look_at(
    settings: WorkspaceSettings,
    path: str | Path,
    *,
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[list[Inspection], dict[str, MindgapError]]:
    """Look at a file, or at every file of a folder; returns what was understood and what was not, by name."""
    said = source_options(settings, options or {})
    where = Path(path).expanduser()
    if where.is_dir():
        findings = importing.inspect_folder(where, options=said)
        return list(findings.inspections), dict(findings.failures)
    chosen = _table_kind(kind)
    return [importing.inspect(where, kind=chosen, overrides=columns, options=said)], {}


def source_options(settings: WorkspaceSettings, said: Mapping[str, Any]) -> SourceOptions:
    """Options of a source; times without a zone are meant in the workspace's.

    Raises:
        UsageError: No such option, or not such a value.
    """
    known = [field.name for field in fields(SourceOptions)]
    for name in said:
        if name not in known:
            raise UsageError(f"There is no reading option {name!r}.", hint=f"Options: {', '.join(known)}.")
    try:
        return msgspec.convert({"time_zone": settings.time_zone, **said}, SourceOptions)
    except msgspec.ValidationError as error:
        raise UsageError(f"Reading option: {error}.", hint="docs/collect.md lists the options.") from error


def _table_kind(kind: str | None) -> TableKind | None:
    if kind is None:
        return None
    try:
        return msgspec.convert(kind, TableKind)
    except msgspec.ValidationError as error:
        choices = ", ".join(TABLE_KINDS)
        raise UsageError(f"There is no kind of table {kind!r}.", hint=f"Use one of: {choices}.") from error


def keep(workspace: "Desk", inspections: Sequence[Inspection]) -> list[str]:
    """Write how sources are understood into mindgap.toml; returns their names."""
    known = read_settings(workspace.folder).sources
    names = {_absolute(workspace.folder / settings.path): name for name, settings in known.items()}
    kept: dict[str, SourceSettings] = {}
    for inspection in inspections:
        file = _absolute(inspection.path)
        name = names.setdefault(file, _new_name(inspection.path, taken=set(names.values())))
        mapping = inspection.mapping()
        kept[name] = SourceSettings(
            path=_kept_path(workspace.folder, file),
            kind=str(mapping["table"]),
            map=dict(mapping["columns"]),
            options=dict(mapping.get("options", {})),
        )
    if kept:
        write_sources(workspace.folder, kept)
    return list(kept)


def _kept_path(folder: Path, file: Path) -> str:
    """How mindgap.toml names a file: in the workspace or beside it relative to it, so that both can move.

    Links are kept as they are: `latest.csv` may point to another file tomorrow.
    """
    home, path = _absolute(folder), file
    around = home.parent
    if path.is_relative_to(home) or (path.is_relative_to(around) and around not in _TOO_WIDE):
        return Path(os.path.relpath(path, home)).as_posix()
    return str(path)


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.expanduser().absolute()))


def _new_name(file: Path, *, taken: set[str]) -> str:
    """A name for a source, made from the file's name."""
    stem = re.sub(r"[^\w-]+", "-", file.name.split(".")[0], flags=re.UNICODE).strip("-") or "source"
    nth, name = 1, stem
    while name in taken:
        nth += 1
        name = f"{stem}-{nth}"
    return name


def keep_connector(workspace: "Desk", name: str) -> None:
    """Write a connector into mindgap.toml as a source."""
    connector = SourceSettings(path=f"{CONNECTOR}{name}", kind="connector")
    write_sources(workspace.folder, {name: connector})


def read_sources(workspace: "Desk", *, hear: Hear | None = None) -> Intake:
    """Read every source of mindgap.toml that changed; one that cannot be read hinders no other."""
    before = intact(workspace.stores)
    records: list[SourceRecord] = []
    unchanged: list[str] = []
    failures: dict[str, MindgapError] = {}
    declared = read_settings(workspace.folder).sources
    for name, settings in declared.items():
        if settings.kind in LIVE_KINDS:  # these deliver by themselves
            continue
        try:
            for delivery in _deliveries(workspace, name, settings):
                stat, known = file_stat(delivery.file), before.get(delivery.name)
                if is_unchanged(known, stat=stat, understood=delivery.understood):
                    unchanged.append(delivery.name)
                    continue
                if hear:
                    hear(delivery.name)
                records.append(_read(workspace, delivery, stat=stat))
        except StorageError:
            raise
        except MindgapError as error:
            failures[name] = error
    return Intake(records=tuple(records), unchanged=tuple(unchanged), failures=failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    """One file to be read into one table."""

    name: str
    table: str
    file: Path
    understood: str
    read_into: ReadInto


def _read(workspace: "Desk", delivery: _Delivery, *, stat: str) -> SourceRecord:
    arrival = Arrival(
        name=delivery.name,
        table=delivery.table,
        stat=stat,
        understood=delivery.understood,
        read_into=delivery.read_into,
        time_zone=workspace.settings.time_zone,
        at=now(),
    )
    with interruptible():
        return take_in(workspace.stores, arrival)


def _deliveries(workspace: "Desk", name: str, settings: SourceSettings) -> list[_Delivery]:
    if settings.path.startswith(CONNECTOR):
        return _from_connector(workspace, settings.path.removeprefix(CONNECTOR))
    path = workspace.folder / settings.path
    if not path.exists():
        hint = "What it gave before is kept. Correct its path in mindgap.toml, or remove the source."
        raise SourceError(f"Source {name!r}: there is no file {settings.path}.", hint=hint)
    importer = _importer(workspace)

    def read_into(staging: Path, existing: tuple[Path, ...]) -> ImportResult:
        inspection = importing.inspect(
            path,
            kind=_table_kind(settings.kind),
            overrides=settings.map,
            options=source_options(workspace.settings, settings.options),
        )
        return importing.read(
            inspection, importer=importer, staging_dir=staging, now=now(), existing_parts=existing
        )

    understood = understanding([settings.kind, settings.map, settings.options, workspace.settings.time_zone])
    return [_Delivery(name=name, table=settings.kind, file=path, understood=understood, read_into=read_into)]


def _from_connector(workspace: "Desk", name: str) -> list[_Delivery]:
    try:
        connector = import_module(f"mindgap.collect.connectors.{name}")
    except ModuleNotFoundError as error:
        raise SourceError(f"There is no connector {name!r}.", hint="Correct it in mindgap.toml.") from error
    prepared: tuple[PreparedSource, ...] = connector.sources()
    importer = _importer(workspace)
    return [_prepared_delivery(one, importer) for one in prepared]


def _prepared_delivery(prepared: PreparedSource, importer: Importer) -> _Delivery:
    def read_into(staging: Path, existing: tuple[Path, ...]) -> ImportResult:
        return importing.bring_in(
            prepared, importer=importer, staging_dir=staging, now=now(), existing_parts=existing
        )

    return _Delivery(
        name=prepared.name,
        table=prepared.reading.kind,
        file=prepared.source.path,
        understood=understanding(dict(prepared.mapping)),
        read_into=read_into,
    )


def _importer(workspace: "Desk") -> Importer:
    return DuckDBImporter(memory_limit=f"{workspace.settings.memory_limit_mb}MB")
