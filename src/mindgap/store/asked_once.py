"""A ledger that is asked each question once: for whoever looks at many tables as of one moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mindgap.store.state import Ledger, Part, SourceRecord


@dataclass(slots=True)
class LedgerAskedOnce:
    """The Ledger port as it stood when it was first asked.

    Attributes:
        ledger: Answers.
    """

    ledger: Ledger
    _parts: dict[str, Sequence[Part]] = field(default_factory=dict)
    _sources: Sequence[SourceRecord] | None = None

    def parts(self, table: str) -> Sequence[Part]:
        """The parts of a canonical table, in a fixed order."""
        if table not in self._parts:
            self._parts[table] = self.ledger.parts(table)
        return self._parts[table]

    def sources(self) -> Sequence[SourceRecord]:
        """All sources, by name."""
        if self._sources is None:
            self._sources = self.ledger.sources()
        return self._sources

    def replace(self, record: SourceRecord, parts: Iterable[Part]) -> None:
        """Make these parts all that a source has given, and forget what was answered."""
        self.ledger.replace(record, parts)
        self._parts.clear()
        self._sources = None
