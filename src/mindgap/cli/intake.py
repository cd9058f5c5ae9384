"""Brings files in for the commands that take some: looks first, makes a workspace only when it helps."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mindgap.cli import asking
from mindgap.cli.data_scale import SOURCE_FIGURES
from mindgap.cli.output import console
from mindgap.cli.progress import ProgressBar
from mindgap.cli.words import Speaker, language
from mindgap.kernel.errors import MindgapError, SourceError, UsageError
from mindgap.kernel.settings import FILE_NAME, EngineName, WorkspaceSettings, read_settings
from mindgap.kernel.words import say
from mindgap.workspace import open as open_workspace
from mindgap.workspace.sources import look_at, reading_of

if TYPE_CHECKING:
    from mindgap.collect.files.importing import Inspection
    from mindgap.workspace import Workspace
    from mindgap.workspace.sources import Intake

_FIRST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said about files on the command line.

    Attributes:
        kind: What table they are; empty to find out.
        columns: Column by canonical field.
        options: How to read them.
        ask: Whether to show how they are understood, and to ask on a terminal.
    """

    kind: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    ask: bool = False


def said(kind: str, columns: list[str] | None, options: list[str] | None, *, ask: bool) -> Said:
    """What the options --as, --map and --set say.

    Raises:
        UsageError: One of them has no '='.
    """
    values = {name: asking.option_value(value) for name, value in pairs(options, "--set").items()}
    return Said(kind=kind, columns=pairs(columns, "--map"), options=values, ask=ask)


def pairs(items: list[str] | None, option: str) -> dict[str, str]:
    """What name=value arguments of an option say.

    Raises:
        UsageError: One of them has no '='.
    """
    said: dict[str, str] = {}
    for item in items or []:
        key, found, value = item.partition("=")
        if not found:
            raise UsageError(f"{option} {item!r} has no '='.", hint=f"Write {option} name=value.")
        said[key.strip()] = value.strip()
    return said


def bring_in(
    folder: str, files: Sequence[str], said: Said, *, engine: EngineName | None = None
) -> "tuple[Workspace, Intake]":
    """Look at files, then open the workspace and read what is new in all its sources.

    A file that cannot be understood hinders no other.

    Raises:
        UnknownError: No file is named, and the folder is no workspace; it stays as it was.
        MindgapError: None of the files can be understood; no workspace is made for them then.
        UsageError: A file's name is empty: a variable of the shell was, most likely.
    """
    if not all(files):
        raise UsageError("The name of a file is empty.", hint="Check the variables of your shell script.")
    settings = read_settings(Path(folder).expanduser()).workspace
    accepted: list[Inspection] = []
    failures: dict[str, MindgapError] = {}
    for file in files:
        try:
            found, failed = look_at(
                settings, file, kind=said.kind or None, columns=said.columns, options=said.options
            )
        except UsageError:
            raise
        except MindgapError as error:
            found, failed = [], {file: error}
        failures.update(failed)
        accepted += [_agreed(settings, inspection, said) for inspection in found]
    if failures and not accepted:
        raise as_one(failures)
    may_make = bool(files) or (Path(folder).expanduser() / FILE_NAME).exists()
    workspace = open_workspace(folder, actor="cli", create=may_make, engine=engine)
    with ProgressBar() as bar:
        return workspace, workspace.accept(accepted, failures, hear=bar.reading)


def _agreed(settings: WorkspaceSettings, inspection: "Inspection", said: Said) -> "Inspection":
    if not said.ask:
        return inspection
    asking.show_understanding(inspection, language(settings.language))
    if not sys.stdin.isatty():
        return inspection
    answered = asking.ask(settings, inspection, columns=said.columns, options=said.options)
    wished = language(settings.language)
    if not asking.confirm(answered, wished):
        console.print(say("cli-guess-say", wished))
        raise typer.Exit(1)
    return answered


def as_one(failures: Mapping[str, MindgapError]) -> MindgapError:
    """Why nothing could be read, as one error: that of the only file, or a list."""
    if len(failures) == 1:
        return next(iter(failures.values()))
    listed = [f"{name}: {error.message}" for name, error in failures.items()]
    more = [f"and {len(listed) - _FIRST} more"] if len(listed) > _FIRST else []
    return SourceError(
        f"None of {len(listed)} files can be read. {' '.join([*listed[:_FIRST], *more])}",
        hint="Bring them in one by one with --as and --map.",
    )


def tell_intake(workspace: "Workspace", intake: "Intake") -> None:
    """Print what became of the rows of every source."""
    speak = Speaker(workspace)
    for record in intake.records:
        told = reading_of(record)
        figures = {name: told[name] for name in SOURCE_FIGURES}
        console.print(speak("cli-source", name=speak.source(record.name), **figures))
        for code, number in sorted(record.reasons.items()):
            reason = speak.reason({"code": f"collect-reason-{code}", "params": {}})
            console.print(f"    {number:,} {reason}", style="dim")
        for note in record.notes:
            console.print(f"    {speak.reason(note)}", style="dim")
    for name in intake.unchanged:
        console.print(speak("cli-source-unchanged", name=name), style="dim")
    for name, error in intake.failures.items():
        console.print(f"{name}: {error.message} {error.hint}", style="red")


def intake_json(intake: "Intake") -> dict[str, Any]:
    """What became of the rows of every source, for programs."""
    return {
        "sources": [reading_of(record) for record in intake.records],
        "unchanged": list(intake.unchanged),
        "failures": {
            name: {"message": error.message, "hint": error.hint} for name, error in intake.failures.items()
        },
    }
