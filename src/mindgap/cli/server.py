"""Starts the server with the console's pages in it: only the command line knows both."""

from typing import TYPE_CHECKING

import typer

from mindgap.api.server import Pages, build_app, serve, sign_in_link
from mindgap.console.pages import error_page, routes
from mindgap.kernel.clock import now

if TYPE_CHECKING:
    from mindgap.api.serving import Serving
    from mindgap.workspace import Workspace


def serve_workspace(workspace: "Workspace", serving: "Serving") -> None:
    """Listen until told to stop; on this machine a one-time link is printed first.

    Raises:
        UsageError: Serving so would leave the door open.
    """
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
