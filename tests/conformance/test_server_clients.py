"""The real server-side clients against a real collector, behind a network and a server that fail.

Each sends its story while its first requests meet 429 (with Retry-After), 503, and an answer that gets lost
after the request was stored. Afterwards every event is there exactly once.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from kits.clients import send
from kits.faulty_proxy import LOST
from kits.received import (
    Received,
    check_group,
    check_identity,
    check_order,
    check_page,
    check_table,
    check_views,
)

FAULTS = (429, 503, LOST)
EVENTS = 300


@dataclass(frozen=True)
class Client:
    """A client script.

    Attributes:
        script: Its file.
        more: More arguments of it.
        page: The name that its page view carries.
        calls: Kinds of its other calls.
    """

    script: str
    more: tuple = ()
    page: str | None = "Home"
    calls: tuple = ("page", "screen", "group", "alias")

    @property
    def source(self):
        return "-".join((self.script.partition(".")[0].replace("_", "-"), *self.more))


CLIENTS = {
    client.source: client
    for client in (
        Client("segment_python.py"),
        Client("rudderstack_python.py"),
        Client("posthog_python.py", page=None),
        Client("posthog_python.py", ("v1",), page=None),
        Client("segment_node.cjs"),
        Client("rudderstack_node.cjs"),
        Client("posthog_node.cjs", page=None),
    )
}


@pytest.fixture(scope="module")
def sending(ground, request):
    """The runs of those clients that are asked for; they go side by side, since they mostly wait."""
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    with ThreadPoolExecutor(4) as pool:
        yield {
            name: pool.submit(send, ground.base_url, name, client.script, EVENTS, *client.more, faults=FAULTS)
            for name, client in CLIENTS.items()
            if name in asked
        }


@pytest.mark.parametrize("name", CLIENTS)
def test_every_event_is_stored_once(name, ground, sending):
    client = CLIENTS[name]
    sent = sending[name].result()
    assert [met for met in sent.seen if met != 200] == list(FAULTS)
    received = Received(ground.folder, name)
    assert len(received.rows) == EVENTS + 2 + len(client.calls)
    assert max(received.times.values()) == 2
    check_table(ground.folder, name, received)
    check_views(received, EVENTS)
    check_identity(received)
    check_order(received)
    check_page(received, client.page)
    assert received.one("screen").name == "Start"
    check_group(received)
    alias = received.one("alias")
    assert (alias.customer_id, alias.previous_id) == ("u1", "before")


def test_snowplow(ground):
    sent = send(ground.base_url, "snowplow-python", "snowplow_python.py", EVENTS, faults=FAULTS)
    assert [met for met in sent.seen if met != 200] == list(FAULTS)
    received = Received(ground.folder, "snowplow-python")
    check_table(ground.folder, "snowplow-python", received)
    _check_snowplow(received, EVENTS)


def test_snowplow_by_get(ground):
    """Here its client loses what fails between two requests that do not, so nothing fails."""
    send(ground.base_url, "snowplow-python-get", "snowplow_python.py", 20, "get")
    _check_snowplow(Received(ground.folder, "snowplow-python-get"), 20)


def _check_snowplow(received, events):
    assert len(received.rows) == events + 3
    check_views(received, events, name="product_viewed")
    check_order(received)
    check_page(received, None)
    assert received.one("screen").name == "Start"
    assert {row.anonymous_id for row in received.rows} == {"d1"}


@pytest.mark.parametrize("where", ["browser", "server"])
def test_jitsu(where, ground):
    source = f"jitsu-{where}"
    send(ground.base_url, source, "jitsu_node.cjs", 20, where)
    received = Received(ground.folder, source)
    assert len(received.rows) == 24
    assert set(received.times.values()) == {1}
    check_table(ground.folder, source, received)
    check_views(received, 20, timed=False)
    check_identity(received)
    check_order(received)
    check_page(received)
    check_group(received)
    assert len({row.anonymous_id for row in received.rows}) == 1


def test_jitsu_never_sends_again(ground):
    """Its client says so and goes on: what met a failing server is lost, unless it had been stored."""
    sent = send(ground.base_url, "jitsu-faults", "jitsu_node.cjs", 20, "server", faults=FAULTS)
    received = Received(ground.folder, "jitsu-faults")
    assert sent.said.count("failed with error") == 3
    assert received.of("identify") == []
    assert received.viewed() == list(range(1, 20))
    assert set(received.times.values()) == {1}
