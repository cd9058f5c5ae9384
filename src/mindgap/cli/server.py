"""Starts the server with the console's pages in it: only the command line knows both."""

import signal
import socket
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Literal

import typer

from mindgap.api.collector.front import Ports, build_front
from mindgap.api.listening import listen
from mindgap.api.logs import log_as_json
from mindgap.api.server import Pages, build_app, sign_in_link
from mindgap.api.serving import check_serving
from mindgap.cli.words import Speaker
from mindgap.cli.working import is_needed, kept_running, worker_command
from mindgap.console.pages import error_page, routes
from mindgap.kernel.clock import now
from mindgap.kernel.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from mindgap.api.serving import Serving
    from mindgap.workspace import Workspace

Part = Literal["all", "collect"]


def is_free(host: str, port: int) -> bool:
    """Whether nothing listens on the port yet, and we may."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return True
    except OSError:
        return False


def free_port(first: int, *, host: str = "127.0.0.1") -> int:
    """The first free port of the twenty from `first` on; `first` itself when none is."""
    return next((port for port in range(first, first + 20) if is_free(host, port)), first)


def serve_workspace(
    workspace: "Workspace", serving: "Serving", *, only: Part = "all", work: bool = True
) -> None:
    """Listen until told to stop; on this machine a one-time link to the console is printed first.

    Args:
        workspace: What is served.
        serving: Where.
        only: all: the console and the collector of events; collect: the collector alone.
        work: Whether to run the worker, too, once there is a live source.

    Raises:
        UsageError: The port is taken, or serving so would leave the door open.
    """
    if not is_free(serving.host, serving.port):
        raise UsageError(
            f"Port {serving.port} of {serving.host} is taken.", hint="Choose another one with --port."
        )
    check_serving(serving, has_password=False, visitors=False)
    stores = workspace.stores
    console = _console(workspace, serving) if only == "all" else None
    ports = Ports(folder=workspace.folder, log=stores.log, streams=stores.streams, accounts=stores.accounts)
    speak = Speaker(workspace)
    app = build_front(ports, serving=serving, other=console)
    if console is not None and serving.loopback:
        typer.echo(speak("cli-serve-link"))
        typer.echo(f"  {sign_in_link(stores.accounts, serving, at=now())}")
    else:
        typer.echo(speak("cli-serve-at", address=serving.address))
    typer.echo(speak("cli-serve-stop"))
    log_as_json()
    # uvicorn stops in good order and then raises the signal again, which would leave the worker behind
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    command = worker_command(workspace.folder)
    with kept_running(command, needed=lambda: is_needed(workspace)) if work else nullcontext():
        listen(app, serving)


def _console(workspace: "Workspace", serving: "Serving") -> "ASGIApp":
    pages = Pages(routes=routes(), error_page=error_page)
    return build_app(workspace, workspace.stores.accounts, serving=serving, pages=pages)
