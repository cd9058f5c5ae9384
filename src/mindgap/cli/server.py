"""Starts the server with the console's pages in it: only the command line knows both."""

import socket
from typing import TYPE_CHECKING

import typer

from mindgap.api.server import Pages, build_app, serve, sign_in_link
from mindgap.console.pages import error_page, routes
from mindgap.kernel.clock import now
from mindgap.kernel.errors import UsageError

if TYPE_CHECKING:
    from mindgap.api.serving import Serving
    from mindgap.workspace import Workspace


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


def serve_workspace(workspace: "Workspace", serving: "Serving") -> None:
    """Listen until told to stop; on this machine a one-time link is printed first.

    Raises:
        UsageError: The port is taken, or serving so would leave the door open.
    """
    if not is_free(serving.host, serving.port):
        raise UsageError(
            f"Port {serving.port} of {serving.host} is taken.", hint="Choose another one with --port."
        )
    accounts = workspace.stores.accounts
    pages = Pages(routes=routes(), error_page=error_page)
    app = build_app(workspace, accounts, serving=serving, pages=pages)
    if serving.loopback:
        typer.echo("Sign in once with this link (good for 15 minutes):")
        typer.echo(f"  {sign_in_link(accounts, serving, at=now())}")
    else:
        typer.echo(f"Serving {serving.address}")
    typer.echo("Stop with Ctrl-C.")
    serve(app, serving)
