"""What events say of their customers' consent, for the record of decisions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from mindgap.collect.events.consent import decided
from mindgap.collect.events.event_row import EventRow
from mindgap.collect.events.messages import Reading
from mindgap.kernel.purposes import WITHDRAWABLE, Purpose
from mindgap.loop.sorting import Readings
from mindgap.store.reading import Stores
from mindgap.store.state import Decision

Latest = dict[tuple[str, Purpose], Decision]


def take_over(stores: Stores, rows: Iterable[EventRow], readings: Readings) -> None:
    """Record what customers decided, where it is news; doing it again changes nothing.

    Anybody may deny in a customer's name, for that only protects, unless their source asks for signed user
    ids; to grant, the source must be trusted. An event that happened before the decision that is known, and
    comes late, changes nothing.
    """
    said: Latest = {}
    for decision in sorted(_decisions(rows, readings), key=lambda one: (one.at, not one.granted)):
        said[decision.customer_id, decision.purpose] = decision
    known = {(one.customer_id, one.purpose): one for one in stores.consent.latest(who for who, _ in said)}
    stores.consent.record_all([one for key, one in said.items() if _is_news(one, known.get(key))])


def _is_news(said: Decision, known: Decision | None) -> bool:
    return known is None or (known.granted != said.granted and known.at <= said.at)


def _decisions(rows: Iterable[EventRow], readings: Readings) -> Iterator[Decision]:
    for row in rows:
        if row.customer_id is None or '"categoryPreferences"' not in row.context:
            continue
        how = readings(row.source)
        if isinstance(how, Reading):
            yield from _of_row(row, row.customer_id, how)


def _of_row(row: EventRow, customer_id: str, how: Reading) -> Iterator[Decision]:
    context: Mapping[str, Any] = msgspec.json.decode(row.context)
    consent = context.get("consent")
    if not isinstance(consent, dict):
        return
    granted, denied = decided(how.rules, consent.get("categoryPreferences"))
    for purpose in WITHDRAWABLE:
        if purpose in denied or (purpose in granted and how.options.trusted):
            yield Decision(
                customer_id=customer_id,
                purpose=purpose,
                granted=purpose not in denied,
                at=row.occurred_at,
                source=row.source,
            )
