"""`mindgap audience ...`: customers who have something in common, handed to another system."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mindgap.cli.output import AsJson, Folder, console, print_dicts, print_json
from mindgap.cli.words import Speaker

if TYPE_CHECKING:
    from mindgap.store.audience import Audience

Why = Annotated[str, typer.Option(help="What it is for; customers who withdrew that are left out.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        name="audience", help="Customers who have something in common: list and send.", no_args_is_help=True
    )
    for command in (names, send):
        group.command("list" if command is names else command.__name__)(command)
    app.add_typer(group)


def names(purpose: Why = "marketing", directory: Folder = ".", as_json: AsJson = False) -> None:
    """The audiences that have names, and how many customers allow the purpose in each."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace.audiences import audiences  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    found = audiences(workspace, purpose=_purpose(purpose))
    rows = [{"audience": one.name, "customers": one.customers} for one in found]
    if as_json:
        print_json(rows)
        return
    speak = Speaker(workspace)
    print_dicts(rows, wished=speak.language)
    console.print(speak("cli-audience-rules"), style="dim")


def send(
    name: Annotated[str, typer.Argument(metavar="NAME", help="E.g. risk:high or value:top-10%.")],
    to: Annotated[str, typer.Option(help="A file that ends in .csv, https://..., or a database's URL.")],
    purpose: Why = "marketing",
    columns: Annotated[str, typer.Option(help="More about each customer, names between commas.")] = "",
    table: Annotated[str, typer.Option(help="Of a database: the table.")] = "mindgap_audiences",
    password_env: Annotated[
        str, typer.Option(help="Of a database: environment variable with the password.")
    ] = "",
    secret_env: Annotated[
        str, typer.Option(help="Of a webhook: environment variable with the secret that signs.")
    ] = "MINDGAP_WEBHOOK_SECRET",  # noqa: S107 - the name of a variable
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent.")] = False,
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Hand an audience to another system: who withdrew the purpose is not in it, and the read is recorded."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace.audiences import hand_over  # noqa: PLC0415
    from mindgap.workspace.targets import Told, target  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    told = Told(table=table, password_env=password_env, secret_env=secret_env)
    where = target(workspace.folder, to, told)
    wanted = [one.strip() for one in columns.split(",") if one.strip()]
    audience = workspace.audience(name, purpose=_purpose(purpose), columns=wanted)
    sent = None if dry_run else hand_over(workspace, audience, where, to=to)
    answer = {**_told(audience), "sent": sent is not None, "batches": sent.batches if sent else 0}
    removed = sent.removed if sent else None
    if as_json:
        print_json({**answer, "removed": removed})
        return
    speak = Speaker(workspace)
    code = "cli-audience-sent" if sent else "cli-audience-would-be-sent"
    console.print(speak(code, customers=audience.customers.num_rows, name=name))
    console.print(speak("cli-audience-with", columns=", ".join(audience.customers.column_names)), style="dim")
    if removed:
        console.print(speak("cli-audience-removed", customers=removed), style="dim")


def _told(audience: "Audience") -> dict[str, Any]:
    return {
        "audience": audience.name,
        "purpose": audience.purpose,
        "as_of": audience.as_of,
        "customers": audience.customers.num_rows,
        "columns": audience.customers.column_names,
    }


def _purpose(name: str) -> Any:
    from mindgap.kernel.errors import UsageError  # noqa: PLC0415
    from mindgap.kernel.purposes import WITHDRAWABLE, Purpose  # noqa: PLC0415

    if name not in set(WITHDRAWABLE):
        raise UsageError(f"There is no purpose {name!r} here.", hint=f"One of: {', '.join(WITHDRAWABLE)}.")
    return Purpose(name)
