"""The command that forgets a person, says how far that is, and proves that nothing is left."""

import sys
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from mindgap.cli.output import AsJson, Folder, console, errors, print_dicts, print_json
from mindgap.cli.words import Speaker

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence

    from mindgap.backends.scanning import Finding
    from mindgap.store.suppression import Erasure, Name
    from mindgap.workspace import Workspace
    from mindgap.workspace.erasure import Hear


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(forget)


def forget(
    customer_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="Any id of the person: of a customer or a device.")
    ] = "",
    status: Annotated[bool, typer.Option("--status", help="Say how far requests have come.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Decode every file and look for the person's ids.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether to go on.")] = False,
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Forget a person: at once for every read, then in all files; without ID, go on with what is not done."""
    from mindgap.loop.persons import is_forgotten  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import erasure as erasing  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    speak = Speaker(workspace)
    if status:
        _tell(speak, _requests(workspace, customer_id), as_json=as_json)
        return
    if verify and customer_id and is_forgotten(workspace.stores, customer_id):
        _verify_again(workspace, customer_id, as_json=as_json)
        return
    names: Collection[Name] = ()
    if customer_id:
        if not (yes or as_json):
            _confirm(speak)
        _request, names = erasing.suppress(workspace, customer_id)
        if not as_json:
            console.print(speak("forget-suppressed", ids=len(names)))
    with _progress(speak, quiet=as_json) as hear:
        done = erasing.carry_out(workspace, hear=hear)
    if verify and names:
        _finish_check(workspace, erasing.verify(workspace, names), done=done, as_json=as_json)
        return
    _tell(speak, done, as_json=as_json)
    if names and not as_json and not any(map(_removed, done)):
        console.print(speak("forget-nowhere"))


def _confirm(speak: Speaker) -> None:
    """Ask whoever sits at a terminal; a script, which nobody can ask, goes on."""
    if sys.stdin.isatty() and not typer.confirm(speak("forget-really"), err=True):
        errors.print(speak("forget-left"))
        raise typer.Exit(1)


def _requests(workspace: "Workspace", customer_id: str) -> "Sequence[Erasure]":
    from mindgap.workspace.erasure import request_of  # noqa: PLC0415

    return [request_of(workspace, customer_id)] if customer_id else workspace.stores.suppression.erasures()


def _verify_again(workspace: "Workspace", customer_id: str, *, as_json: bool) -> None:
    """Look for one id of a request that is done: the others are known as digests only."""
    from mindgap.store.suppression import Name  # noqa: PLC0415
    from mindgap.workspace import erasure as erasing  # noqa: PLC0415

    request = erasing.request_of(workspace, customer_id)
    found = erasing.verify(workspace, [Name("customer", customer_id)])
    _finish_check(workspace, found, done=[request], as_json=as_json)


def _finish_check(
    workspace: "Workspace", found: "Sequence[Finding]", *, done: "Sequence[Erasure]", as_json: bool
) -> None:
    """Say what was found; a request whose person is nowhere is verified. Ends with 1 otherwise."""
    from mindgap.workspace.erasure import verified  # noqa: PLC0415

    speak = Speaker(workspace)
    places = [{"file": one.file, "place": one.place, "form": one.form} for one in found]
    if found:
        if as_json:
            print_json({"found": places})
        else:
            errors.print(speak("forget-found", places=len(places)), style="red")
            print_dicts(places, wished=speak.language)
        raise typer.Exit(1)
    checked = [verified(workspace, one) for one in done if one.done_at is not None]
    if not as_json:
        console.print(speak("forget-verified"))
    _tell(speak, checked, as_json=as_json)


def _tell(speak: Speaker, requests: "Sequence[Erasure]", *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(one) for one in requests])
        return
    print_dicts(
        [
            {
                "request": one.id,
                "stage": speak(f"forget-stage-{one.stage}"),
                "asked": one.requested_at,
                "done": one.done_at,
                "verified": one.verified_at,
                "removed": _removed(one),
                "left": len(one.steps_left),
            }
            for one in requests
        ],
        wished=speak.language,
    )
    for one in requests:
        _tell_what_to_do(speak, one)


def _tell_what_to_do(speak: Speaker, one: "Erasure") -> None:
    """What people have to do themselves: tell recipients, delete copies."""
    for told in one.receipt.get("recipients", ()):
        console.print(speak("forget-recipient", **told))
    for copy in one.receipt.get("copies", ()):
        console.print(speak("forget-copy", copy=copy))


def _removed(one: "Erasure") -> int:
    """Rows that were taken out, all places together."""
    from mindgap.workspace.face import removed_rows  # noqa: PLC0415

    return sum(removed_rows(one).values())


@contextmanager
def _progress(speak: Speaker, *, quiet: bool) -> "Generator[Hear | None]":
    """A bar with the step under way, on standard error."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    if quiet:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("", total=None)

        def hear(step: str, steps: int, done: int) -> None:
            described = speak(f"forget-step-{step.replace('_', '-')}")
            progress.update(task, description=described, total=steps, completed=done)

        yield hear
