"""Commands about who is one person: what was joined, what was held back, and deciding on it."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import typer

from mindgap.cli.output import AsJson, Folder, console, errors, print_dicts, print_json
from mindgap.cli.words import Speaker, language
from mindgap.kernel.words import say
from mindgap.store.identity_words import compared_words, evidence_words, kind_words, reason_words

_NAMED = frozenset({"customer", "anonymous"})
_group = typer.Typer(no_args_is_help=True, help="Who is one person: what was joined, held back, decided.")
_Limit = Annotated[int, typer.Option(help="How many at most.", min=1)]
_Why = Annotated[str, typer.Option("--reason", help="Why, for those who ask later.")]
_Id = Annotated[str, typer.Argument(metavar="ID", help="A customer's id, or an anonymous one.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(_group, name="identity")
    _group.command("list")(list_persons)
    for command in (show, review, confirm, undo, history):
        _group.command()(command)
    _group.command("keep-apart")(keep_apart)
    _group.command()(link)


def list_persons(directory: Folder = ".", as_json: AsJson = False, limit: _Limit = 100) -> None:
    """Persons with several customer ids."""
    workspace = _open(directory)
    found = workspace.identity.persons(limit=limit)
    if as_json:
        print_json(found)
    else:
        print_dicts(found, wished=language(workspace.settings.language))


def show(name: _Id, directory: Folder = ".", as_json: AsJson = False) -> None:
    """The person that an id belongs to, all ids, and what shows it."""
    workspace = _open(directory)
    found = workspace.identity.show(name)
    if not any(found[part] for part in ("ids", "held", "history")):
        workspace.identity.require_known(name)
    found["history"] = [asdict(one) for one in found["history"]]
    if as_json:
        print_json(found)
        return
    console.print(found["person_id"], style="bold")
    speak = Speaker(workspace)
    ids = [{**row, "evidence": kind_words(row["evidence"].split(), speak.language)} for row in found["ids"]]
    if ids:
        print_dicts(ids, wished=speak.language)
    else:
        console.print(speak("identity-alone"))
    if found["held"]:
        print_dicts([_in_words(row, speak.language) for row in found["held"]], wished=speak.language)


def review(
    directory: Folder = ".",
    reason: Annotated[str, typer.Option(help="Only what was held back for this reason.")] = "",
    as_json: AsJson = False,
    limit: _Limit = 100,
) -> None:
    """Ids that may be one person and were held apart, with the reason."""
    workspace = _open(directory)
    rows = workspace.identity.review(reason=reason, limit=limit)
    if as_json:
        print_json(rows)
        return
    wished = language(workspace.settings.language)
    print_dicts([_in_words(row, wished) for row in rows], wished=wished)


def confirm(
    first: _Id,
    second: Annotated[str, typer.Argument(metavar="OTHER", help="The other id.")],
    directory: Folder = ".",
    reason: _Why = "",
    as_json: AsJson = False,
) -> None:
    """Declare two ids that were held apart one person; from the next run on."""
    workspace = _open(directory)
    decided = workspace.identity.confirm(first, second, reason=reason)
    _decided(workspace, [asdict(decided)], as_json=as_json)


def keep_apart(
    first: _Id,
    second: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The other one, a customer's id.")],
    kind: Annotated[
        Literal["customer", "anonymous"], typer.Option(help="What the first id is.")
    ] = "customer",
    directory: Folder = ".",
    reason: _Why = "",
    as_json: AsJson = False,
) -> None:
    """Declare that two ids never were one person; from the next run on."""
    workspace = _open(directory)
    decided = workspace.identity.keep_apart(first, second, first_kind=kind, reason=reason)
    _decided(workspace, [asdict(decided)], as_json=as_json)


def link(
    directory: Folder = ".",
    threshold: Annotated[
        float | None,
        typer.Option(help="Propose from this probability on; by default where 1 % should be wrong."),
    ] = None,
    confirm_above: Annotated[
        float | None, typer.Option(help="Join from this probability on, without asking.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare customers without a shared identifier, and propose who may be one person (extra `linkage`)."""
    workspace = _open(directory)
    with errors.status(say("identity-comparing", language(workspace.settings.language))):
        found = workspace.identity.link(threshold=threshold, confirm_above=confirm_above)
    if as_json:
        print_json(asdict(found))
        return
    _print_linked(found, language(workspace.settings.language))


def _print_linked(found: Any, wished: str) -> None:
    chosen = found.threshold
    told = {"probability": f"{chosen.probability:.4f}", "rate": f"{chosen.false_rate:.2%}"}
    figures = {"pairs": chosen.pairs, "decided": chosen.decided, **told}
    by = ", ".join(compared_words(found.compared_by, wished))
    first = {"customers": found.customers, "pairs": found.pairs, "by": by}
    console.print(say("identity-linked", wished, first))
    console.print(say("identity-threshold", wished, figures))
    if chosen.pairs:
        console.print(say(f"identity-threshold-by-{chosen.chosen_by}", wished, figures))
    if found.confirmed:
        console.print(say("identity-linked-confirmed", wished, {"pairs": found.confirmed}))
    if found.proposals:
        console.print(say("identity-linked-waiting", wished, {"pairs": len(found.proposals)}))


def undo(
    merge: Annotated[int, typer.Argument(metavar="MERGE", help="Its number in the history.")],
    directory: Folder = ".",
    reason: _Why = "",
    as_json: AsJson = False,
) -> None:
    """Keep apart all that a merge joined; after the next run all is as it was before."""
    workspace = _open(directory)
    decided = workspace.identity.undo(merge, reason=reason)
    _decided(workspace, [asdict(one) for one in decided], as_json=as_json)


def history(
    name: Annotated[str, typer.Argument(metavar="[ID]", help="Of this id's person; of all by default.")] = "",
    directory: Folder = ".",
    as_json: AsJson = False,
    limit: _Limit = 100,
) -> None:
    """What was merged, split and undone, newest first."""
    workspace = _open(directory)
    found = [asdict(one) for one in workspace.identity.history(name, limit=limit)]
    if as_json:
        print_json(found)
        return
    wished = language(workspace.settings.language)
    print_dicts(
        [
            {
                "merge": one["id"],
                "what": say(f"identity-change-{one['kind']}", wished),
                "person": one["person_id"],
                "ids": list(one["after"]),
                "by": kind_words(sorted({tie["kind"] for tie in one["ties"]}), wished),
                "as of": one["as_of"],
            }
            for one in found
        ],
        wished=wished,
    )


def _open(directory: str) -> Any:
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

    return open_workspace(directory, actor="cli", create=False)


def _in_words(row: dict[str, Any], wished: str) -> dict[str, Any]:
    """A pair that was held apart, as a person reads it; of an identifier its kind, never the token."""
    kind = row["first_kind"]
    return {
        "first": row["first_id"] if kind in _NAMED else compared_words([kind], wished)[0],
        "second": row["second_id"],
        "why": reason_words(row, wished),
        "evidence": ", ".join(evidence_words(row, wished)),
        "events": row["events"],
        "since": row["first_seen"],
    }


def _decided(workspace: Any, decisions: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(decisions)
        return
    speak = Speaker(workspace)
    for one in decisions:
        action = one["action"].replace("_", "-")
        console.print(speak(f"identity-decided-{action}", first=one["first_id"], second=one["second_id"]))
    console.print(speak("identity-next-run"), style="dim")
