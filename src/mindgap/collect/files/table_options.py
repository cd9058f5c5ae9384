"""What sources that deliver tables by themselves may be told: [sources.NAME.options] in mindgap.toml."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from mindgap.collect.files.options import TableKind
from mindgap.kernel.errors import SettingsError

Options = TypeVar("Options", bound="TableOptions")
TABLE_FEEDS = ("sql", "folder")
"""Kinds of sources that deliver tables by themselves."""


class TableOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options that each of them has.

    Attributes:
        enabled: Whether it is read at all.
        fills: The table that it fills: orders, customers, products, exposures or feedback; found out by
            default.
        every_s: How long the worker waits between two readings, in seconds.
        reading: How its cells are read: time_zone, day_first, amount_is, ... as for a file.
    """

    enabled: bool = True
    fills: TableKind | None = None
    every_s: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    reading: dict[str, Any] = msgspec.field(default_factory=dict)


def table_options(name: str, said: Mapping[str, Any], kind: type[Options]) -> Options:
    """The options of a source, checked.

    Raises:
        SettingsError: An option is unknown or out of range.
    """
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"Source {name!r} in mindgap.toml: {error}.", hint="docs/connectors.md lists the options."
        ) from error
