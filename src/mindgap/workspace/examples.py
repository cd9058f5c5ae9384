"""How clients of a source send to it: the endpoint, a call to copy, and the line for a shop's pages."""

import shlex
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import msgspec

from mindgap.kernel.settings import SourceSettings
from mindgap.workspace import live

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_EVENT = {
    "type": "track",
    "event": "Product Viewed",
    "userId": "1042",
    "properties": {"product_id": "p1", "category": "coffee", "price": 4.5},
}


def examples(address: str, settings: SourceSettings, *, key: str) -> Mapping[str, str]:
    """Ready to copy: `endpoint` and, where clients need no signature, `curl` and `snippet`.

    Args:
        address: Where clients reach the server.
        settings: The source.
        key: One of its keys; nothing can be shown without one.
    """
    base = address.rstrip("/")
    if not key:
        return {}
    match settings.kind:
        case "http":
            body = shlex.quote(msgspec.json.encode(_EVENT).decode())
            curl = f"curl -u {shlex.quote(key + ':')} -d {body} {base}/v1/track"
            script = f'src="{escape(base)}/mindgap.js" data-write-key="{escape(key)}"'
            snippet = f"<script {script} defer></script>"
            return {"endpoint": f"{base}/v1/batch", "curl": curl, "snippet": snippet}
        case "webhook":
            return {"endpoint": f"{base}/webhook/v1/{key}"}
        case _:
            return {}


def client_examples(workspace: "Desk", address: str) -> Mapping[str, Mapping[str, str]]:
    """Examples for each source that is sent to, by its name, with its newest key."""
    keys = {key.source: key.key for key in workspace.stores.streams.write_keys()}
    found = {
        name: examples(address, settings, key=keys.get(name, ""))
        for name, settings in live.live_sources(workspace).items()
    }
    return {name: shown for name, shown in found.items() if shown}
