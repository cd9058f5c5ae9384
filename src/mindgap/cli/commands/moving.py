"""`mindgap state ...`: where the state of a workspace is, moving it, and backups."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mindgap.cli.output import AsJson, Folder, console, print_dicts, print_json
from mindgap.cli.words import language
from mindgap.kernel.settings import read_settings
from mindgap.kernel.words import say

if TYPE_CHECKING:
    from mindgap.workspace.backup import Backup


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        name="state",
        help="Where the workspace's state is; moving it to PostgreSQL and back; backups.",
        no_args_is_help=True,
    )
    for command in (show, migrate, backup, restore):
        group.command()(command)
    app.add_typer(group)


def show(directory: Folder = ".", as_json: AsJson = False) -> None:
    """Where the state is, on what, how large, and how many rows each table has."""
    from mindgap.workspace.state import show_state  # noqa: PLC0415 - databases are slow to import

    found = show_state(Path(directory))
    if as_json:
        print_json(found)
        return
    figures = {"place": found["state"], "database": found["database"], "megabytes": found["bytes"] / 1e6}
    _say(directory, "cli-state-place", **figures)
    wished = language(read_settings(Path(directory)).workspace.language)
    print_dicts([{"table": name, "rows": count} for name, count in found["tables"].items()], wished=wished)


def migrate(
    to: Annotated[
        str, typer.Option("--to", help="sqlite, or postgresql://user@host/database without a password.")
    ],
    schema: Annotated[str, typer.Option(help="The schema there; by default named after the workspace.")] = "",
    force: Annotated[bool, typer.Option(help="Delete or set aside a state that is there already.")] = False,
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Move the state elsewhere, compare both sides, then switch mindgap.toml over; the old copy is kept."""
    from mindgap.workspace.state import move_state  # noqa: PLC0415 - databases are slow to import

    moved = move_state(Path(directory), to, schema=schema, force=force)
    if as_json:
        print_json(asdict(moved))
        return
    total = sum(table.rows for table in moved.tables.values())
    _say(directory, "cli-state-moved", place=moved.target, rows=total, tables=len(moved.tables))
    _say(directory, "cli-state-kept", place=moved.kept)


def backup(
    file: Annotated[str, typer.Argument(help="The backup to write, such as shop.backup.")],
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Write mindgap.toml, the state of one moment and all data files into one file, while others read."""
    from mindgap.workspace.backup import back_up  # noqa: PLC0415 - databases are slow to import

    written = back_up(Path(directory), Path(file))
    if as_json:
        print_json(asdict(written))
        return
    _say(directory, "cli-backup-written", **_figures(written), key=written.key)


def restore(
    file: Annotated[str, typer.Argument(help="The backup to bring back.")],
    force: Annotated[bool, typer.Option(help="Set aside what is in the workspace.")] = False,
    key_file: Annotated[
        str, typer.Option(help="The master key, backups/ beside it; by default the workspace's.")
    ] = "",
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Check a backup whole, then bring it back; its state is then in SQLite, wherever it was before."""
    from mindgap.workspace.backup import restore as bring_back  # noqa: PLC0415 - databases are slow to import

    key = Path(key_file) if key_file else None
    restored = bring_back(Path(directory), Path(file), force=force, key_file=key)
    if as_json:
        print_json(asdict(restored))
        return
    _say(directory, "cli-backup-restored", folder=directory, **_figures(restored))
    if restored.kept:
        _say(directory, "cli-state-kept", place=restored.kept)


def _figures(backup: "Backup") -> dict[str, str | float]:
    figures = {"megabytes": backup.bytes / 1e6, "files": backup.files, "rows": backup.rows}
    return {"path": backup.path, "time": backup.made_at, **figures}


def _say(directory: str, code: str, **figures: str | float) -> None:
    console.print(say(code, language(read_settings(Path(directory)).workspace.language), figures))
