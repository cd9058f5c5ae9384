"""How good the data is: figures, and what the cleaning rules dropped."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.padding import Padding
from rich.text import Text

from mindgap.cli.output import AsJson, Folder, console, print_dicts, print_json
from mindgap.cli.words import Speaker

_SHARE_DIGITS = 1
_PROPERTIES = "properties:"


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

    workspace = open_workspace(directory, actor="cli", create=False)
    found = workspace.quality()
    if as_json:
        print_json(found)
        return
    speak = Speaker(workspace)
    for reason in found["reasons"]:
        console.print(speak.reason(reason))
    _print_dropped(speak, found["rules"])
    for row in found["clocks"]:
        console.print(speak("quality-clocks", **row))
    for row in found["later"]:
        figures = {"as_of": _moment(found["as_of"]), "latest": _moment(row["latest_at"])}
        console.print(speak("quality-later", source=row["source"], n=row["events"], **figures))
    _print_notices(speak, found["notices"])
    if all_figures and found["figures"]:
        console.print(speak("quality-cli-figures"))
        print_dicts([_line(speak, row) for row in found["figures"]], wished=speak.language)
    elif found["figures"] and not found["notices"]:
        console.print(speak("quality-cli-well", n=len(found["figures"])))


def rules(directory: Folder = ".", as_json: AsJson = False) -> None:
    """The cleaning rules: what each drops, whether it is on, and its figures."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    states = workspace.cleaning_rules()
    if as_json:
        print_json(states)
        return
    speak = Speaker(workspace)
    print_dicts(
        [
            {
                "rule": one["rule"],
                "table": speak.name("table", one["table"]),
                "on": one["is_on"],
                "figures": ", ".join(f"{name} = {figure:g}" for name, figure in one["options"].items()),
                "drops": speak(f"process-rule-{one['rule']}"),
            }
            for one in states
        ],
        wished=speak.language,
    )
    console.print(speak("quality-cli-switch"))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _print_dropped(speak: Speaker, states: Sequence[Mapping[str, Any]]) -> None:
    dropped = [one for one in states if one["dropped"]]
    if not dropped:
        console.print(speak("quality-cli-nothing"))
        return
    print_dicts(
        [
            {
                "dropped by": one["rule"],
                "table": speak.name("table", one["table"]),
                "rows": one["dropped"],
                "sources": ", ".join(map(speak.source, one["by_source"])),
                "why": speak(f"process-rule-{one['rule']}"),
            }
            for one in dropped
        ],
        wished=speak.language,
    )


def _print_notices(speak: Speaker, notices: Sequence[Mapping[str, Any]]) -> None:
    if notices:
        console.print(speak("quality-cli-notices"))
    for row in notices:
        about = _about(speak, row)
        if not row["about"].startswith(_PROPERTIES):
            about = f"{speak.name('quality-dimension', row['dimension'])}, {about}"
        table = speak.name("table", row["table_name"])
        source = speak.source(row["source"])
        what = {"day": f"{row['day']}", "table": table, "source": source, "about": about}
        state = speak(f"console-quality-status-{row['status']}")
        console.print(f"{state} · {speak('quality-cli-notice', **what)}", markup=False)
        console.print(Padding(Text(speak.reason(row)), (0, 0, 0, 2)))


def _about(speak: Speaker, row: Mapping[str, Any]) -> str:
    return speak.name("about", row["about"].removeprefix(_PROPERTIES))


def _line(speak: Speaker, row: Mapping[str, Any]) -> Mapping[str, Any]:
    value = row["value"]
    if value is not None and row["dimension"] not in {"freshness", "drift"}:
        value = f"{100 * value:.{_SHARE_DIGITS}f} %"
    return {
        "day": f"{row['day']}",
        "source": speak.source(row["source"]),
        "table": speak.name("table", row["table_name"]),
        "dimension": speak.name("quality-dimension", row["dimension"]),
        "about": _about(speak, row),
        "value": value,
        "status": speak.name("quality-state", row["status"]),
        "why": speak.reason(row),
    }
