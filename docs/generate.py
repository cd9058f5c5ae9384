"""Writes the reference pages from the code: settings, commands, errors, tables. `make docs` runs it.

A test fails when a page is not what this script would write.
"""

import inspect
import sys
from pathlib import Path

import msgspec
import typer.main

from mindgap.cli.main import app
from mindgap.kernel import errors
from mindgap.kernel.settings import SourceSettings, WorkspaceSettings
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.offered import derivations

HERE = Path(__file__).parent
NOTE = "<!-- written by docs/generate.py; edit the code and run `make docs` -->\n\n"


def settings_page():
    """Every setting with its default and meaning."""
    lines = [
        "# Settings\n",
        NOTE,
        "`mindgap.toml` lies in the workspace folder. Unknown settings are refused, so that a spelling mistake",
        "is not silently ignored.\n",
    ]
    for title, kind in (("[workspace]", WorkspaceSettings), ("[sources.NAME]", SourceSettings)):
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
        "| `MINDGAP_LANG` | `en` or `zh`: the language on the terminal |",
    ]
    return "\n".join(lines) + "\n"


def attributes(kind):
    """The section Attributes of a docstring, as {name: meaning}."""
    found, current = {}, ""
    for line in inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")[2].splitlines():
        name, colon, meaning = line.strip().partition(": ")
        if line.startswith("    ") and not line.startswith("      ") and colon and " " not in name:
            current = name
            found[current] = meaning
        elif current and line.strip():
            found[current] += " " + line.strip()
    return found


def commands_page():
    """Every command with its arguments and options."""
    group = typer.main.get_command(app)
    lines = [
        "# Commands\n",
        NOTE,
        "Exit code 0 when done, 1 when it failed, 2 when the call was wrong. `mindgap --install-completion`",
        "sets up completion for your shell.\n",
    ]
    for name, command in sorted(group.commands.items()):
        lines += [
            f"## mindgap {name}\n",
            (command.help or "").strip() + "\n",
            "| | default | |",
            "|---|---|---|",
        ]
        for parameter in command.params:
            if parameter.name == "help":
                continue
            option = parameter.param_type_name == "option"
            spelled = ", ".join(parameter.opts) if option else (parameter.metavar or parameter.name.upper())
            default = "" if parameter.default in (None, "", False) else f"`{parameter.default}`"
            help_text = (getattr(parameter, "help", "") or "").replace("|", "or")
            lines.append(f"| `{spelled}` | {default} | {help_text} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def errors_page():
    """The tree of errors and the exit codes."""
    tree = inspect.cleandoc(errors.__doc__ or "")
    tree_lines = [line for line in tree.splitlines() if line.startswith("    ")]
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]
    lines = ["# Errors\n", NOTE, "```", *(line[4:] for line in tree_lines), "```\n"]
    lines += ["| error | exit code | meaning |", "|---|---|---|"]
    for kind in sorted(kinds, key=lambda kind: kind.__name__):
        lines.append(
            f"| `{kind.__name__}` | {kind.exit_code} | {(kind.__doc__ or '').strip().splitlines()[0]} |"
        )
    return "\n".join(lines) + "\n"


def tables_page():
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
    lines += ["## Derived tables\n", "| table | one row | purpose | from |", "|---|---|---|---|"]
    for name, item in sorted(derivations().items()):
        inputs = ", ".join(
            f"`{at.table}`" + (f" ({at.lag_days} days before)" if at.lag_days else "")
            for at in item.inputs.values()
        )
        lines.append(f"| `{name}` | {item.grain} | {item.purpose.value} | {inputs} |")
    return "\n".join(lines) + "\n"


PAGES = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "tables.md": tables_page,
}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (HERE / page).write_text(write(), "utf-8")
        sys.stdout.write(f"docs/{page}\n")
