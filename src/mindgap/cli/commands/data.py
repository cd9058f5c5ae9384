"""Commands that bring data in and run the loop."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mindgap.cli.output import AsJson, Folder, console, print_json
from mindgap.cli.words import Speaker
from mindgap.kernel.settings import EngineName

if TYPE_CHECKING:
    from mindgap.loop.running import Outcome
    from mindgap.workspace import Workspace
    from mindgap.workspace.sources import Intake

Kind = Annotated[str, typer.Option("--as", help="orders, customers, products, exposures or feedback.")]
Map = Annotated[list[str] | None, typer.Option("--map", help="field=column, where the guess is wrong.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="Reading option, e.g. day_first=true.")]
Engine = Annotated[
    EngineName | None, typer.Option(help="duckdb or spark, in place of what mindgap.toml says.")
]
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
    engine: Engine = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring files in, rebuild everything that is out of date, and say what the data say."""
    from mindgap.cli.intake import bring_in, said  # noqa: PLC0415 - engines are slow to import

    moment = _moment(as_of)
    told = said(kind, columns, options, ask=not (yes or as_json))
    workspace, intake = bring_in(_folder(files, directory), files or [], told, engine=engine)
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
    from mindgap.cli.intake import bring_in, intake_json, said, tell_intake  # noqa: PLC0415

    told = said(kind, columns, options, ask=not (yes or as_json))
    workspace, intake = bring_in(directory, files, told)
    if as_json:
        print_json(intake_json(intake))
    else:
        tell_intake(workspace, intake)
    if intake.failures:
        raise typer.Exit(1)


def demo(
    directory: Annotated[
        str, typer.Option("--dir", "-d", help="Where to make the workspace.")
    ] = "mindgap-demo",
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the summary.")] = False,
    port: Annotated[
        int, typer.Option(help="Port of the console, or the next free one.", min=1, max=65535)
    ] = 8765,
    engine: Engine = None,
    as_json: AsJson = False,
) -> None:
    """The whole loop on a grocer's year of real purchases, then the console."""
    from mindgap.workspace import demo as open_demo  # noqa: PLC0415

    workspace = open_demo(directory, engine=engine)
    with _progress() as bar:
        intake = workspace.refresh(hear=bar.reading)
    _run_and_tell(workspace, intake, moment=None, as_json=as_json)
    if no_serve or as_json:
        return
    from mindgap.api.serving import Serving  # noqa: PLC0415
    from mindgap.cli.server import free_port, serve_workspace  # noqa: PLC0415

    serve_workspace(workspace, Serving(port=free_port(port)))


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
    workspace = open_workspace(path)
    if as_json:
        print_json({"folder": str(path), "settings": str(path / FILE_NAME)})
    else:
        console.print(Speaker(workspace)("cli-workspace-made", folder=str(path)))


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
    if files and "://" not in files[0] and not Path(FILE_NAME).exists():
        return str(beside(files[0]))
    return "."


def _progress() -> Any:
    from mindgap.cli.progress import ProgressBar  # noqa: PLC0415

    return ProgressBar()


def _run_and_tell(
    workspace: "Workspace", intake: "Intake", *, moment: datetime | None, as_json: bool
) -> None:
    from mindgap.cli.intake import as_one, intake_json, tell_intake  # noqa: PLC0415
    from mindgap.cli.summary import print_summary  # noqa: PLC0415
    from mindgap.kernel.errors import CannotSay  # noqa: PLC0415
    from mindgap.workspace.summary import summary  # noqa: PLC0415

    if not as_json:
        tell_intake(workspace, intake)
    try:
        with _progress() as bar:
            outcome = workspace.run(as_of=moment, observer=bar)
    except CannotSay:
        if intake.failures:  # there are no orders because of them
            raise as_one(intake.failures) from None
        raise
    sections = summary(workspace)
    if as_json:
        print_json({**intake_json(intake), **_outcome_json(workspace, outcome), "summary": sections})
    else:
        print_summary(workspace, sections)
        speak = Speaker(workspace)
        counts = {"built": len(outcome.built), "kept": outcome.kept, "seconds": outcome.seconds}
        console.print(speak("cli-run-done", **counts), style="dim")
        console.print(speak("cli-next"), style="dim")
    if outcome.failed or intake.failures:
        raise typer.Exit(1)


def _outcome_json(workspace: "Workspace", outcome: "Outcome") -> dict[str, Any]:
    return {
        "workspace": str(workspace.folder),
        "as_of": outcome.as_of,
        "built": len(outcome.built),
        "kept": outcome.kept,
        "failed": [dict(entry.reason["params"]) for entry in outcome.failed],
        "seconds": round(outcome.seconds, 3),
    }
