"""What the HTTP collector and the wire formats say to each other.

A wire format is a module of collect/wire with a tuple `ENDPOINTS`. Its `read` turns a request into a
delivery of messages in the one shape that the log holds (docs/collect.md); its `answer` makes the body that
its clients want to see afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mindgap.collect.events.consent import Door
from mindgap.collect.events.stream_options import StreamOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, its body complete and unpacked.

    Attributes:
        method: GET, POST or PUT.
        path: Its path.
        path_params: The variable parts of the path.
        query: Query parameters; the first of each name.
        headers: Headers, names in lower case; the first of each name.
        body: The body, decompressed; at most 5 MB.
        scheme: http or https, as the client reached us.
    """

    method: str
    path: str
    path_params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "http"


class LiveSource(NamedTuple):
    """A source that is delivered to at this moment.

    Attributes:
        name: Its name.
        kind: http or webhook.
        options: What it may do; of a webhook its own kind of options.
        rules: Its consent rules, worked out.
    """

    name: str
    kind: str
    options: StreamOptions
    rules: Door


SourceOf = Callable[[str], LiveSource]
"""The source of a write key; raises Rejected (401 unknown key, 404 source switched off)."""


class Delivery(NamedTuple):
    """What a request delivers.

    Attributes:
        source: To which source.
        messages: JSON texts, each one message.
        sent_at: The batch's own `sentAt`, as written; empty without one.
        context: The batch's own context, a JSON object; empty without one.
    """

    source: LiveSource
    messages: Sequence[bytes] = ()
    sent_at: str = ""
    context: bytes = b""


class Answer(NamedTuple):
    """The body that a client gets.

    Attributes:
        body: Bytes.
        media_type: Their type.
        headers: More headers, names in lower case.
    """

    body: bytes = b'{"success":true}'
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Endpoint(NamedTuple):
    """One path of a wire format.

    Attributes:
        method: GET, POST or PUT.
        path: With variable parts in braces, as in `/v1/projects/{key}/settings`.
        read: What a request delivers; nothing when it has no messages. Raises Rejected.
        answer: What the client gets after its delivery is on disk.
        private: Whether the delivery is refused to browsers' foreign pages (no CORS).
    """

    method: str
    path: str
    read: Callable[[Request, SourceOf], Delivery]
    answer: Callable[[Request], Answer] = lambda _request: Answer()
    private: bool = False


class Rejected(Exception):  # noqa: N818 - it is an answer to the client
    """A request that cannot be taken.

    Attributes:
        status: 400 bad JSON, empty batch or no id; 401 bad key; 403 foreign origin; 404 source switched off;
            408 too slow; 413 too large; 429 too much; 503 cannot be stored.
        code: A short name of the reason, kebab case.
        message: What was wrong and what to do; no personal data, nothing of the body.
        retry_after_s: When to try again, in seconds; None when it makes no sense.
    """

    def __init__(self, status: int, code: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s
