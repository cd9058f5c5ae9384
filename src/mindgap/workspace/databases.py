"""Looking at a database before its rows are brought in."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from mindgap.backends.database import anchored, open_database
from mindgap.collect.connectors import sql
from mindgap.collect.files.formats import SAMPLE_ROWS
from mindgap.collect.files.importing import Inspection, inspect_found
from mindgap.collect.files.landing import Landing, found_in, write
from mindgap.kernel.errors import UsageError
from mindgap.kernel.settings import SourceSettings, WorkspaceSettings
from mindgap.workspace.reading_options import source_options, table_kind


def is_database(path: str | Path) -> bool:
    """Whether a database is meant rather than a file.

    >>> is_database("postgresql://shop@db/orders"), is_database("orders.csv")
    (True, False)
    """
    return "://" in str(path)


def look_at_database(
    settings: WorkspaceSettings,
    url: str,
    *,
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Inspection:
    """Look at the first rows of a table; see `mindgap.workspace.sources.look_at`."""
    known = sql.OPTIONS.__struct_fields__
    said = {name: value for name, value in (options or {}).items() if name in known}
    reading = {name: value for name, value in (options or {}).items() if name not in known}
    here = anchored(url, Path.cwd())
    wished = _options({**said, **({"fills": table_kind(kind)} if kind else {})})
    with (
        open_database(sql.address_of(here, wished)) as database,
        TemporaryDirectory(prefix="mindgap-look-") as folder,
    ):
        chosen = sql.wanted(database, wished)
        landing = Landing(folder=Path(folder) / chosen.called)
        landing.folder.mkdir()
        for _file in write(sql.sample(database, chosen, limit=SAMPLE_ROWS), landing, landing.folder):
            pass
        found = found_in(landing)
    inspection = inspect_found(
        Path(chosen.called),
        found,
        kind=table_kind(kind),
        overrides=columns,
        options=source_options(settings, reading),
    )
    kept = {**said, **({"table": chosen.table} if chosen.table else {})}
    return replace(inspection, origin=SourceSettings(kind="sql", path=here, options=_plain(chosen, kept)))


def _options(said: Mapping[str, Any]) -> sql.OPTIONS:
    """Options as they were typed: a list may be typed with commas.

    Raises:
        UsageError: Not such a value.
    """
    key = said.get("key")
    split = {"key": [one.strip() for one in key.split(",")]} if isinstance(key, str) else {}
    try:
        return msgspec.convert({**said, **split}, sql.OPTIONS, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"Option of a database: {error}.", hint="docs/connectors.md lists them.") from error


def _plain(chosen: sql.OPTIONS, names: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(chosen)
    return {name: values[name] for name in names}


def settings_of(inspection: Inspection, origin: SourceSettings) -> SourceSettings:
    """How mindgap.toml keeps a database as it was understood."""
    mapping = inspection.mapping()
    options = {**origin.options, "fills": str(mapping["table"])}
    if mapping.get("options"):
        options["reading"] = dict(mapping["options"])
    return SourceSettings(kind=origin.kind, path=origin.path, map=dict(mapping["columns"]), options=options)


def is_same(one: SourceSettings, other: SourceSettings) -> bool:
    """Whether both read the same rows of the same database."""
    asked = ("table", "select")
    return (
        one.kind == other.kind
        and one.path == other.path
        and all(one.options.get(name) == other.options.get(name) for name in asked)
    )
