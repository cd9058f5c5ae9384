"""A progress bar with time left, from the loop's own account of what is to do."""

from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from mindgap.cli.output import errors
from mindgap.loop.planning import Step
from mindgap.store.state import ShelfEntry


class ProgressBar:
    """Draws the loop's progress on standard error; draws nothing where that is no terminal."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._task = self._progress.add_task("…", total=None)
        self._weights: list[float] = []

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def reading(self, name: str) -> None:
        """A source is being read."""
        self._progress.update(self._task, description=name)

    def planned(self, weights: list[float]) -> None:
        """The relative cost of every step that will be built, in order."""
        self._weights = weights[::-1]
        self._progress.update(self._task, total=sum(weights), completed=0)

    def building(self, step: Step) -> None:
        """A step begins."""
        self._progress.update(
            self._task, description=f"{step.derivation.name} · {step.moment.as_of:%Y-%m-%d}"
        )

    def built(self, entry: ShelfEntry) -> None:
        """A step ended."""
        self._progress.advance(self._task, self._weights.pop())
        self._progress.update(self._task, description=entry.name)
