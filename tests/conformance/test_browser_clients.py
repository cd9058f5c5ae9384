"""The real browser clients in a real browser, on pages of another origin than the collector's."""

import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from kits.collector import key_of
from kits.faulty_proxy import LOST, faulty
from kits.received import Received, check_group, check_identity, check_order, check_table, check_views
from kits.static_site import site

pytestmark = pytest.mark.browser
FAULTS = (429, 503, LOST)
EVENTS = 20
CALLS = 5
WAITS_AT_MOST_S = 25


@pytest.fixture(scope="session")
def shop(node_modules):
    folders = {"node_modules": node_modules, "": Path(__file__).parent / "clients"}
    with site(folders) as address:
        yield address


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def visit(shop, ground, page):
    """Opens a client's page: `visit(source, file, way, faults=...)` gives what its requests met."""
    with ExitStack() as stack:

        def go(source, file, way="", *, faults=()):
            address, met = stack.enter_context(faulty(ground.base_url, faults))
            page.goto(f"{shop}/{file}#{address}%20{key_of(source)}%20{EVENTS}%20{way}")
            page.wait_for_function("window.done", timeout=WAITS_AT_MOST_S * 1000)
            return met

        yield go


def _arrived(ground, source, *, twice):
    """What was received, as soon as it is all, or when it should have been.

    Args:
        ground: The collector.
        source: The source.
        twice: Whether something of it has to come twice.
    """
    give_up_at = time.monotonic() + WAITS_AT_MOST_S
    while time.monotonic() < give_up_at:
        received = Received(ground.folder, source)
        if len(received.rows) == EVENTS + CALLS and max(received.times.values()) == 1 + twice:
            return received
        time.sleep(0.1)
    raise AssertionError(received.times)


def _check_story(received, page="Home"):
    check_views(received, EVENTS)
    check_identity(received)
    check_order(received)
    home = received.one("page")
    assert (home.name, home.title) == (page, "Home")
    assert home.url.startswith("http://localhost:")
    assert "%20" not in home.properties  # what stands behind # in its address
    group, alias = received.one("group"), received.one("alias")
    check_group(received)
    assert alias.previous_id == "before"
    assert len({row.anonymous_id for row in received.rows}) == 1
    assert home.customer_id in {None, "u1"}  # Segment's says who it is by now when it sends again
    assert group.customer_id == alias.customer_id == "u1"


@pytest.mark.parametrize("source", ["segment-browser", "rudderstack-browser"])
def test_every_event_is_stored_once(source, visit, ground):
    """They send each event by itself, after asking whether this page may."""
    met = visit(source, f"{source.replace('-', '_')}.html", faults=FAULTS)
    received = _arrived(ground, source, twice=True)
    assert [one for one in met.seen if one != 200] == list(FAULTS)
    check_table(ground.folder, source, received)
    _check_story(received)


def test_posthog(visit, ground):
    """It takes 429 for a final answer, so it never meets one here."""
    visit("posthog-browser", "posthog_browser.html", faults=(503, LOST))
    received = _arrived(ground, "posthog-browser", twice=True)
    _check_story(received, page=None)


def test_rudderstack_batches(visit, ground):
    visit("rudderstack-batch", "rudderstack_browser.html", "batch", faults=FAULTS)
    received = _arrived(ground, "rudderstack-batch", twice=True)
    assert received.requests < EVENTS
    _check_story(received)


def test_rudderstack_page_that_closes(visit, page, ground):
    """What waits is sent by the browser itself after the page is gone."""
    visit("rudderstack-beacon", "rudderstack_browser.html", "beacon")
    assert len(Received(ground.folder, "rudderstack-beacon").rows) < EVENTS + CALLS
    page.goto("about:blank")
    received = _arrived(ground, "rudderstack-beacon", twice=False)
    assert received.requests < EVENTS
    _check_story(received)
