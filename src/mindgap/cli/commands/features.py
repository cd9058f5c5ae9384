"""The catalogue of features: what each means, and what the data say of it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mindgap.cli.output import AsJson, Folder, console, head, print_dicts, print_json
from mindgap.cli.words import language
from mindgap.kernel.words import say

if TYPE_CHECKING:
    from mindgap.workspace.features import FeatureFigures


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(features)


def features(
    name: Annotated[str, typer.Argument(help="One feature, or TABLE.NAME; all by default.")] = "",
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """What is known of customers as figures: meaning, unit, window, coverage and distribution."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

    workspace = open_workspace(directory, actor="cli", create=False)
    found = workspace.features(name)
    wished = language(workspace.settings.language)
    if as_json:
        print_json([_document(one, wished) for one in found])
    elif name:
        for one in found:
            _print_one(one, wished, workspace.settings.currency)
    else:
        for table in dict.fromkeys(one.entry.table for one in found):
            rows = [_row(one, wished) for one in found if one.entry.table == table]
            print_dicts(rows, title=table, wished=wished)
            console.print()


def _document(one: "FeatureFigures", wished: str) -> dict[str, Any]:
    said = asdict(one)
    return {**said.pop("entry"), "meaning": say(one.entry.code, wished), **said}


def _row(one: "FeatureFigures", wished: str) -> dict[str, Any]:
    share = "–" if one.coverage is None else f"{one.coverage:.0%}"
    return {"feature": one.entry.name, "known": share, "meaning": say(one.entry.code, wished)}


def _print_one(one: "FeatureFigures", wished: str, currency: str) -> None:
    entry = one.entry
    told = {
        "meaning": say(entry.code, wished),
        "table": entry.table,
        "unit": say(f"feature-unit-{entry.unit}", wished, {"currency": currency}),
        "window": say(entry.window, wished, {"days": entry.days}),
        "worked out": say("feature-online-yes" if entry.online else "feature-online-no", wished),
        "purpose": entry.purpose.value,
        "made of": ", ".join(entry.sources),
        "used by": ", ".join(one.used_by) or "–",
        "known in": "–"
        if one.coverage is None
        else say("cli-share-of-rows", wished, {"share": one.coverage, "rows": one.rows}),
        "5/25/50/75/95 %": " / ".join(f"{value:.4g}" for value in one.quantiles) or "–",
    }
    print_dicts([{"": head(key, wished), entry.name: value} for key, value in told.items()])
