"""Commands that declare sources and make their keys."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mindgap.cli.output import AsJson, Folder, console, print_json
from mindgap.cli.sources.naming import ADDRESS, Address, Kind, Name
from mindgap.cli.words import Speaker

if TYPE_CHECKING:
    from mindgap.workspace import Workspace

Origin = Annotated[
    list[str] | None, typer.Option(help="A web origin whose pages may send; any by default. May be repeated.")
]
Consent = Annotated[
    str, typer.Option(help="opt-out (the default) or opt-in: only what the event's consent grants.")
]
Purposes = Annotated[
    list[str] | None, typer.Option("--purpose", help="What its events may be used for. May be repeated.")
]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="Another option of its kind, name=value. May be repeated.")
]
Own = Annotated[str, typer.Option("--key", help="A key that its clients have already.")]


def register(group: typer.Typer) -> None:
    """Add these commands."""
    for command in (add, key, enable, disable, remove):
        group.command()(command)


def add(
    name: Annotated[str, typer.Argument(help="What to call it, e.g. web-shop.")],
    kind: Kind = "http",
    origin: Origin = None,
    consent: Consent = "",
    purpose: Purposes = None,
    trusted: Annotated[bool, typer.Option("--trusted", help="Only your own servers send here.")] = False,
    rate: Annotated[int, typer.Option(help="Events a second that it may send; any number by default.")] = 0,
    plan: Annotated[str, typer.Option(help="Folder of its tracking plan.")] = "",
    plan_mode: Annotated[str, typer.Option(help="observe (the default) or quarantine.")] = "",
    retention_days: Annotated[int, typer.Option(help="Delete its events after so many days.")] = 0,
    path: Annotated[str, typer.Option(help="What to read, for kinds that are read.")] = "",
    options: Set = None,
    own: Own = "",
    address: Address = ADDRESS,
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Declare a live source, make its key, and show how to send to it."""
    from mindgap.workspace import live  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    said = {
        "origins": origin,
        "consent": consent,
        "purposes": purpose,
        "trusted": trusted,
        "events_per_s": rate,
        "plan": plan,
        "plan_mode": plan_mode,
        "retention_days": retention_days,
        **_pairs(options),
    }
    workspace = open_workspace(directory, actor="cli")
    live.check_key(own)
    given = {option: value for option, value in said.items() if value not in (None, "", 0, False)}
    settings = live.declare(workspace, name, kind=kind, path=path, said=given)
    if settings.kind in live.KEYED_KINDS:
        _make_key(workspace, name, own)
    tell(workspace, name, address=address, as_json=as_json)


def _make_key(workspace: "Workspace", name: str, own: str) -> None:
    """A key for a source that was just declared; without one it is not declared either."""
    from mindgap.kernel.errors import MindgapError  # noqa: PLC0415
    from mindgap.workspace import live  # noqa: PLC0415

    try:
        live.give_key(workspace, name, own=own)
    except MindgapError:
        live.remove(workspace, name)
        raise


def _pairs(options: list[str] | None) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415

    from mindgap.cli.intake import pairs  # noqa: PLC0415
    from mindgap.kernel.errors import UsageError  # noqa: PLC0415

    values: dict[str, Any] = {}
    for name, text in pairs(options, "--set").items():
        try:
            values[name] = msgspec.json.decode(text) if text[:1] in {"{", "["} else text
        except msgspec.DecodeError as error:
            raise UsageError(
                f"--set {name}: {error}.", hint="Lists and tables are written as JSON."
            ) from error
    return values


def tell(workspace: "Workspace", name: str, *, address: str, as_json: bool) -> None:
    """Print what a source is and how to send to it."""
    from mindgap.workspace import live  # noqa: PLC0415
    from mindgap.workspace.examples import examples  # noqa: PLC0415

    settings = live.live_source(workspace, name)
    keys = [key.key for key in live.keys_of(workspace, name)]
    shown = examples(address, settings, key=keys[-1] if keys else "")
    if as_json:
        body = {"name": name, "kind": settings.kind, "enabled": live.is_enabled(settings)}
        print_json({**body, "path": settings.path, "options": settings.options, "keys": keys, **shown})
        return
    speak = Speaker(workspace)
    off = "" if live.is_enabled(settings) else f" ({speak('cli-off')})"
    rows = {
        speak("cli-source-itself"): f"{name} ({settings.kind}){off}",
        speak("cli-source-path"): settings.path,
        **{f"{speak('cli-source-option')} {option}": value for option, value in settings.options.items()},
        speak("cli-source-endpoint"): shown.get("endpoint", ""),
        speak("cli-source-key"): ", ".join(keys),
        speak("cli-source-try"): shown.get("curl", ""),
        speak("cli-source-page"): shown.get("snippet", ""),
    }
    for label, value in rows.items():
        if value not in ("", None):
            console.print(f"{label:>10}  {value}", soft_wrap=True)


def key(
    name: Name,
    rotate: Annotated[bool, typer.Option("--rotate", help="In place of all its keys.")] = False,
    revoke: Annotated[str, typer.Option(metavar="KEY", help="Make this key worthless instead.")] = "",
    own: Own = "",
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Make another key for a source; the ones that it has stay good until they are rotated or revoked."""
    from mindgap.workspace import live  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    if revoke:
        live.revoke_key(workspace, name, revoke)
        answer, text = {"name": name, "revoked": revoke}, Speaker(workspace)("cli-key-revoked", key=revoke)
    else:
        made = (live.rotate_key if rotate else live.give_key)(workspace, name, own=own).key
        answer, text = {"name": name, "key": made}, made
    if as_json:
        print_json({**answer, "keys": [one.key for one in live.keys_of(workspace, name)]})
    else:
        console.print(text, soft_wrap=True)


def enable(name: Name, directory: Folder = ".", as_json: AsJson = False) -> None:
    """Take events of a source again."""
    _switch(name, directory, enabled=True, as_json=as_json)


def disable(name: Name, directory: Folder = ".", as_json: AsJson = False) -> None:
    """Refuse what a source sends, with status 404; what it gave is kept."""
    _switch(name, directory, enabled=False, as_json=as_json)


def _switch(name: str, directory: str, *, enabled: bool, as_json: bool) -> None:
    from mindgap.workspace import live  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    live.enable(workspace, name, enabled=enabled)
    if as_json:
        print_json({"name": name, "enabled": enabled})
    else:
        speak = Speaker(workspace)
        console.print(speak("cli-source-on" if enabled else "cli-source-off", name=name))


def remove(name: Name, directory: Folder = ".", as_json: AsJson = False) -> None:
    """Forget a source and its keys; the events that it gave are kept."""
    from mindgap.workspace import live  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    revoked = live.remove(workspace, name)
    if as_json:
        print_json({"name": name, "removed": True, "revoked": [one.key for one in revoked]})
    else:
        console.print(Speaker(workspace)("cli-source-is-removed", name=name))
