"""Commands that say how the workspace is: status and doctor."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from mindgap.cli.data_scale import SOURCE_FIGURES, scale_lines
from mindgap.cli.extras import extra_checks
from mindgap.cli.file_health import file_checks
from mindgap.cli.health import check
from mindgap.cli.output import AsJson, Folder, console, print_dicts, print_json
from mindgap.cli.words import Speaker

if TYPE_CHECKING:
    from mindgap.workspace import Workspace

_LEAST_FREE_GB = 1.0


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (status, doctor):
        app.command()(command)


def status(directory: Folder = ".", as_json: AsJson = False) -> None:
    """What is fresh, what was read, and what cannot be said and why."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

    workspace = open_workspace(directory, actor="cli", create=False)
    answer: dict[str, Any] = {**workspace.status(), "scale": workspace.scale()}
    if as_json:
        print_json(answer)
        return
    speak = Speaker(workspace)
    as_of = {"time": str(answer["as_of"])} if answer["as_of"] else None
    console.print(speak("cli-as-of", **as_of) if as_of else speak("cli-never-run"), style="bold")
    for code, figures in scale_lines(answer["scale"]):
        console.print(speak(code, **figures))
    for source in answer["streams"]:
        console.print(speak("cli-stream", **source))
    if answer["log_bytes"]:
        console.print(speak("cli-log-bytes", megabytes=answer["log_bytes"] / 1e6))
    for source in answer["sources"]:
        figures = {name: source[name] for name in SOURCE_FIGURES}
        console.print(speak("cli-source", name=speak.source(source["name"]), **figures))
    for row in answer["kept"]:
        code = "forget-kept" if row["oldest"] else "forget-kept-empty"
        console.print(speak(code, **{**row, "oldest": f"{row['oldest']:%Y-%m-%d}" if row["oldest"] else ""}))
    rows = [
        {
            "table": row["name"],
            "rows": row["rows"],
            "built": row["built_at"],
            "seconds": row["seconds"],
            "": speak.reason(row["reason"]) if row["reason"] else "",
        }
        for row in answer["tables"]
    ]
    print_dicts(rows, wished=speak.language)


def doctor(directory: Folder = ".", as_json: AsJson = False) -> None:
    """Whether this machine has what Mindgap needs, and what to do where it has not."""
    checks = [*_machine(directory), *extra_checks(), *_workspace(directory)]
    if as_json:
        print_json(checks)
    else:
        for one in checks:
            mark = {True: ("ok  ", "green"), False: ("no  ", "red"), None: ("–   ", "yellow")}[one["ok"]]
            console.print(Text.assemble(mark, f"{one['what']}: {one['found']}"))
            if not one["ok"] and one["hint"]:
                console.print(f"      {one['hint']}", style="dim")
    if any(one["ok"] is False for one in checks):
        raise typer.Exit(1)


def _machine(directory: str) -> list[dict[str, Any]]:
    free = shutil.disk_usage(directory if Path(directory).is_dir() else ".").free / 1e9
    version = ".".join(str(part) for part in sys.version_info[:3])
    return [
        check("Python", version, ok=sys.version_info >= (3, 11), hint="Mindgap needs Python 3.11 or later."),
        check("free disk", f"{free:.1f} GB", ok=free >= _LEAST_FREE_GB, hint="Free some space before a run."),
    ]


def _workspace(directory: str) -> list[dict[str, Any]]:
    from mindgap.cli.live_health import stream_checks  # noqa: PLC0415 - engines are slow to import
    from mindgap.kernel.errors import MindgapError, UnknownError  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415
    from mindgap.workspace.state import address_of  # noqa: PLC0415

    try:
        workspace = open_workspace(directory, actor="cli", create=False)
    except UnknownError as error:
        return [check("workspace", error.message, ok=None, hint=error.hint)]
    except MindgapError as error:
        return [check("workspace", error.message, ok=False, hint=error.hint)]
    answer = workspace.status()
    found = [
        check("workspace", f"{directory}, as of {answer['as_of'] or 'never run'}", ok=True),
        check("state", str(address_of(workspace.folder)), ok=True),
        *_engine(workspace),
        *file_checks(workspace),
    ]
    broken = [row["name"] for row in answer["tables"] if (row["reason"] or {}).get("code") == "build-failed"]
    return [
        *found,
        *stream_checks(workspace),
    ] + [
        check(f"table {name}", "its build broke", ok=False, hint="mindgap run tries again.")
        for name in broken
    ]


def _engine(workspace: "Workspace") -> list[dict[str, Any]]:
    """Whether the engine of runs has what it needs."""
    engine = workspace.stores.engine
    lacks = [check("engine", error.message, ok=False, hint=error.hint) for error in engine.missing()]
    return lacks or [check("engine", engine.name, ok=True)]
