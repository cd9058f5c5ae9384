"""Shows how a source was understood and asks what only a person can know."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from mindgap.cli.output import console, head
from mindgap.kernel.settings import WorkspaceSettings
from mindgap.kernel.words import say
from mindgap.workspace.sources import look_at

if TYPE_CHECKING:
    from mindgap.collect.files.importing import Inspection

_SURE = 0.8
_WHY = {
    "said": "cli-guess-said",
    "name": "cli-guess-name",
    "part of the name": "cli-guess-part",
    "content": "cli-guess-content",
}


def show_understanding(inspection: "Inspection", language: str) -> None:
    """Print the guessed columns with how sure the guess is, and what was left out and why."""
    recognition = inspection.recognition
    title = say("cli-guess-title", language, {"name": inspection.path.name, "kind": recognition.kind})
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in ("field", "column", "sure", "why"):
        table.add_column(head(column, language))
    for guess in recognition.guesses:
        style = "" if guess.confidence >= _SURE else "yellow"
        table.add_row(
            guess.field, guess.column, f"{guess.confidence:.0%}", say(_WHY[guess.why], language), style=style
        )
    console.print(table)
    for note in inspection.notes:
        console.print(f"  {say(note.code, language, note.params)}", style="dim")


def ask(
    settings: WorkspaceSettings,
    inspection: "Inspection",
    *,
    columns: Mapping[str, str],
    options: Mapping[str, Any],
) -> "Inspection":
    """Ask the open questions on the terminal; returns the inspection with the answers in it."""
    language = settings.language
    said_columns, said_options = dict(columns), dict(options)
    for question in inspection.questions:
        text = say(question.code, language, question.params)
        answer = typer.prompt(f"{text} ({' / '.join(question.choices)})", default=question.choices[0])
        if question.setting.startswith("map:"):
            said_columns[question.setting.removeprefix("map:")] = answer
        else:
            said_options[question.setting] = option_value(answer)
    if not inspection.questions:
        return inspection
    kind = inspection.recognition.kind
    where = inspection.path if inspection.origin is None else inspection.origin.path
    found, _ = look_at(settings, where, kind=kind, columns=said_columns, options=said_options)
    return found[0]


def option_value(text: str) -> bool | str:
    """A reading option as it was typed: yes, no, true and false mean what they say.

    >>> option_value("true"), option_value("No"), option_value("line_total")
    (True, False, 'line_total')
    """
    return {"true": True, "yes": True, "false": False, "no": False}.get(text.strip().lower(), text)


def confirm(inspection: "Inspection", language: str) -> bool:
    """Whether the person agrees with how the source was understood."""
    return typer.confirm(say("cli-guess-confirm", language, {"name": inspection.path.name}), default=True)
