"""`mindgap`: exit code 0 when done, 1 when it failed, 2 when the call was wrong, 130 after Ctrl-C."""

import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from traceback import extract_tb
from typing import Annotated

import typer

from mindgap import __version__
from mindgap.cli import commands
from mindgap.kernel.errors import CannotSay, MindgapError, StorageError

_INTERRUPTED = 130

app = typer.Typer(
    name="mindgap",
    help="Measure what a business and its customers do not know of each other, and close the gap.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Every command takes --json. Start with: mindgap run FILE...",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mindgap {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    del version  # its callback has ended the call


for _module in sorted(module.name for module in iter_modules(commands.__path__)):
    import_module(f"{commands.__name__}.{_module}").register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; errors become one message on standard error and an exit code.

    Args:
        arguments: What stands behind the command's name; the process's own by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    # one thread per numerical library: two on a small machine fight each other
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        app(args=given, prog_name="mindgap")
    except KeyboardInterrupt:
        sys.exit(_stopped())
    except SystemExit as end:
        if end.code == _INTERRUPTED:  # typer turns Ctrl-C within a command into this
            _stopped()
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - whatever broke, people get a message and programs JSON
        sys.exit(_complain(_own(error), folder=_folder(given), as_json="--json" in given))


def _own(error: Exception) -> MindgapError:
    """What the machine refused, as one of our errors."""
    match error:
        case MindgapError():
            return error
        case MemoryError():
            return StorageError(
                "This machine has too little free memory for it.", hint="Close other programs."
            )
        case OSError():
            return StorageError(f"{error.filename or 'The machine'}: {error.strerror or error}.")
        case _ if os.environ.get("MINDGAP_DEBUG"):
            raise error
        case _:
            frame = extract_tb(error.__traceback__)[-1]
            place = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119 - a name for people
            return MindgapError(
                f"Something in Mindgap broke: {type(error).__name__} at {place}.",
                hint="Please report it. MINDGAP_DEBUG=1 shows more, which may hold personal data.",
            )


def _stopped() -> int:
    typer.echo("\nStopped. What was finished is kept; run the same command again to go on.", err=True)
    return _INTERRUPTED


def _folder(given: Sequence[str]) -> str:
    """The workspace folder that a call is about, whatever else is wrong with it."""
    for option, value in zip(given, [*given[1:], ""], strict=True):
        if option in {"--dir", "-d"}:
            return value
        if option.startswith("--dir="):
            return option.removeprefix("--dir=")
    return os.environ.get("MINDGAP_DIR") or "."


def _complain(error: MindgapError, *, folder: str, as_json: bool) -> int:
    hint, message = error.hint, error.message
    if isinstance(error, CannotSay):
        from mindgap.cli.words import reason_text  # noqa: PLC0415 - the catalogue is slow to load

        message = reason_text(error.code, error.params, folder)
    if as_json:
        body = {"error": {"type": type(error).__name__, "message": message, "hint": hint}}
        typer.echo(json.dumps(body, ensure_ascii=False))
    else:
        typer.secho(f"mindgap: {message}", err=True, fg="red")
        if hint:
            typer.echo(f"  {hint}", err=True)
    return error.exit_code
