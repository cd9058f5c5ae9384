"""How clients of a source send to it: endpoint, a call to copy, and the line for a shop's pages."""

import shlex
from collections.abc import Mapping

import msgspec

from mindgap.kernel.settings import SourceSettings

_EVENT = {
    "type": "track",
    "event": "Product Viewed",
    "userId": "1042",
    "properties": {"product_id": "p1", "category": "coffee", "price": 4.5},
}


def endpoint(address: str, name: str, settings: SourceSettings) -> str:
    """Where the source's clients send to; empty for a source that is read."""
    match settings.kind:
        case "http":
            return f"{address.rstrip('/')}/v1/batch"
        case "webhook":
            return f"{address.rstrip('/')}/webhook/{name}"
        case _:
            return ""


def examples(address: str, name: str, settings: SourceSettings, *, key: str) -> Mapping[str, str]:
    """Ready to copy: `curl`, and `snippet` where browsers may send."""
    base = address.rstrip("/")
    match settings.kind:
        case "http":
            body = shlex.quote(msgspec.json.encode(_EVENT).decode())
            curl = f"curl -u {shlex.quote(key + ':')} -d {body} {base}/v1/track"
            snippet = f'<script src="{base}/mindgap.js" data-write-key="{key}" defer></script>'
            return {"curl": curl, "snippet": snippet}
        case "webhook":
            curl = f"curl -u {shlex.quote(key + ':')} -d '{{}}' {endpoint(base, name, settings)}"
            return {"curl": curl}
        case _:
            return {}
