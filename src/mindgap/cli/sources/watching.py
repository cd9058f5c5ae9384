"""Commands that show what sources are and what became of what they sent."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mindgap.cli.output import AsJson, Folder, console, print_dicts, print_json
from mindgap.cli.sources.naming import ADDRESS, Address, AnyName, Name
from mindgap.cli.words import Speaker
from mindgap.kernel.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mindgap.workspace.arrivals import Arrivals, SourceState
    from mindgap.workspace.set_aside import Example
    from mindgap.workspace.tail import Arrived

_LOOK_AGAIN_S = 0.5
_SHOWN = 20
_AT_ONCE = 1_000
_WIDTH = 160


def register(group: typer.Typer) -> None:
    """Add these commands."""
    group.command("list")(list_sources)
    for command in (show, tail, quarantine):
        group.command()(command)


def list_sources(directory: Folder = ".", as_json: AsJson = False) -> None:
    """Live sources: what arrived, what became of it, how far behind they are, and what failed."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace.arrivals import arrivals  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    found = arrivals(workspace)
    if as_json:
        print_json(
            {
                "sources": [_state(one) for one in found.sources],
                "log_bytes": found.log_bytes,
                "worker": found.worker,
            }
        )
        return
    speak = Speaker(workspace)
    print_dicts([_row(speak, one) for one in found.sources], wished=speak.language)
    for one in found.sources:
        if one.record.error:
            console.print(f"{one.name}: {one.record.error}", style="red")
    console.print(_waiting(speak, found), style="dim")


def _state(one: "SourceState") -> dict[str, Any]:
    record = one.record
    return {
        "name": one.name,
        "kind": one.kind,
        "enabled": one.enabled,
        "received": record.tally.received,
        "stored": record.tally.stored,
        "quarantined": record.tally.quarantined,
        "duplicates": record.tally.duplicates,
        "refused": record.tally.refused,
        "last_day": one.last_day,
        "received_at": record.received_at,
        "behind_s": one.behind_s,
        "waiting": one.waiting,
        "reasons": dict(record.reasons),
        "against_plan": dict(record.observed),
        "error": record.error,
        "error_at": record.error_at,
    }


def _row(speak: Speaker, one: "SourceState") -> dict[str, Any]:
    state = _state(one)
    off = "" if one.enabled or not one.kind else f" ({speak('cli-off')})"
    waiting = f", {speak('cli-source-waiting', waiting=one.waiting)}" if one.waiting else ""
    return {
        "source": one.name + off,
        "kind": one.kind or f"({speak('cli-source-removed')})",
        "received": state["received"],
        "stored": state["stored"],
        "aside": state["quarantined"],
        "again": state["duplicates"],
        "refused": state["refused"],
        "24 h": one.last_day,
        "latest": ago(one.behind_s, speak.language) + waiting,
    }


def ago(seconds: float | None, wished: str = "en") -> str:
    """How long ago, roughly.

    >>> ago(None), ago(3.2), ago(7300), ago(7300, "zh")
    ('–', '3 s ago', '2 h ago', '2 小时前')
    """
    if seconds is None:
        return "–"
    lengths = (("d", 86_400), ("h", 3_600), ("min", 60))
    unit, length = next((one for one in lengths if seconds >= 2 * one[1]), ("s", 1))
    return say(f"cli-ago-{unit}", wished, {"n": round(seconds / length)})


def _waiting(speak: Speaker, found: "Arrivals") -> str:
    size = found.log_bytes / 1e6
    waiting = speak("cli-log-waits", megabytes=size) if size else speak("cli-log-empty")
    return waiting if found.worker else f"{waiting} {speak('cli-no-worker')}"


def show(name: Name, address: Address = ADDRESS, directory: Folder = ".", as_json: AsJson = False) -> None:
    """What a source is: options, keys, endpoint, and how its clients send to it."""
    from mindgap.cli.sources.declaring import tell  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    tell(open_workspace(directory, actor="cli", create=False), name, address=address, as_json=as_json)


def tail(
    name: AnyName = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    show_personal: Annotated[
        str,
        typer.Option(
            metavar="PURPOSE",
            help="Show persons, for this purpose; it goes on record. service, marketing, privacy, ...",
        ),
    ] = "",
    limit: Annotated[int, typer.Option(help="How many to begin with.", min=1)] = _SHOWN,
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """What arrives at this moment; names, e-mails, ids and the like are masked."""
    from mindgap.kernel.purposes import Purpose  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import live  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415
    from mindgap.workspace.tail import Tail  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    if name:
        live.live_source(workspace, name)
    purpose = Purpose(_known_purpose(show_personal)) if show_personal else None
    followed = Tail(workspace, source=name, purpose=purpose)
    _print(followed.more(limit), as_json=as_json)
    while follow:
        time.sleep(_LOOK_AGAIN_S)
        _print(followed.more(_AT_ONCE), as_json=as_json)


def _known_purpose(text: str) -> str:
    from mindgap.kernel.errors import UsageError  # noqa: PLC0415
    from mindgap.kernel.purposes import Purpose  # noqa: PLC0415

    if text not in set(Purpose):
        raise UsageError(f"There is no purpose {text!r}.", hint=f"One of: {', '.join(Purpose)}.")
    return text


def _print(arrived: "Sequence[Arrived]", *, as_json: bool) -> None:
    for one in arrived:
        if as_json:
            print_json({"source": one.source, "received_at": one.received_at, "message": one.message})
        else:
            console.print(_line(one)[:_WIDTH], soft_wrap=True)


def _line(one: "Arrived") -> str:
    import msgspec  # noqa: PLC0415

    message = one.message
    if not message:
        return f"{one.received_at:%H:%M:%S}  {one.source}  (cannot be read)"
    what = message.get("event") or message.get("name") or ""
    who = message.get("userId") or message.get("anonymousId") or ""
    rest = msgspec.json.encode(message.get("properties") or message.get("traits") or {}).decode()
    parts = (f"{one.received_at:%H:%M:%S}", one.source, message.get("type", ""), what, who, rest)
    return "  ".join(str(part) for part in parts if part)


def quarantine(name: AnyName = "", directory: Folder = ".", as_json: AsJson = False) -> None:
    """Messages that were set aside: why, how many, and what to do."""
    from mindgap.workspace import live  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415
    from mindgap.workspace.arrivals import reasons_of  # noqa: PLC0415
    from mindgap.workspace.set_aside import examples  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    found = reasons_of(workspace, name)
    if name and name not in found:
        live.live_source(workspace, name)
    shown: dict[tuple[str, str], list[Example]] = {}
    for one in examples(workspace, name or None):
        shown.setdefault((one.source, one.reason), []).append(one)
    if as_json:
        listed = [asdict(one) for some in shown.values() for one in some]
        print_json({"reasons": found, "examples": listed})
        return
    speak = Speaker(workspace)
    for source, reasons in found.items():
        console.print(source, style="bold")
        for reason, messages in reasons.items():
            console.print(f"  {messages:>9,}  {reason}: {speak(f'event-reason-{reason}')}")
            console.print(f"  {'':9}  {speak(f'event-reason-{reason}-do')}", style="dim")
            for one in shown.get((source, reason), ()):
                place = f" at {one.place}" if one.place else ""
                console.print(
                    f"  {'':9}  {one.received_at:%Y-%m-%d %H:%M}{place}: {_shape(one)}", style="dim"
                )
    if found:
        console.print(speak("cli-aside-replay"), style="dim")
    else:
        console.print(speak("cli-aside-nothing"))


def _shape(one: "Example") -> str:
    import msgspec  # noqa: PLC0415

    if one.shape is None:
        return f"{one.size_bytes:,} bytes that cannot be read"
    text = msgspec.json.encode(one.shape).decode()
    return text if len(text) <= _WIDTH else text[:_WIDTH] + "…"
