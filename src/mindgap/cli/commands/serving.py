"""Commands that show: the report, the console, and who may see it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mindgap.cli.output import AsJson, Folder, console, print_json


class Part(StrEnum):
    """What is served."""

    ALL = "all"
    COLLECT = "collect"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (report, serve, link, password, key):
        app.command()(command)


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
    _replace(target, page)
    if as_json:
        print_json({"path": str(target), "bytes": target.stat().st_size, "language": chosen})
    else:
        size = target.stat().st_size / 1e6
        console.print(f"Report: {target} ({size:.1f} MB, opens without a network)")


def _replace(target: Path, text: str) -> None:
    from mindgap.kernel.errors import StorageError  # noqa: PLC0415

    draft = target.with_name(f".{target.name}.new")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(target)
    except OSError as error:
        hint = "Choose another place with --out."
        raise StorageError(f"{target} cannot be written: {error.strerror}.", hint=hint) from error


def serve(
    directory: Folder = ".",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8765,
    name: Annotated[list[str] | None, typer.Option(help="A host name of visitors' addresses.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="TLS certificate file (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="TLS key file (PEM).")] = None,
    trusted_proxy: Annotated[
        str | None,
        typer.Option(help="Address of the proxy in front that does TLS; nothing else may connect."),
    ] = None,
    only: Annotated[Part, typer.Option(help="collect: take events and nothing else.")] = Part.ALL,
    no_work: Annotated[
        bool, typer.Option("--no-work", help="Leave the worker to `mindgap source work`.")
    ] = False,
) -> None:
    """The console and the collector of events, on this machine only unless a password and TLS are set."""
    from mindgap.api.serving import Serving  # noqa: PLC0415 - engines are slow to import
    from mindgap.cli.server import serve_workspace  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    serving = Serving(
        host=host,
        port=port,
        names=tuple(name or ()),
        certificate=tls_cert,
        private_key=tls_key,
        trusted_proxy=trusted_proxy,
    )
    workspace = open_workspace(directory, actor="console", create=False)
    serve_workspace(workspace, serving, only=only.value, work=not no_work)


def link(
    directory: Folder = ".",
    host: Annotated[str, typer.Option(help="Address on which `mindgap serve` listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.", min=1, max=65535)] = 8765,
) -> None:
    """A new one-time sign-in link for a console that is running; it signs one visitor in."""
    from mindgap.api.server import sign_in_link  # noqa: PLC0415 - engines are slow to import
    from mindgap.api.serving import Serving  # noqa: PLC0415
    from mindgap.kernel.clock import now  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    accounts = open_workspace(directory, actor="cli", create=False).stores.accounts
    typer.echo(sign_in_link(accounts, Serving(host=host, port=port), at=now()))


def password(directory: Folder = ".") -> None:
    """Set the password for signing in from other machines; open sessions end."""
    from mindgap.api.sign_in import set_password  # noqa: PLC0415
    from mindgap.kernel.clock import now  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    chosen = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    set_password(workspace.stores.accounts, chosen, at=now())
    console.print("The password is set.")


def key(
    name: Annotated[str, typer.Argument(help="What to call it, e.g. shop-app.")],
    scope: Annotated[list[str] | None, typer.Option(help="read, decide or admin; may be repeated.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Make it worthless instead.")] = False,
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Make a key for a program, shown once; or revoke it."""
    from mindgap.api.sign_in import make_key  # noqa: PLC0415
    from mindgap.kernel.clock import now  # noqa: PLC0415
    from mindgap.kernel.errors import UsageError  # noqa: PLC0415
    from mindgap.store.accounts import Scope  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    wanted = scope or ["read"]
    unknown = [one for one in wanted if one not in set(Scope)]
    if unknown:
        raise UsageError(f"No scope {unknown[0]!r}.", hint=f"Scopes: {', '.join(Scope)}.")
    accounts = open_workspace(directory, actor="cli", create=False).stores.accounts
    if revoke:
        accounts.revoke_key(name, at=now())
        answer = {"name": name, "revoked": True}
    else:
        answer = {
            "name": name,
            "key": make_key(accounts, name, scopes={Scope(one) for one in wanted}, at=now()),
        }
    if as_json:
        print_json(answer)
    else:
        console.print(answer.get("key") or f"Key {name} is revoked.")
