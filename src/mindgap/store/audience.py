"""The Target port: an audience handed to another system, for a purpose its customers allow."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Customers who have something in common, as of the last run.

    Attributes:
        name: Its name, such as `risk:high`.
        purpose: What it may be used for; customers who withdrew that are not in it.
        as_of: As of when, naive UTC.
        customers: A row per customer, `customer_id` first.
    """

    name: str
    purpose: str
    as_of: datetime
    customers: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of an audience.

    Attributes:
        customers: How many were handed over.
        batches: In how many pieces.
        removed: How many who were there before and are no longer in it were taken out; None where the other
            system does not say.
    """

    customers: int
    batches: int = 1
    removed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Somebody got an audience from us, once or often.

    Attributes:
        recipient: The file, host or database that got it, without secrets.
        audience: Its name.
        purpose: What it was for.
        latest_at: When it was handed over last, naive UTC.
    """

    recipient: str
    audience: str
    purpose: str
    latest_at: datetime


class Disclosures(Protocol):
    """Who was handed to whom: recipients must be told when somebody is forgotten (GDPR 19)."""

    def note(self, disclosure: Disclosure, customer_ids: Collection[str]) -> None:
        """Note that these customers are handed over, beside all who were before."""
        ...

    def of(self, customer_ids: Collection[str]) -> Sequence[Disclosure]:
        """Who got any of these customers, by recipient and audience."""
        ...


class Target(Protocol):
    """Where an audience is sent to."""

    def send(self, audience: Audience, /) -> Sent:
        """Hand the audience over: all of it, or as far as the error says.

        Raises:
            SourceError: The other system cannot be reached or refuses it.
            SettingsError: It must not be sent there.
            StorageError: The file cannot be written.
        """
        ...
