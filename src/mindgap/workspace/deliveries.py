"""What a source of mindgap.toml gives: a file, a connector's tables, a folder's files, a database's rows."""

import re
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mindgap.backends.database import anchored, open_database
from mindgap.backends.duckdb_import import DuckDBImporter
from mindgap.collect.connectors import folder as folders
from mindgap.collect.connectors import sql
from mindgap.collect.files import importing
from mindgap.collect.files.importing import ImportResult, Inspection, inspect_found
from mindgap.collect.files.landing import Landing, found_in
from mindgap.collect.files.preparing import PreparedSource
from mindgap.collect.files.table_options import table_options
from mindgap.kernel.clock import now
from mindgap.kernel.errors import SourceError
from mindgap.kernel.settings import SourceSettings, read_settings
from mindgap.loop.erasing import Erasing
from mindgap.loop.erasing_derived import erase_landed
from mindgap.loop.intake import ReadInto, file_stat, understanding
from mindgap.loop.sealing import ImportSeals
from mindgap.store.suppression import Name
from mindgap.workspace.reading_options import source_options, table_kind

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

CONNECTOR = "connector:"
"""How mindgap.toml writes a connector where a file's path would stand."""
_LANDING = "landing"
_NOT_IN_NAMES = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Something to be read into one table.

    Attributes:
        name: What the ledger calls it.
        table: The table; to know it, one may have to look at what was delivered.
        stat: What tells that it is the same as last time.
        understood: What tells that it is understood in the same way.
        read_into: Reads it.
    """

    name: str
    table: Callable[[], str]
    stat: str
    understood: str
    read_into: ReadInto


def deliveries(workspace: "Desk", name: str, settings: SourceSettings) -> list[Delivery]:
    """What a source has to give now; what it gave before may be among it.

    Raises:
        SourceError: It is not there, or cannot be reached.
        SettingsError: What mindgap.toml says of it cannot be right.
    """
    if settings.path.startswith(CONNECTOR):
        return _from_connector(workspace, settings.path.removeprefix(CONNECTOR))
    match settings.kind:
        case "sql":
            return _from_database(workspace, name, settings)
        case "folder":
            return _from_folder(workspace, name, settings)
        case _:
            return [_from_file(workspace, name, settings)]


def _from_file(workspace: "Desk", name: str, settings: SourceSettings) -> Delivery:
    path = workspace.folder / settings.path
    if not path.exists():
        hint = "What it gave before is kept. Correct its path in mindgap.toml, or remove the source."
        raise SourceError(f"Source {name!r}: there is no file {settings.path}.", hint=hint)
    return _file(workspace, name, path, settings=settings)


def _file(workspace: "Desk", name: str, path: Path, *, settings: SourceSettings) -> Delivery:
    inspect = partial(
        importing.inspect,
        path,
        kind=table_kind(settings.kind),
        overrides=settings.map,
        options=source_options(workspace.settings, settings.options),
    )
    return Delivery(
        name=name,
        table=lambda: settings.kind or inspect().recognition.kind,
        stat=file_stat(path),
        understood=understanding(
            [settings.kind, settings.map, settings.options, workspace.settings.time_zone]
        ),
        read_into=_reader(workspace, inspect),
    )


def _reader(workspace: "Desk", inspect: Callable[[], Inspection]) -> ReadInto:
    def read_into(staging: Path, existing: tuple[Path, ...]) -> ImportResult:
        return importing.read(
            inspect(),
            importer=_importer(workspace),
            staging_dir=staging,
            now=now(),
            existing_parts=existing,
        )

    return read_into


def _from_folder(workspace: "Desk", name: str, settings: SourceSettings) -> list[Delivery]:
    options = table_options(name, settings.options, folders.OPTIONS)
    folder = workspace.folder / settings.path
    as_file = msgspec.structs.replace(settings, kind=options.fills or "", options=options.reading)
    return [
        _file(workspace, f"{name}/{path.relative_to(folder).as_posix()}", path, settings=as_file)
        for path in folders.settled_files(folder, options, at=now())
    ]


def _from_database(workspace: "Desk", name: str, settings: SourceSettings) -> list[Delivery]:
    options = table_options(name, settings.options, sql.OPTIONS)
    landing = _land(workspace, name, settings)
    reading = source_options(workspace.settings, options.reading)
    if not landing.files():
        return []

    def inspect() -> Inspection:
        return inspect_found(
            Path(name), found_in(landing), kind=options.fills, overrides=settings.map, options=reading
        )

    said = [options.fills, options.key, settings.map, options.reading, workspace.settings.time_zone]
    return [
        Delivery(
            name=name,
            table=lambda: options.fills or inspect().recognition.kind,
            stat=landing.stat(),
            understood=understanding(said),
            read_into=_reader(workspace, inspect),
        )
    ]


def _land(workspace: "Desk", name: str, settings: SourceSettings) -> Landing:
    """Fetch what is new in a database; what has landed stays when the rest cannot be fetched."""
    options = table_options(name, settings.options, sql.OPTIONS)
    files, address = workspace.stores.files, sql.address_of(settings.path, options)
    only = sql.needed_columns(options, settings.map.values())
    origin = understanding([settings.path, options.table, options.select, options.cursor, only])
    relative = f"{_landing_of(name)}/{origin}"
    landing = Landing(
        folder=files.path(relative), cursor=options.cursor, key=options.key, cipher=workspace.stores.cipher
    )
    anchor = replace(address, url=anchored(address.url, workspace.folder))
    with open_database(anchor) as database, files.staging() as staging:
        chosen = sql.wanted(database, options)
        before = {path.name for path in landing.files()}
        fetched: set[str] = set()
        for path in sql.land(database, chosen, landing, staging=staging, only=only):
            fetched.add(path.name)
            if options.cursor:
                files.adopt(path, f"{relative}/{path.name}")
        if not options.cursor and fetched != before:
            files.adopt(staging, relative)
    _forget_others(landing.folder)
    return landing


def _forget_others(folder: Path) -> None:
    """Delete what landed while the source was declared otherwise."""
    for other in folder.parent.glob("*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def forget(workspace: "Desk", name: str) -> None:
    """Delete what has landed of a source; what was made of it stays."""
    shutil.rmtree(workspace.stores.files.path(_landing_of(name)), ignore_errors=True)


def _landing_of(name: str) -> str:
    """The folder of a source; a name that leads elsewhere does not."""
    plain = _NOT_IN_NAMES.sub("_", name)
    return f"{_LANDING}/{plain}" if plain == name else f"{_LANDING}/{plain}-{understanding(name)}"


def _from_connector(workspace: "Desk", name: str) -> list[Delivery]:
    try:
        connector = import_module(f"mindgap.collect.connectors.{name}")
    except ModuleNotFoundError as error:
        raise SourceError(f"There is no connector {name!r}.", hint="Correct it in mindgap.toml.") from error
    prepared: tuple[PreparedSource, ...] = connector.sources()
    return [_prepared_delivery(workspace, one) for one in prepared]


def _prepared_delivery(workspace: "Desk", prepared: PreparedSource) -> Delivery:
    def read_into(staging: Path, existing: tuple[Path, ...]) -> ImportResult:
        return importing.bring_in(
            prepared,
            importer=_importer(workspace),
            staging_dir=staging,
            now=now(),
            existing_parts=existing,
        )

    return Delivery(
        name=prepared.name,
        table=lambda: prepared.reading.kind,
        stat=file_stat(prepared.source.path),
        understood=understanding(dict(prepared.mapping)),
        read_into=read_into,
    )


def _forgotten(workspace: "Desk", customer_ids: Sequence[str]) -> Collection[str]:
    """Which of these are forgotten; what a database just gave again of them is taken out of its copy."""
    stores = workspace.stores
    names = stores.suppression.on_list([Name("customer", text) for text in customer_ids])
    if names:
        erase_landed(Erasing(stores=stores, names=names, time_zone=workspace.settings.time_zone))
    return {name.text for name in names}


def _importer(workspace: "Desk") -> DuckDBImporter:
    region = read_settings(workspace.folder).identity.region
    return DuckDBImporter(
        memory_limit=f"{workspace.settings.memory_limit_mb}MB",
        seals=ImportSeals(workspace.stores.keys, region),
        cipher=workspace.stores.cipher,
        forgotten=None if workspace.stores.suppression.is_empty() else partial(_forgotten, workspace),
    )
