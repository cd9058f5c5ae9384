"""Our own browser snippet, mindgap.js, as the collector serves it; docs/snippet.md."""

import gzip
import re
from importlib.resources import files

from mindgap.collect.events.consent import door
from mindgap.collect.events.delivery import Answer, Delivery, Endpoint, LiveSource, Request, SourceOf
from mindgap.collect.events.stream_options import StreamOptions

_COMMENT = re.compile(r" ?// .*$", re.MULTILINE)
_MARGIN = re.compile(r"\s*\n\s*")
_OPEN_END = re.compile(r"(?<=[,;{(])\n")
_NOBODY = LiveSource("", "http", StreamOptions(), door(StreamOptions()))
_HEADERS = (
    # browsers ask again once a day, and meanwhile show what they have
    ("cache-control", "public, max-age=86400, stale-while-revalidate=604800"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
    ("vary", "accept-encoding"),
)


def served(source: str) -> str:
    r"""The snippet without comments, margins, and line breaks where no line can be complete.

    A minifier would save another tenth; so there is nothing to build, and what runs in a shop can be read.

    >>> served("f(1, // one\n  2);\ng();")
    'f(1,2);g();'
    """
    return _OPEN_END.sub("", _MARGIN.sub("\n", _COMMENT.sub("", source)))


SNIPPET = served(files(__package__ or "").joinpath("mindgap.js").read_text("utf-8")).encode()
"""What browsers get."""

_PACKED = gzip.compress(SNIPPET, mtime=0)


def read(_request: Request, _source_of: SourceOf) -> Delivery:
    """It delivers nothing; the file is everybody's."""
    return Delivery(_NOBODY)


def answer(request: Request) -> Answer:
    """The snippet, packed for who can unpack it, as every browser can."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Answer(_PACKED, "text/javascript; charset=utf-8", (*_HEADERS, ("content-encoding", "gzip")))
    return Answer(SNIPPET, "text/javascript; charset=utf-8", _HEADERS)


ENDPOINTS = (Endpoint("GET", "/mindgap.js", read, answer),)
"""What the collector serves of it."""
