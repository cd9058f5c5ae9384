"""The command that shows, withdraws and grants a customer's purposes."""

from typing import Annotated, Literal

import typer

from mindgap.cli.output import AsJson, Folder, console, print_json
from mindgap.cli.words import Speaker


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(consent)


def consent(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer, as the sources name it.")],
    action: Annotated[
        Literal["show", "withdraw", "grant"], typer.Argument(help="What the customer decided.")
    ] = "show",
    purpose: Annotated[str, typer.Argument(help="analytics, personalization, marketing or service.")] = "",
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Show, withdraw or grant the purposes for which a customer's data may be used."""
    from mindgap.kernel.errors import UsageError  # noqa: PLC0415 - engines are slow to import
    from mindgap.kernel.purposes import WITHDRAWABLE, Purpose  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    if action != "show":
        if purpose not in set(Purpose):
            choices = ", ".join(WITHDRAWABLE)
            raise UsageError("Say which purpose.", hint=f"One of: {choices}.")
        decide = workspace.withdraw if action == "withdraw" else workspace.grant
        decide(customer_id, purpose, source="cli")
    decided = workspace.stores.consent.of_customer(customer_id)
    shown = {name.value: decided.get(name, True) for name in WITHDRAWABLE}
    if as_json:
        print_json({"customer_id": customer_id, "consent": shown})
        return
    speak = Speaker(workspace)
    for name, granted in shown.items():
        console.print(f"  {name:16} {speak('cli-consent-allowed' if granted else 'cli-consent-withdrawn')}")
    if action == "withdraw":
        console.print(speak("cli-consent-obeyed"), style="dim")
