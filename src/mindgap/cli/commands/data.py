"""Commands that bring data in and run the loop."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mindgap.cli.output import AsJson, Folder, console, print_json

if TYPE_CHECKING:
    from mindgap.loop.running import Outcome
    from mindgap.workspace import Workspace
    from mindgap.workspace.sources import Intake

Kind = Annotated[str, typer.Option("--as", help="orders, customers, products, exposures or feedback.")]
Map = Annotated[list[str] | None, typer.Option("--map", help="field=column, where the guess is wrong.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="Reading option, e.g. day_first=true.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Take the guesses; ask nothing.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (run, add, demo, init):
        app.command()(command)


def run(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE...", help="Exports to bring in.")] = None,
    directory: Annotated[
        str,
        typer.Option(
            "--dir", "-d", help="The workspace; beside the first file by default.", envvar="MINDGAP_DIR"
        ),
    ] = "",
    kind: Kind = "",
    columns: Map = None,
    options: Set = None,
    as_of: Annotated[str, typer.Option(help="Look at nothing from this moment on (ISO, UTC).")] = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring files in, rebuild everything that is out of date, and say what the data say."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

    moment = _moment(as_of)
    workspace = open_workspace(_folder(files, directory), actor="cli")
    intake = _bring_in(
        workspace, files or [], kind=kind, columns=columns, options=options, ask=not (yes or as_json)
    )
    _run_and_tell(workspace, intake, moment=moment, as_json=as_json)


def add(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Exports to bring in.")],
    directory: Folder = ".",
    kind: Kind = "",
    columns: Map = None,
    options: Set = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring files in without running the loop."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli")
    intake = _bring_in(
        workspace, files, kind=kind, columns=columns, options=options, ask=not (yes or as_json)
    )
    if as_json:
        print_json(_intake_json(intake))
    else:
        _tell_intake(workspace, intake)
    if intake.failures:
        raise typer.Exit(1)


def demo(
    directory: Annotated[
        str, typer.Option("--dir", "-d", help="Where to make the workspace.")
    ] = "mindgap-demo",
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the summary.")] = False,
    port: Annotated[int, typer.Option(help="Port of the console.", min=1, max=65535)] = 8765,
    as_json: AsJson = False,
) -> None:
    """The whole loop on a grocer's year of real purchases, then the console."""
    from mindgap.workspace import demo as open_demo  # noqa: PLC0415

    workspace = open_demo(directory)
    with _progress() as bar:
        intake = workspace.refresh(hear=bar.reading)
    _run_and_tell(workspace, intake, moment=None, as_json=as_json)
    if no_serve or as_json:
        return
    from mindgap.api.serving import Serving  # noqa: PLC0415
    from mindgap.cli.server import serve_workspace  # noqa: PLC0415

    serve_workspace(workspace, Serving(port=port))


def init(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="The workspace folder.")],
    name: Annotated[str, typer.Option(help="What the business is called.")] = "",
    industry: Annotated[str, typer.Option(help="retail, banking, health or services.")] = "retail",
    currency: Annotated[str, typer.Option(help="ISO 4217 code of every amount.")] = "EUR",
    time_zone: Annotated[str, typer.Option(help="IANA name, e.g. Asia/Shanghai.")] = "UTC",
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Make a workspace with its settings."""
    from pathlib import Path  # noqa: PLC0415

    from mindgap.kernel.errors import UsageError  # noqa: PLC0415
    from mindgap.kernel.settings import FILE_NAME, read_settings, write_workspace  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    path = Path(directory)
    if (path / FILE_NAME).exists():
        raise UsageError(f"{path} is a workspace already.", hint=f"Edit {path / FILE_NAME}.")
    path.mkdir(parents=True, exist_ok=True)
    values = {"name": name or path.resolve().name, "industry": industry, "currency": currency}
    write_workspace(path, {**values, "time_zone": time_zone, "language": language})
    try:
        read_settings(path)
    except Exception:
        (path / FILE_NAME).unlink()
        raise
    open_workspace(path)
    if as_json:
        print_json({"folder": str(path), "settings": str(path / FILE_NAME)})
    else:
        console.print(f"Workspace [bold]{path}[/]. Next: mindgap run FILE... --dir {path}")


def _moment(text: str) -> datetime | None:
    from mindgap.kernel.errors import UsageError  # noqa: PLC0415

    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no moment.", hint="Write it as 2024-06-30 or 2024-06-30T05:00."
        ) from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _folder(files: list[str] | None, directory: str) -> str:
    from pathlib import Path  # noqa: PLC0415

    from mindgap.kernel.settings import FILE_NAME  # noqa: PLC0415
    from mindgap.workspace.opening import beside  # noqa: PLC0415

    if directory:
        return directory
    if files and not Path(FILE_NAME).exists():
        return str(beside(files[0]))
    return "."


def _pairs(items: list[str] | None, option: str) -> dict[str, str]:
    from mindgap.kernel.errors import UsageError  # noqa: PLC0415

    pairs: dict[str, str] = {}
    for item in items or []:
        key, found, value = item.partition("=")
        if not found:
            raise UsageError(f"{option} {item!r} has no '='.", hint=f"Write {option} name=value.")
        pairs[key.strip()] = value.strip()
    return pairs


def _bring_in(
    workspace: "Workspace",
    files: list[str],
    *,
    kind: str,
    columns: list[str] | None,
    options: list[str] | None,
    ask: bool,
) -> "Intake":
    from mindgap.cli import asking  # noqa: PLC0415

    said_columns = _pairs(columns, "--map")
    said_options: dict[str, Any] = {
        name: asking.option_value(value) for name, value in _pairs(options, "--set").items()
    }
    accepted: list[Any] = []
    failures: dict[str, Any] = {}
    for file in files:
        found, failed = workspace.inspect(file, kind=kind or None, columns=said_columns, options=said_options)
        failures.update(failed)
        for one in found:
            inspection = one
            if ask:
                asking.show_understanding(inspection, workspace.settings.language)
            if ask and sys.stdin.isatty():
                inspection = asking.ask(workspace, inspection, columns=said_columns, options=said_options)
                if not asking.confirm(inspection):
                    console.print("Say what is what with --map field=column and --as KIND.")
                    raise typer.Exit(1)
            accepted.append(inspection)
    with _progress():
        return workspace.accept(accepted, failures)


def _progress() -> Any:
    from mindgap.cli.progress import ProgressBar  # noqa: PLC0415

    return ProgressBar()


def _run_and_tell(
    workspace: "Workspace", intake: "Intake", *, moment: datetime | None, as_json: bool
) -> None:
    from mindgap.cli.summary import Speaker, print_summary  # noqa: PLC0415
    from mindgap.workspace.summary import summary  # noqa: PLC0415

    if not as_json:
        _tell_intake(workspace, intake)
    with _progress() as bar:
        outcome = workspace.run(as_of=moment, observer=bar)
    sections = summary(workspace)
    if as_json:
        print_json({**_intake_json(intake), **_outcome_json(workspace, outcome), "summary": sections})
    else:
        print_summary(workspace, sections)
        speak = Speaker(workspace)
        counts = {"built": len(outcome.built), "kept": outcome.kept, "seconds": outcome.seconds}
        console.print(speak("cli-run-done", **counts), style="dim")
        console.print(speak("cli-next"), style="dim")
    if outcome.failed or intake.failures:
        raise typer.Exit(1)


def _tell_intake(workspace: "Workspace", intake: "Intake") -> None:
    from mindgap.cli.summary import Speaker  # noqa: PLC0415

    speak = Speaker(workspace)
    for record in intake.records:
        counts = {"read": record.rows_read, "used": record.rows_used, "quarantined": record.rows_quarantined}
        console.print(speak("cli-source", name=record.name, duplicates=record.rows_duplicate, **counts))
        for code, number in sorted(record.reasons.items()):
            console.print(
                f"    {number:,} {speak.reason({'code': f'collect-reason-{code}', 'params': {}})}",
                style="dim",
            )
        for note in record.notes:
            console.print(f"    {speak.reason(note)}", style="dim")
    for name in intake.unchanged:
        console.print(speak("cli-source-unchanged", name=name), style="dim")
    for name, error in intake.failures.items():
        console.print(f"{name}: {error.message} {error.hint}", style="red")


def _intake_json(intake: "Intake") -> dict[str, Any]:
    return {
        "sources": [
            {
                "name": record.name,
                "table": record.table,
                "read": record.rows_read,
                "used": record.rows_used,
                "quarantined": record.rows_quarantined,
                "duplicates": record.rows_duplicate,
                "quarantined_by_reason": dict(record.reasons),
                "notes": list(record.notes),
            }
            for record in intake.records
        ],
        "unchanged": list(intake.unchanged),
        "failures": {
            name: {"message": error.message, "hint": error.hint} for name, error in intake.failures.items()
        },
    }


def _outcome_json(workspace: "Workspace", outcome: "Outcome") -> dict[str, Any]:
    return {
        "workspace": str(workspace.folder),
        "as_of": outcome.as_of,
        "built": len(outcome.built),
        "kept": outcome.kept,
        "failed": [dict(entry.reason["params"]) for entry in outcome.failed],
        "seconds": round(outcome.seconds, 3),
    }
