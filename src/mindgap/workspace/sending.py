"""Messages put into the log by hand, as a client would send them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mindgap.collect.events.consent import door
from mindgap.collect.events.delivery import Delivery, LiveSource, Rejected
from mindgap.collect.events.door import entry
from mindgap.kernel.clock import now
from mindgap.kernel.errors import UsageError
from mindgap.store.log import Entry
from mindgap.workspace import live

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_BATCH = 500


def send(workspace: "Desk", name: str, messages: Sequence[bytes]) -> Sequence[Entry]:
    """Store messages as if a client of a source had sent them; returns what was stored, when it is on disk.

    The same text again is the same message, unless it has a `messageId` of its own.

    Args:
        workspace: The workspace.
        name: The source.
        messages: JSON texts without line breaks.

    Raises:
        UnknownError: There is no such live source.
        UsageError: No message has an id, or the source is switched off.
        OverloadError: Too much waits in the log.
    """
    options = live.stream_options_of(workspace, name)
    source = LiveSource(name, live.live_source(workspace, name).kind, options, door(options))
    if not options.enabled:
        raise UsageError(f"Source {name!r} is switched off.", hint=f"mindgap source enable {name}")
    try:
        entries = list(_entries(source, messages))
    except Rejected as error:
        raise UsageError(error.message) from error
    workspace.stores.log.append_all(entries)
    return entries


def _entries(source: LiveSource, messages: Sequence[bytes]) -> Iterator[Entry]:
    for first in range(0, len(messages), _BATCH):
        some = messages[first : first + _BATCH]
        yield entry(Delivery(source, some), received_at=now(), opted_out=False)
