"""What arrives of people who are forgotten is left out: late events, and events that are sent again."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from mindgap.collect.events.door import head
from mindgap.collect.events.event_row import EventRow
from mindgap.loop.forget_steps import ALL_STEPS
from mindgap.loop.persons import customers_among, devices_of_customers
from mindgap.loop.sorting import Sorted
from mindgap.store.reading import Stores
from mindgap.store.suppression import Erasure, Name, Suppression
from mindgap.trust.identifiers import tokens_in

MOST_LATE_DEVICES = 100
"""So many devices go on the list because somebody signs in on them who was forgotten; each means work."""


def leave_out(found: Sorted, suppression: Suppression) -> None:
    """Take out of what was sorted all that is of people on the list, and count it.

    Args:
        found: Messages, sorted.
        suppression: The list.
    """
    if suppression.is_empty():
        return
    aside = [_names_in(one.message) for one in found.set_aside]
    listed = suppression.on_list({name for names in aside for name in names})
    if listed:
        kept = [one for one, names in zip(found.set_aside, aside, strict=True) if not names & set(listed)]
        found.suppressed.update(one.entry.source for one in found.set_aside)
        found.suppressed.subtract(one.entry.source for one in kept)
        found.set_aside[:] = kept
    found.suppress(_forgotten(list(found.rows.values()), suppression))


def without_forgotten(
    found: Sorted, rows: Sequence[EventRow], suppression: Suppression
) -> Sequence[EventRow]:
    """The rows but for those of people on the list; they are taken out of what was sorted, too.

    Args:
        found: Messages, sorted.
        rows: Their events with tokens, which tell a person who comes under another id.
        suppression: The list.
    """
    gone = _forgotten(rows, suppression)
    found.suppress(gone)
    return [row for row in rows if row.row_id not in gone] if gone else rows


def also_forget(stores: Stores, found: Sorted, *, at: datetime) -> None:
    """Put devices on the list on which forgotten people signed in just now, and on which nobody else did.

    What such a device sends without a name is theirs, too. Of each forgotten id so many go on the list, no
    more: whoever may send events can go on to name it on ever new devices.

    Args:
        stores: The workspace's ports.
        found: Messages, sorted; those of people on the list were taken out.
        at: The present, naive UTC.
    """
    on_list = stores.suppression.on_list
    signed_in = {row.anonymous_id: row.customer_id for row in found.forgotten if row.customer_id}
    pairs = {device: customer for device, customer in signed_in.items() if device}
    listed = on_list({name for pair in pairs.items() for name in _pair(*pair)})
    new = {
        device
        for device, customer in pairs.items()
        if Name("device", device) not in listed and Name("customer", customer) in listed
    }
    new -= {row.anonymous_id for row in found.rows.values() if row.customer_id}
    room = {customer: _room(stores, customer) for customer in sorted({pairs[device] for device in new})}
    new = {device for device in new if room[pairs[device]]}
    alone = new - devices_of_customers(stores, new) - customers_among(stores, new) if new else new
    for customer, most in room.items():
        own = sorted(device for device in alone if pairs[device] == customer)[:most]
        if own:
            _list_devices(stores, own, of=customer, at=at)


def _subject(stores: Stores, customer: str) -> str:
    """What stands for all devices on which somebody signs in who was forgotten."""
    return stores.suppression.digest(f"devices of\n{customer}")


def _room(stores: Stores, customer: str) -> int:
    """How many more devices may go on the list because of them."""
    return max(0, MOST_LATE_DEVICES - stores.suppression.listed_for(_subject(stores, customer)))


def _list_devices(stores: Stores, devices: Sequence[str], *, of: str, at: datetime) -> None:
    again = Erasure(
        id=stores.suppression.digest("\n".join(devices))[:16],
        subject=_subject(stores, of),
        stage="suppressed",
        requested_at=at,
        suppressed_at=at,
        steps_left=list(ALL_STEPS),
        receipt={"again": True},
    )
    stores.suppression.suppress(again, [Name("device", device) for device in devices])


def _pair(device: str, customer: str) -> Sequence[Name]:
    return Name("device", device), Name("customer", customer)


def _forgotten(rows: Sequence[EventRow], suppression: Suppression) -> set[int]:
    """Ids of rows of people on the list, by what the rows call them or what they are reached by."""
    if suppression.is_empty():
        return set()
    names = [_counted(names_of(row), row.customer_id) for row in rows]
    listed = set(suppression.on_list({name for own in names for name in own}))
    return {row.row_id for row, own in zip(rows, names, strict=True) if own & listed} if listed else set()


def is_of_forgotten(message: bytes, suppression: Suppression) -> bool:
    """Whether a message as it came is of a person on the list."""
    return bool(suppression.on_list(_names_in(message)))


def _names_in(message: bytes) -> set[Name]:
    """What counts of the names in a message as it came."""
    customer, device, former = _ids_in(message)
    return _counted(_names(customer, device, former), customer)


def names_of(row: EventRow) -> Iterator[Name]:
    """All that an event says of whose it is, whether or not that is believed."""
    yield from _names(row.customer_id or row.claimed_id, row.anonymous_id, row.previous_id)
    for word in tokens_in(row.identifiers):
        yield Name("identifier", word)


def _names(customer: str | None, device: str | None, former: str | None) -> Iterator[Name]:
    """A former id may have been a customer's or a device's; an anonymous one is sometimes the customer's.

    But a customer's is never a device's: others may have called a device like a customer, and been forgotten.
    """
    if customer is not None:
        yield Name("customer", customer)
    for text in (device, former):
        if text is not None:
            yield Name("customer", text)
            yield Name("device", text)


def _counted(names: Iterable[Name], customer: str | None) -> set[Name]:
    """What counts of the names of a row: where a customer is named not the device, which others may use too.

    A guest whom a client calls like the device is nobody else.
    """
    found = set(names)
    if customer is None or Name("device", customer) in found:
        return found
    return {name for name in found if name.kind != "device"}


def _ids_in(message: bytes) -> Iterable[str | None]:
    seen = head(message)
    said = (seen.user_id, seen.anonymous_id, seen.previous_id)
    return [str(one) if type(one) in {str, int} and one != "" else None for one in said]
