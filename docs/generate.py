"""Writes the reference pages from the code: settings, commands, errors, tables. `make docs` runs it.

A test fails when a page is not what this script would write. The columns of derived tables are those that a
run on the made-up shop in examples/ gives.
"""

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args, get_origin

import msgspec
import typer.main

import mindgap as mg
from mindgap.cli.main import app
from mindgap.kernel import errors
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import Evaluation
from mindgap.kernel.settings import (
    AudienceSettings,
    CleaningSettings,
    IdentitySettings,
    PrivacySettings,
    SourceSettings,
    WorkspaceSettings,
    write_sources,
)
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.offered import derivations
from mindgap.store.log import Entry

HERE = Path(__file__).parent
NOTE = "<!-- written by docs/generate.py; edit the code and run `make docs` -->\n"
Columns = Mapping[str, list[tuple[str, str]]]
"""Name and type of the columns of each derived table."""


def settings_page() -> str:
    """Every setting with its default and meaning."""
    lines = [
        "# Settings\n",
        NOTE,
        "`mindgap.toml` lies in the workspace folder. Unknown settings are refused, so that a spelling",
        "mistake is not silently ignored.\n",
    ]
    sections = {
        "[workspace]": WorkspaceSettings,
        "[sources.NAME]": SourceSettings,
        "[audiences]": AudienceSettings,
        "[cleaning]": CleaningSettings,
        "[identity]": IdentitySettings,
        "[privacy]": PrivacySettings,
    }
    for title, kind in sections.items():
        meanings = attributes(kind)
        lines += [f"## {title}\n", "| setting | default | meaning |", "|---|---|---|"]
        for field in msgspec.structs.fields(kind):
            default = "" if field.default is msgspec.NODEFAULT else f"`{field.default!r}`"
            lines.append(f"| `{field.name}` | {default} | {meanings[field.name]} |")
        lines.append("")
    lines += [
        "## Environment\n",
        "| variable | meaning |",
        "|---|---|",
        "| `MINDGAP_DIR` | the workspace folder, in place of `--dir` |",
        (
            "| `MINDGAP_LANG` | `en` or `zh`: the language on the terminal; help texts, and errors of calls,"
            " files and disks, are English |"
        ),
        "| `MINDGAP_STATE_URL` | where the state is kept, in place of `state` in mindgap.toml |",
        "| `MINDGAP_STATE_PASSWORD` | the password of that database; else `PGPASSWORD` or `~/.pgpass` |",
        "| `MINDGAP_MASTER_KEY_FILE` | the master key, in place of `[privacy] master_key` |",
        "| `MINDGAP_DEBUG` | set it to see where Mindgap itself broke; this may show personal data |",
    ]
    return "\n".join(lines) + "\n"


def attributes(kind: type) -> dict[str, str]:
    """The section Attributes of a docstring, as {name: meaning}."""
    found: dict[str, str] = {}
    current = ""
    for line in inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")[2].splitlines():
        name, colon, meaning = line.strip().partition(": ")
        if line.startswith("    ") and not line.startswith("      ") and colon and " " not in name:
            current = name
            found[current] = meaning
        elif current and line.strip():
            found[current] += " " + line.strip()
    return {name: meaning.replace("``", "`") for name, meaning in found.items()}


def commands_page() -> str:
    """Every command with its arguments and options."""
    group: Any = typer.main.get_command(app)
    lines = [
        "# Commands\n",
        NOTE,
        "Exit code 0 when done, 1 when it failed, 2 when the call was wrong, 130 when stopped by Ctrl-C.",
        "`mindgap --install-completion` sets up completion for your shell.\n",
    ]
    for name, command in _commands(group):
        lines += [
            f"## mindgap {name}\n",
            (command.help or "").strip() + "\n",
            "| | default | |",
            "|---|---|---|",
            *(_parameter(one) for one in command.params if one.name != "help"),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _commands(group: Any) -> Iterator[tuple[str, Any]]:
    """Every command of a group and of the groups in it, by its full name."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from ((f"{name} {inner}", one) for inner, one in _commands(command))
        else:
            yield name, command


def _parameter(one: Any) -> str:
    """One argument or option as a row."""
    option = one.param_type_name == "option"
    spelled = ", ".join(one.opts) if option else (one.metavar or one.name.upper())
    default = "" if one.default in (None, "", False) else f"`{one.default}`"
    said = (one.help or "").replace("|", "or")
    kind = one.type_descriptor.annotation
    if get_origin(kind) is Literal:
        said += " One of: " + ", ".join(f"`{choice}`" for choice in get_args(kind)) + "."
    if one.multiple and "repeated" not in said:
        said += " May be repeated."
    return f"| `{spelled}` | {default} | {said} |"


def errors_page() -> str:
    """The tree of errors and the exit codes."""
    tree = inspect.cleandoc(errors.__doc__ or "")
    tree_lines = [line for line in tree.splitlines() if line.startswith("    ")]
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]
    lines = ["# Errors\n", NOTE, "```", *(line[4:] for line in tree_lines), "```\n"]
    lines += ["| error | exit code | meaning |", "|---|---|---|"]
    for kind in sorted(kinds, key=lambda kind: kind.__name__):
        meaning = (kind.__doc__ or "").strip().splitlines()[0]
        lines.append(f"| `{kind.__name__}` | {kind.exit_code} | {meaning} |")
    return "\n".join(lines) + "\n"


def tables_page(columns: Columns) -> str:
    """Every canonical and derived table."""
    lines = ["# Tables\n", NOTE, "## Canonical tables: what sources are read into\n"]
    for table in CANONICAL.values():
        lines += [f"### {table.name}\n", f"{table.grain[0].upper()}{table.grain[1:]}.\n"]
        lines += ["| column | type | required | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{column.name}` | {column.type} | {'yes' if column.required else ''} | {column.meaning} |"
            for column in table.columns
        ]
        lines.append("")
    lines += [
        "## Derived tables\n",
        "Figures that cannot be said are null. The pages of the rooms say what a column means:",
        "[features](process.md), [models](analyze.md), [the information gap](insight.md),",
        "[recommendations](personalize.md).\n",
    ]
    for name, item in sorted(derivations().items()):
        inputs = ", ".join(
            f"`{at.table}`" + (f" ({at.lag_days} days before)" if at.lag_days else "")
            for at in item.inputs.values()
        )
        lines += [
            f"### {name}\n",
            f"{item.grain[0].upper()}{item.grain[1:]}. Purpose: {item.purpose.value}. From: {inputs}.\n",
        ]
        if not name.startswith("evaluation_"):
            lines.append(_listed(columns[name]))
    meanings = attributes(Evaluation)
    lines += [
        "## Evaluations\n",
        "The columns of every table `evaluation_...`:\n",
        "| column | meaning |",
        "|---|---|",
        *(f"| `{name}` | {meaning} |" for name, meaning in meanings.items()),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _listed(columns: list[tuple[str, str]]) -> str:
    return ", ".join(f"`{column}` {kind}" for column, kind in columns) + "\n"


def columns_of(workspace: mg.Workspace) -> Columns:
    """The columns of every derived table of a workspace; none for a table that could not be built."""
    return {name: _columns(workspace, name) for name in workspace.tables()}


def _columns(workspace: mg.Workspace, name: str) -> list[tuple[str, str]]:
    try:
        schema = workspace.table(name).schema
    except CannotSay:
        return []
    plain = {"timestamp[us]": "timestamp"}
    return [
        (field.name, "list of string" if "list" in (kind := str(field.type)) else plain.get(kind, kind))
        for field in schema
    ]


def run_on_made_up_shop(folder: Path) -> mg.Workspace:
    """The made-up shop of examples/, brought in and run."""
    sys.path.insert(0, str(HERE.parent / "examples"))
    from made_up_shop import write  # noqa: PLC0415 - found beside this script only

    workspace = mg.run(*write(folder), folder=folder / "shop")
    _visit(workspace)
    return workspace


def _visit(workspace: mg.Workspace) -> None:
    """Two events of a visitor, so that the tables made of events have columns to list."""
    write_sources(workspace.folder, {"web": SourceSettings(kind="http")})
    at = workspace.as_of - timedelta(days=1)
    said = {"anonymousId": "a1", "userId": "c1", "timestamp": f"{at.isoformat()}Z"}
    found = {"type": "track", "event": "Products Searched", "properties": {"query": "tea"}}
    bodies = [
        json.dumps({**said, **one, "messageId": str(n)}) for n, one in enumerate(({"type": "page"}, found))
    ]
    entry = Entry(source="web", received_at=at, messages=[body.encode() for body in bodies])
    workspace.stores.log.append_all([entry])
    workspace.run()


def pages(workspace: mg.Workspace) -> dict[str, str]:
    """Every reference page by file name.

    Args:
        workspace: The made-up shop, run.
    """
    return {
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "errors.md": errors_page(),
        "tables.md": tables_page(columns_of(workspace)),
    }


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        for page, text in pages(run_on_made_up_shop(Path(scratch))).items():
            (HERE / page).write_text(text, "utf-8")
            sys.stdout.write(f"docs/{page}\n")
