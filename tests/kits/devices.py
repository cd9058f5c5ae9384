"""People and the devices on which they sign in: what a shop's page sends of them, and what became of it."""

from datetime import timedelta

from kits.clickstream import END, entries, message, track
from kits.event_log import lake


def claims(user, devices, *, at=END):
    """A user id that is said on each of some devices."""
    return [message("identify", at, user=user, device=device) for device in devices]


def guests(devices, *, at=END):
    """What somebody without a name looked at on each, an hour before."""
    return [track("Product Viewed", at - timedelta(hours=1), {}, device=device) for device in devices]


def send(workspace, told, *, source="page"):
    workspace.stores.log.append_all(list(entries(told, source=source, batch=1_000)))


def kept(workspace):
    """Customer and device of all rows of the lake."""
    rows = lake(workspace.stores, "customer_id, anonymous_id")
    return sorted((row["customer_id"] or "", row["anonymous_id"] or "") for row in rows)
