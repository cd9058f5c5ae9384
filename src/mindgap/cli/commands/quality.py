"""How good the data is: figures, and what the cleaning rules dropped."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from mindgap.cli.output import AsJson, Folder, console, print_dicts, print_json
from mindgap.cli.words import reason_text

_SHARE_DIGITS = 1


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="How good the data is: figures, and what was dropped and why.")
    group.callback(invoke_without_command=True)(quality)
    group.command()(rules)
    app.add_typer(group, name="quality")


def quality(
    context: typer.Context,
    directory: Folder = ".",
    all_figures: Annotated[bool, typer.Option("--all", help="Also the figures that are well.")] = False,
    as_json: AsJson = False,
) -> None:
    """How good the data is: figures, and what was dropped and why."""
    if context.invoked_subcommand is not None:
        return
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

    found = open_workspace(directory, actor="cli", create=False).quality()
    if as_json:
        print_json(found)
        return
    for reason in found["reasons"]:
        console.print(reason_text(reason["code"], reason["params"]))
    _print_dropped(found["rules"])
    shown = found["figures"] if all_figures else found["notices"]
    if shown:
        console.print(reason_text("quality-cli-figures", {}))
        print_dicts([_line(row) for row in shown])
    elif found["figures"]:
        console.print(reason_text("quality-cli-well", {"n": len(found["figures"])}))


def rules(directory: Folder = ".", as_json: AsJson = False) -> None:
    """The cleaning rules: what each drops, whether it is on, and its figures."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    states = open_workspace(directory, actor="cli", create=False).cleaning_rules()
    if as_json:
        print_json(states)
        return
    print_dicts(
        [
            {
                "rule": one["rule"],
                "table": one["table"],
                "on": one["is_on"],
                "figures": ", ".join(f"{name} = {figure:g}" for name, figure in one["options"].items()),
                "drops": reason_text(f"process-rule-{one['rule']}", {}),
            }
            for one in states
        ]
    )
    console.print(reason_text("quality-cli-switch", {}))


def _print_dropped(states: Sequence[Mapping[str, Any]]) -> None:
    dropped = [one for one in states if one["dropped"]]
    if not dropped:
        console.print(reason_text("quality-cli-nothing", {}))
        return
    print_dicts(
        [
            {
                "dropped by": one["rule"],
                "table": one["table"],
                "rows": one["dropped"],
                "sources": ", ".join(one["by_source"]),
                "why": reason_text(f"process-rule-{one['rule']}", {}),
            }
            for one in dropped
        ]
    )


def _line(row: Mapping[str, Any]) -> Mapping[str, Any]:
    value = row["value"]
    if value is not None and row["dimension"] not in {"freshness", "drift"}:
        value = f"{100 * value:.{_SHARE_DIGITS}f} %"
    return {
        "day": f"{row['day']}",
        "source": row["source"],
        "table": row["table_name"],
        "dimension": row["dimension"],
        "about": row["about"].removeprefix("properties:"),
        "value": value,
        "status": row["status"],
        "why": reason_text(row["code"], row["params"]),
    }
