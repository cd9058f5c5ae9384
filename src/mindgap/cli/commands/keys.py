"""`mindgap keys ...`: which keys there are, and putting another master key in the place of the one in use."""

from dataclasses import asdict

import typer

from mindgap.cli.output import AsJson, Folder, console, print_json
from mindgap.cli.words import Speaker


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        name="keys",
        help="The keys under which names, addresses and words of people lie.",
        no_args_is_help=True,
    )
    for command in (show, rotate, encrypt):
        group.command()(command)
    app.add_typer(group)


def show(directory: Folder = ".", as_json: AsJson = False) -> None:
    """Which master key is in use, where it is, and how many keys it wraps; never a key itself."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

    workspace = open_workspace(directory, actor="cli", create=False)
    found = workspace.stores.keys.state()
    if as_json:
        print_json(asdict(found))
        return
    speak = Speaker(workspace)
    holders = ", ".join(f"{kind} {count}" for kind, count in found.holders.items()) or "–"
    console.print(speak("cli-keys", id=found.master or "–", place=found.place))
    console.print(speak("cli-keys-wrapped", holders=holders))
    if found.waiting:
        console.print(speak("cli-keys-waiting", count=found.waiting))


def rotate(directory: Folder = ".", as_json: AsJson = False) -> None:
    """Make a new master key and wrap every key by it; cut off, it is finished by the next call."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

    workspace = open_workspace(directory, actor="cli", create=False)
    keys = workspace.stores.keys
    wrapped = keys.rotate()
    found = keys.state()
    if as_json:
        print_json({"wrapped": wrapped, "master": found.master, "place": found.place})
        return
    speak = Speaker(workspace)
    console.print(speak("cli-keys-rotated", count=wrapped, id=found.master, place=found.place))


def encrypt(directory: Folder = ".", as_json: AsJson = False) -> None:
    """Encrypt the files that are not yet, where [privacy] encrypt_files is on."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace.encrypting import encrypt_files  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    count = encrypt_files(workspace)
    if as_json:
        print_json({"encrypted": count})
        return
    console.print(Speaker(workspace)("cli-keys-encrypted", count=count))
