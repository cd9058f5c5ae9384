"""One workspace: run it, read its tables, ask for its answers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mindgap.collect.files.importing import Inspection
from mindgap.kernel.clock import now
from mindgap.kernel.errors import BusyError, MindgapError, UsageError
from mindgap.kernel.purposes import WITHDRAWABLE, Purpose
from mindgap.loop.conversion import Conversion, convert
from mindgap.loop.retention import forget_old_rows
from mindgap.loop.running import Observer, Outcome
from mindgap.loop.running import run as run_loop
from mindgap.store.audience import Audience
from mindgap.store.streams import Tally
from mindgap.store.suppression import Erasure
from mindgap.workspace import answers, audiences, erasure, events, keeping, quality, sources
from mindgap.workspace.arrivals import Arrivals, arrivals
from mindgap.workspace.current import Current, features_now
from mindgap.workspace.desk import Desk
from mindgap.workspace.examples import client_examples
from mindgap.workspace.face import Happening, ListKind
from mindgap.workspace.features import FeatureFigures, features
from mindgap.workspace.profiles import Alike, similar
from mindgap.workspace.sources import Intake
from mindgap.workspace.tail import Latest
from mindgap.workspace.timeline import timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace(Desk):
    """A business's data, models and answers in one folder (attributes: see Desk)."""

    def add(
        self,
        path: str | Path,
        *,
        kind: str | None = None,
        columns: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Intake:
        """Bring a file, or every file of a folder, in; how it was understood is kept in mindgap.toml.

        Args:
            path: CSV, TSV, JSON lines, Parquet or Excel, or a folder of them.
            kind: orders, customers, products, exposures or feedback; found out by default.
            columns: Column of the file by canonical field, where the guess would be wrong.
            options: How to read it: time_zone, day_first, decimal_comma, amount_is, duplicates, ...

        Raises:
            SourceError: It cannot be read.
            MappingError: Its columns cannot be understood.
            BusyError: Another process is working in this workspace.
        """
        inspections, failures = sources.look_at(
            self.settings, path, kind=kind, columns=columns, options=options
        )
        return self.accept(inspections, failures)

    def inspect(
        self,
        path: str | Path,
        *,
        kind: str | None = None,
        columns: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> tuple[list[Inspection], dict[str, MindgapError]]:
        """Look at a file or folder without reading it in: what was understood, and what was not, by name."""
        return sources.look_at(self.settings, path, kind=kind, columns=columns, options=options)

    def accept(
        self,
        inspections: Sequence[Inspection],
        failures: Mapping[str, MindgapError] | None = None,
        *,
        hear: sources.Hear | None = None,
    ) -> Intake:
        """Keep sources as they were understood, and read what is new; `hear` is told what is being read."""
        with self.exclusive():
            sources.keep(self, inspections)
            intake = sources.read_sources(self, hear=hear)
        return replace(intake, failures={**intake.failures, **(failures or {})})

    def refresh(self, *, hear: sources.Hear | None = None) -> Intake:
        """Read every source that changed since it was read last."""
        with self.exclusive():
            return sources.read_sources(self, hear=hear)

    def run(self, *, as_of: datetime | None = None, observer: Observer | None = None) -> Outcome:
        """Bring in events, read sources that changed, then rebuild every derived table that is out of date.

        A source that can no longer be read hinders nothing: what it gave before is kept (`refresh` tells).

        Args:
            as_of: Nothing at or after this moment (naive UTC) is looked at; by default the first
                midnight after the latest order.
            observer: Hears of the progress.

        Raises:
            CannotSay: There are no orders yet.
            UsageError: `as_of` lies before every order.
            BusyError: Another process is running in this workspace.
            StorageError: The disk is full, or the folder cannot be written; what was finished is kept.
        """
        with suppress(BusyError):  # then another process is bringing events in just now
            self.compact()
            self.tidy()
        with suppress(BusyError):  # then what is left of people who are forgotten goes the next time
            erasure.carry_out(self)
        with self.exclusive():
            sources.read_sources(self)
            forget_old_rows(self.stores, keeping.retention(self))
            self._convert()
            moment = self.moment(as_of)
            return run_loop(self.stores, moment, observer=observer)

    def compact(self) -> Tally:
        """Bring events that arrived into the table `events`; returns what became of them.

        Raises:
            BusyError: Another process has been at it for half a minute.
            StorageError: The disk is full; what arrived stays in the log.
        """
        return events.compact(self)

    def tidy(self) -> None:
        """Let go events that are kept no longer, and make few files of many small ones.

        Raises:
            BusyError: Another process has been at it for half a minute.
        """
        events.tidy(self)

    def replay(self, source: str | None = None) -> Tally:
        """Try again what is set aside, of one source or of all, by the rules as they are now.

        Raises:
            UnknownError: No source of that name ever delivered or is declared.
            BusyError: Another process has been at it for half a minute.
        """
        return events.replay(self, source)

    def arrivals(self) -> Arrivals:
        """How live sources are: counts, lag, errors, and events of the last day by the hour."""
        return arrivals(self)

    def latest(self) -> Latest:
        """Shows the messages that arrive, persons masked."""
        return Latest(self)

    def client_examples(self, address: str) -> Mapping[str, Mapping[str, str]]:
        """How clients send to each source, by its name: endpoint, curl, snippet."""
        return client_examples(self, address)

    def _convert(self) -> None:
        settings = self.settings
        given = Conversion(time_zone=settings.time_zone, currency=settings.currency, at=now())
        convert(self.stores, given)

    def customer(self, customer_id: str, *, purpose: Purpose | str = Purpose.SERVICE) -> dict[str, Any]:
        """One customer, whole: features, segment, risk, value, interests, orders, gap, consent.

        Raises:
            UnknownError: No customer has that id.
        """
        return answers.customer(self, customer_id, purpose=Purpose(purpose))

    def timeline(
        self, customer_id: str, *, purpose: Purpose | str = Purpose.SERVICE, limit: int = 100
    ) -> tuple[Happening, ...]:
        """What happened with a customer on every channel, newest first; accepted events at once.

        Args:
            customer_id: The customer; of one who is not known, or withdrew the purpose, nothing is told.
            purpose: Why it is read.
            limit: How many at most.

        Raises:
            AccessError: The purpose is one for which no single person's data may be shown.
        """
        return timeline(self, customer_id, purpose=Purpose(purpose), limit=limit)

    def recommend(
        self, customer_id: str, *, k: int = 10, kind: ListKind = "mixed"
    ) -> tuple[answers.Recommended, ...]:
        """What to offer a customer next, best first, each with its reasons.

        Args:
            customer_id: The customer; one who is not known, or who withdrew personalization, gets what
                is popular.
            k: How many.
            kind: Products bought before (repeat), never bought (discover), or both.
        """
        return answers.recommend(self, customer_id, k=k, kind=kind)

    def similar(self, product_id: str, *, k: int = 10) -> tuple[Alike, ...]:
        """The products that are most like another, by what is written of them.

        Raises:
            UnknownError: The catalogue has no such product, or says nothing of it.
        """
        return similar(self, product_id, k)

    def gap(self, customer_id: str | None = None) -> dict[str, Any]:
        """The information gap of the business, or of one customer (docs/insight.md)."""
        return answers.gap(self, customer_id)

    def features(self, name: str = "") -> tuple[FeatureFigures, ...]:
        """The catalogue of features: meaning, unit, window, purpose, source, coverage and distribution.

        Args:
            name: One feature, or TABLE.NAME; all by default.

        Raises:
            UnknownError: There is no such feature.
        """
        return features(self, name)

    def features_now(
        self, customer_id: str, *, purpose: Purpose | str = Purpose.SERVICE, at: datetime | None = None
    ) -> Current:
        """A customer's features at a moment, by table; accepted events count at once (docs/features.md).

        Args:
            customer_id: Any id of the customer; of one who withdrew the purpose nothing is told.
            purpose: Why it is read.
            at: As of when (naive UTC); now by default.

        Raises:
            AccessError: The purpose is one for which no single person's data may be shown.
        """
        return features_now(self, customer_id, purpose=Purpose(purpose), at=at or now())

    def evaluate(self, task: str | None = None) -> list[dict[str, Any]]:
        """How good every model is on held-out time, beside its baseline.

        Raises:
            UnknownError: No such task.
        """
        return answers.evaluate(self, task)

    def status(self) -> dict[str, Any]:
        """What is fresh, what was read, and what cannot be said and why."""
        return answers.status(self)

    def quality(self) -> dict[str, Any]:
        """How good the data is: what was dropped and why, and figures over time (docs/quality.md)."""
        return quality.quality(self)

    def cleaning_rules(self) -> list[dict[str, Any]]:
        """Every cleaning rule: whether it is on, its figures, and what it dropped at the last run."""
        return quality.rules_of(self)

    def scale(self) -> dict[str, Any]:
        """Volume, velocity, variety and veracity of the data, in figures."""
        return quality.scale(self)

    def audience(
        self,
        name: str,
        *,
        purpose: Purpose | str = Purpose.MARKETING,
        columns: Sequence[str] = (),
    ) -> Audience:
        """Customers who have something in common and allow the purpose (docs/connectors.md).

        Args:
            name: segment:2, risk:high, value:top-10%, gap:significant, or TABLE:COLUMN>=VALUE.
            purpose: What it is for; the read is recorded.
            columns: More about each customer: columns of `customer_features` or `customers`.
        """
        return audiences.audience(self, name, purpose=Purpose(purpose), columns=columns)

    def find_customers(self, text: str, limit: int = 20) -> list[str]:
        """Customer ids that contain a text, in order."""
        return answers.find_customers(self, text, limit)

    def withdraw(self, customer_id: str, purpose: Purpose | str, *, source: str = "python") -> None:
        """Record that a customer withdrew a purpose; every read obeys at once, models at the next run."""
        self._decide(customer_id, Purpose(purpose), granted=False, source=source)

    def grant(self, customer_id: str, purpose: Purpose | str, *, source: str = "python") -> None:
        """Record that a customer grants a purpose (again)."""
        self._decide(customer_id, Purpose(purpose), granted=True, source=source)

    def forget(self, customer_id: str, *, hear: erasure.Hear | None = None) -> Erasure:
        """Forget a person: every read obeys at once, then all files are rewritten (docs/erasure.md).

        Args:
            customer_id: Any id of theirs, of a customer, a browser or a device.
            hear: Is told of every step.

        Returns:
            The request as it is now: done, with figures on its receipt.

        Raises:
            BusyError: Another process has been writing for half a minute; reads obey, and the rest goes on
                by itself.
        """
        request, _names = erasure.suppress(self, customer_id)
        done = erasure.carry_out(self, hear=hear)
        return next((one for one in done if one.id == request.id), request)

    def suppress(self, customer_id: str) -> Erasure:
        """Forget a person for every read at once; the worker, or the next run, takes them out of all files.

        Args:
            customer_id: Any id of theirs.

        Raises:
            UsageError: The id is empty.
        """
        return erasure.suppress(self, customer_id)[0]

    def erasure_request(self, request_id: str) -> Erasure:
        """How far a request to forget somebody has come.

        Raises:
            UnknownError: There is no such request.
        """
        return erasure.request(self, request_id)

    def _decide(self, customer_id: str, purpose: Purpose, *, granted: bool, source: str) -> None:
        if purpose not in WITHDRAWABLE:
            choices = ", ".join(WITHDRAWABLE)
            raise UsageError(
                f"{purpose.value!r} is no purpose to decide on.", hint=f"Choose one of: {choices}."
            )
        self.stores.consent.record(customer_id, purpose, granted=granted, at=now(), source=source)
