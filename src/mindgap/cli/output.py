"""What commands print: JSON for programs, tables for people."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mindgap.kernel.words import codes, say

if TYPE_CHECKING:
    import pyarrow as pa

_NAME = 32
"""Letters of the first column that are not broken, however narrow the terminal is."""
_NO_NAME = re.compile(r"[^a-z0-9]+")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Folder = Annotated[str, typer.Option("--dir", "-d", help="The workspace folder.", envvar="MINDGAP_DIR")]

# square brackets and colons in names are text, never markup
console = Console(markup=False, emoji=False)
errors = Console(stderr=True, markup=False, emoji=False)


def print_json(value: Any) -> None:
    """Print one JSON document; a figure that is no number becomes null."""
    typer.echo(json.dumps(_finite(value), ensure_ascii=False, default=_plain, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def print_rows(table: "pa.Table", *, title: str, as_json: bool, limit: int = 30, wished: str = "en") -> None:
    """Print a table: all of it as JSON, or the first rows for a person, in the wished language."""
    rows = table.to_pylist()
    if as_json:
        print_json(rows)
        return
    print_dicts(rows[:limit], title=title, wished=wished)
    if len(rows) > limit:
        console.print(say("cli-rows-more", wished, {"rows": len(rows) - limit}), style="dim")


def print_dicts(rows: Sequence[Mapping[str, Any]], *, title: str = "", wished: str = "en") -> None:
    """Print rows of the same keys as a table, in the wished language."""
    if not rows:
        console.print(say("cli-empty", wished), style="dim")
        return
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    longest = max(len(cell(next(iter(row.values())))) for row in rows)
    for place, (key, value) in enumerate(rows[0].items()):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        whole = place == 0 and longest <= _NAME
        table.add_column(
            head(key, wished), justify="right" if number else "left", overflow="fold", no_wrap=whole
        )
    for row in rows:
        table.add_row(*(cell(value, wished) for value in row.values()))
    console.print(table)


def head(column: str, wished: str) -> str:
    """What a column is called; one without a name in the catalogue is called as it is.

    >>> head("beats it", "zh"), head("beats it", "en"), head("recency_days", "zh")
    ('优于基线', 'beats it', 'recency_days')
    """
    code = f"cli-column-{_NO_NAME.sub('-', column.lower()).strip('-')}"
    return say(code, wished) if code in codes(wished) else column


def cell(value: Any, wished: str = "en") -> str:
    """One value as a person reads it."""
    match value:
        case None:
            text = "–"
        case bool():
            text = say("cli-yes" if value else "cli-no", wished)
        case int():
            text = f"{value:,}"
        case float():
            text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004 - thousands
        case list() | tuple():
            text = " + ".join(str(item) for item in value)
        case datetime():
            text = f"{value:%Y-%m-%d %H:%M} UTC"
        case _:
            text = str(value)
    return text
