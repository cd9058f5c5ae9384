"""`mindgap source ...`: live sources of events and tables."""

import typer

from mindgap.cli.sources import declaring, feeding, watching


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        name="source",
        help="Live sources: what sends events, or is read again and again.",
        no_args_is_help=True,
    )
    declaring.register(group)
    feeding.register(group)
    watching.register(group)
    app.add_typer(group)
