"""Commands that show: the report and the console."""

from pathlib import Path
from typing import Annotated

import typer

from mindgap.cli.output import AsJson, Folder, console, print_json


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(report)
    app.command()(serve)


def report(
    directory: Folder = ".",
    out: Annotated[str, typer.Option("--out", "-o", help="The file to write.")] = "mindgap-report.html",
    lang: Annotated[str, typer.Option("--lang", help="en or zh; the workspace's language by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """One self-contained page with everything the last run found out."""
    from mindgap.cli.words import language  # noqa: PLC0415 - engines are slow to import
    from mindgap.console.report import render_report  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    chosen = lang or language(workspace.settings.language)
    page = render_report(workspace, language=chosen)
    target = Path(out)
    draft = target.with_name(f".{target.name}.new")
    draft.write_text(page, "utf-8")
    draft.replace(target)
    if as_json:
        print_json({"path": str(target), "bytes": target.stat().st_size, "language": chosen})
    else:
        console.print(
            f"Report: [bold]{target}[/] ({target.stat().st_size / 1e6:.1f} MB, opens without a network)"
        )


def serve(
    directory: Folder = ".",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 for any free one.", min=0, max=65535)
    ] = 8765,
    tls_cert: Annotated[str, typer.Option(help="TLS certificate file (PEM).")] = "",
    tls_key: Annotated[str, typer.Option(help="TLS key file (PEM).")] = "",
    trusted_proxy: Annotated[
        str, typer.Option(help="Address of the proxy in front that does TLS; nothing else may connect.")
    ] = "",
) -> None:
    """The console, on this machine only unless a password and TLS are set."""
    from mindgap.cli.server import serve_workspace  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="console", create=False)
    serve_workspace(
        workspace,
        host=host,
        port=port,
        tls=(tls_cert, tls_key) if tls_cert else None,
        trusted_proxy=trusted_proxy,
    )
