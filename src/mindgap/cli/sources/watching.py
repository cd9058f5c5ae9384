"""Commands that show what sources are and what became of what they sent."""

import typer

from mindgap.cli.output import AsJson, Folder
from mindgap.cli.sources.naming import ADDRESS, Address, Name


def register(group: typer.Typer) -> None:
    """Add these commands."""
    for command in (show,):
        group.command()(command)


def show(name: Name, address: Address = ADDRESS, directory: Folder = ".", as_json: AsJson = False) -> None:
    """What a source is: options, keys, endpoint, and how its clients send to it."""
    from mindgap.cli.sources.declaring import tell  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    tell(open_workspace(directory, actor="cli", create=False), name, address=address, as_json=as_json)
