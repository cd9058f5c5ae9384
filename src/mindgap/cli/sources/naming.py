"""Arguments that several commands on sources share, and their completion in the shell."""

from pathlib import Path
from typing import Annotated

import typer

ADDRESS = "http://127.0.0.1:8765"
"""Where `mindgap serve` listens by default."""


def _known(context: typer.Context, incomplete: str) -> list[str]:
    from mindgap.kernel.errors import MindgapError  # noqa: PLC0415 - completion must be quick
    from mindgap.kernel.settings import read_settings  # noqa: PLC0415

    try:
        sources = read_settings(Path(context.params.get("directory") or ".")).sources
    except MindgapError:
        return []
    return [name for name in sources if name.startswith(incomplete)]


def _kinds(incomplete: str) -> list[str]:
    from mindgap.workspace.live import LIVE_KINDS  # noqa: PLC0415

    return [kind for kind in LIVE_KINDS if kind.startswith(incomplete)]


Name = Annotated[str, typer.Argument(help="The source's name.", autocompletion=_known)]
AnyName = Annotated[str, typer.Argument(help="One source; all by default.", autocompletion=_known)]
Kind = Annotated[
    str,
    typer.Option(help="http, webhook, kafka, warehouse, sql or folder.", autocompletion=_kinds),
]
Address = Annotated[
    str, typer.Option(help="Where clients reach the server, for the examples that are printed.")
]
