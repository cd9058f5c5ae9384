"""What people say about sources, checked: reading options and kinds of tables."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec

from mindgap.collect.files.options import TABLE_KINDS, SourceOptions, TableKind
from mindgap.kernel.errors import UsageError
from mindgap.kernel.settings import WorkspaceSettings


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


def table_kind(kind: str | None) -> TableKind | None:
    """The kind of table of that name; None to find out.

    Raises:
        UsageError: There is none.
    """
    if not kind:
        return None
    try:
        return msgspec.convert(kind, TableKind)
    except msgspec.ValidationError as error:
        choices = ", ".join(TABLE_KINDS)
        raise UsageError(f"There is no kind of table {kind!r}.", hint=f"Use one of: {choices}.") from error
