"""Sources of a workspace: looked at, confirmed, kept in mindgap.toml, read when they changed."""

import os
import re
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mindgap.collect.events.stream_options import EVENT_KINDS
from mindgap.collect.files import importing
from mindgap.collect.files.importing import Inspection
from mindgap.kernel.clock import now
from mindgap.kernel.errors import MindgapError, StorageError
from mindgap.kernel.settings import SourceSettings, WorkspaceSettings, read_settings, write_sources
from mindgap.loop.intake import Arrival, intact, is_unchanged, take_in
from mindgap.store.state import SourceRecord
from mindgap.workspace.databases import is_database, is_same, look_at_database, settings_of
from mindgap.workspace.deliveries import CONNECTOR, Delivery, deliveries
from mindgap.workspace.reading_options import source_options, table_kind

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

Hear = Callable[[str], None]
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


def reading_of(record: SourceRecord) -> dict[str, Any]:
    """What reading a source came to, for programs."""
    return {
        "name": record.name,
        "table": record.table,
        "read": record.rows_read,
        "used": record.rows_used,
        "quarantined": record.rows_quarantined,
        "duplicates": record.rows_duplicate,
        "suppressed": record.rows_suppressed,
        "quarantined_by_reason": dict(record.reasons),
        "notes": list(record.notes),
    }


def look_at(
    settings: WorkspaceSettings,
    path: str | Path,
    *,
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[list[Inspection], dict[str, MindgapError]]:
    """Look at a file, a folder's files or a database: what was understood and what was not, by name."""
    if is_database(path):
        found = look_at_database(settings, str(path), kind=kind, columns=columns, options=options)
        return [found], {}
    said = source_options(settings, options or {})
    where = Path(path).expanduser()
    if where.is_dir():
        findings = importing.inspect_folder(where, options=said)
        return list(findings.inspections), dict(findings.failures)
    chosen = table_kind(kind)
    return [importing.inspect(where, kind=chosen, overrides=columns, options=said)], {}


def keep(workspace: "Desk", inspections: Sequence[Inspection]) -> list[str]:
    """Write how sources are understood into mindgap.toml; returns their names."""
    known = read_settings(workspace.folder).sources
    names = {_absolute(workspace.folder / settings.path): name for name, settings in known.items()}
    kept: dict[str, SourceSettings] = {}
    for inspection in inspections:
        if inspection.origin is not None:
            taken = {*known, *kept}
            same = (name for name, one in known.items() if is_same(one, inspection.origin))
            name = next(same, None) or _new_name(inspection.path, taken=taken)
            kept[name] = settings_of(inspection, inspection.origin)
            continue
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


def read_sources(
    workspace: "Desk", *, hear: Hear | None = None, only: Collection[str] | None = None
) -> Intake:
    """Read every source of tables that changed, or some by name; one that cannot be read hinders no other."""
    reading = _Reading(workspace, hear)
    for name, settings in read_settings(workspace.folder).sources.items():
        if settings.kind not in EVENT_KINDS and (only is None or name in only):
            reading.read(name, settings)
    return Intake(
        records=tuple(reading.records), unchanged=tuple(reading.unchanged), failures=reading.failures
    )


class _Reading:
    """One pass over sources."""

    def __init__(self, workspace: "Desk", hear: Hear | None) -> None:
        self.records: list[SourceRecord] = []
        self.unchanged: list[str] = []
        self.failures: dict[str, MindgapError] = {}
        self._workspace = workspace
        self._hear = hear
        self._before = intact(workspace.stores)

    def read(self, name: str, settings: SourceSettings) -> None:
        """Read what a source has to give, unless it is switched off."""
        if settings.options.get("enabled") is False:
            return
        with self._kept_apart(name):
            for delivery in deliveries(self._workspace, name, settings):
                with self._kept_apart(delivery.name):
                    self._take(delivery)

    def _take(self, delivery: Delivery) -> None:
        known = self._before.get(delivery.name)
        if is_unchanged(known, stat=delivery.stat, understood=delivery.understood):
            self.unchanged.append(delivery.name)
            return
        if self._hear:
            self._hear(delivery.name)
        self.records.append(_read(self._workspace, delivery))

    @contextmanager
    def _kept_apart(self, name: str) -> Generator[None]:
        """What goes wrong here is kept; a disk that refuses to write ends it all."""
        try:
            yield
        except StorageError:
            raise
        except MindgapError as error:
            self.failures[name] = error


def _read(workspace: "Desk", delivery: Delivery) -> SourceRecord:
    arrival = Arrival(
        name=delivery.name,
        table=delivery.table(),
        stat=delivery.stat,
        understood=delivery.understood,
        read_into=delivery.read_into,
        time_zone=workspace.settings.time_zone,
        at=now(),
    )
    return take_in(workspace.stores, arrival)
