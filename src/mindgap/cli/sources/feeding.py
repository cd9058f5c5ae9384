"""Commands that put events in, work them up, and work up again what was set aside."""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from mindgap.cli.output import AsJson, Folder, console, print_json
from mindgap.cli.sources.naming import AnyName, Name
from mindgap.cli.words import Speaker


def register(group: typer.Typer) -> None:
    """Add these commands."""
    for command in (send, work, replay):
        group.command()(command)


def send(
    name: Name,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Events, one JSON object a line; - reads them in.")
    ],
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Store events as if a client had sent them: to try a source out, or to send again what a client kept."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace.sending import send as send_messages  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    messages = [line.strip() for line in _read(file).splitlines() if line.strip()]
    entries = send_messages(workspace, name, messages) if messages else []
    workspace.stores.log.close()
    sent = {
        "stored": sum(len(one.messages) for one in entries),
        "refused": sum(one.refused for one in entries),
    }
    if as_json:
        print_json({"name": name, **sent})
    else:
        console.print(Speaker(workspace)("cli-source-sent", **sent))


def _read(file: Path) -> bytes:
    from mindgap.kernel.errors import SourceError  # noqa: PLC0415

    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror}.", hint="Check its name.") from error


def replay(name: AnyName = "", directory: Folder = ".", as_json: AsJson = False) -> None:
    """Try again what was set aside, by the rules as they are now: after a fix in mindgap.toml or a plan."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

    workspace = open_workspace(directory, actor="cli", create=False)
    became = workspace.replay(name or None)
    counts = {"stored": became.stored, "duplicates": became.duplicates, "refused": became.refused}
    if as_json:
        print_json({**counts, "quarantined": became.quarantined})
    else:
        console.print(Speaker(workspace)("cli-source-replayed", n=-became.quarantined, **counts))


def work(
    directory: Folder = ".",
    child: Annotated[bool, typer.Option("--child", hidden=True)] = False,
) -> None:
    """Work up what arrives until told to stop: into the lake, connectors, retention. `serve` does it, too."""
    from mindgap.api.logs import log_as_json  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415
    from mindgap.workspace.work import work as work_on  # noqa: PLC0415

    stop = threading.Event()
    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    if hasattr(signal, "SIGHUP"):  # settings are read anew all the time: nothing to be done
        signal.signal(signal.SIGHUP, lambda *_: None)
    if child:
        threading.Thread(target=_end_with_parent, args=(stop,), daemon=True).start()
    log_as_json()
    work_on(open_workspace(directory, actor="worker", create=False), stop)


def _end_with_parent(stop: threading.Event) -> None:
    """Our standard input is the server's end of a pipe: it closes when the server is gone."""
    while os.read(0, 1):
        pass
    stop.set()
