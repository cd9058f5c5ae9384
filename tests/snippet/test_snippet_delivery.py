"""What the snippet does so that every event arrives, and arrives once: against a server that misbehaves."""

import re
import shutil
from pathlib import Path

import pytest

from kits.browser import CHROMIUM_ARGS

DOCS = Path(__file__).parents[2] / "docs" / "snippet.md"
pytestmark = [pytest.mark.browser, pytest.mark.slow]
CONSENT = "mindgap.consent({analytics: true})"
HIDE = """state => {
    for (const [name, value] of [['visibilityState', state], ['hidden', state === 'hidden']])
        Object.defineProperty(document, name, {get: () => value, configurable: true});
    document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
}"""


@pytest.fixture
def shop_page(plain_page):
    return lambda attributes="", **more: plain_page(f'data-consent="opt-out" {attributes}', **more)


def nothing_waits(page):
    page.wait_for_function("!Object.keys(localStorage).some(name => name.startsWith('mindgap.queue'))")


def test_events_go_out_together_within_two_seconds_and_without_preflight(visitor, shop_page, echo):
    one = visitor()
    page = one.visit(shop_page())
    page.evaluate("for (let n = 0; n < 5; n++) mindgap.track('Event ' + n, {n})")
    echo.wait(lambda: len(echo.messages()) == 6, seconds=2)
    assert len(echo.requests) == 1
    assert echo.other == []
    assert echo.requests[0]["key"] == ["test&key"]
    assert [message["properties"]["n"] for message in echo.messages()[1:]] == [0, 1, 2, 3, 4]
    assert page.evaluate("performance.getEntriesByType('resource').length") <= 2
    nothing_waits(page)
    assert one.complaints == []


def test_twenty_events_do_not_wait_and_many_are_cut_into_pieces(visitor, shop_page, echo):
    page = visitor().visit(shop_page())
    page.evaluate("for (let n = 0; n < 60; n++) mindgap.track('Big', {n, text: '茶'.repeat(1000)})")
    echo.wait(lambda: len(echo.once()) == 61)
    assert len(echo.messages()) == 61
    assert all(request["size"] <= 60_200 for request in echo.requests)
    numbers = [one["properties"]["n"] for one in echo.messages() if one["type"] == "track"]
    assert numbers == list(range(60))


def test_calls_made_before_the_script_came_are_kept(visitor, site, echo):
    calls = "['identify', 'u1'], ['track', 'Early', {a: 1}]"
    early = f"<script>(window.mindgap = window.mindgap || []).push({calls})</script>"
    page = visitor().visit(site.put("/", head=early + echo.tag(attributes='data-consent="opt-out"')))
    echo.wait(lambda: len(echo.once()) == 3)
    assert echo.names() == ["page", "identify", "Early"]
    page.evaluate("mindgap.push(['track', 'Late'])")
    echo.wait(lambda: "Late" in echo.names())


@pytest.mark.parametrize(
    ("status", "headers"), [(503, {}), (429, {"Retry-After": "1"}), (408, {}), (500, {})]
)
def test_what_passes_is_waited_for(visitor, shop_page, echo, *, status, headers):
    echo.plan = [(status, headers)] * 2
    page = visitor().visit(shop_page())
    page.evaluate("mindgap.track('A')")
    echo.wait(lambda: len(echo.requests) >= 2)
    page.evaluate("mindgap.track('B')")
    echo.wait(lambda: {"page", "A", "B"} == set(echo.names()), seconds=12)
    assert len(echo.messages()) == 3
    nothing_waits(page)


def test_retry_after_is_obeyed(visitor, shop_page, echo):
    echo.plan = [(429, {"Retry-After": "3"})]
    page = visitor().visit(shop_page())
    echo.wait(lambda: echo.requests)
    page.evaluate("mindgap.track('A')")
    page.wait_for_timeout(2500)
    assert len(echo.requests) == 1
    echo.wait(lambda: {"page", "A"} == set(echo.names()))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_what_will_never_pass_is_dropped_and_said(visitor, shop_page, echo, *, status):
    echo.plan = [(status, {})]
    one = visitor()
    page = one.visit(shop_page())
    echo.wait(lambda: len(echo.requests) == 1)
    page.evaluate("mindgap.track('A')")
    echo.wait(lambda: echo.names() == ["A"])
    nothing_waits(page)
    assert f"mindgap: dropped 1 events, answer {status}" in one.said


def test_offline_events_arrive_once_when_online_again(visitor, shop_page, echo):
    one = visitor()
    page = one.visit(shop_page())
    echo.wait(lambda: echo.names() == ["page"])
    one.context.set_offline(True)
    page.evaluate("for (let n = 0; n < 30; n++) mindgap.track('Offline', {n})")
    page.wait_for_timeout(700)
    one.context.set_offline(False)
    echo.wait(lambda: len(echo.once()) == 31)
    nothing_waits(page)
    assert len(echo.messages()) == 31


def test_a_page_that_closes_sends_what_waits_and_how_long_it_was_seen(visitor, shop_page, echo):
    one = visitor()
    page = one.visit(shop_page())
    echo.wait(lambda: echo.names() == ["page"])
    page.evaluate("mindgap.track('Last', {})")
    page.close()
    echo.wait(lambda: {"Last", "Page Left"} <= set(echo.names()))
    assert echo.requests[-1]["how"] == "beacon"
    assert echo.requests[-1]["key"] == ["test&key"]
    left = echo.once()[-1]
    assert 0 < left["properties"]["dwell_seconds"] < 8
    assert left["context"]["page"]["url"] == echo.once()[0]["context"]["page"]["url"]


def test_a_beacon_that_was_lost_is_sent_again_by_the_next_page(visitor, shop_page, echo):
    one = visitor()
    page = one.visit(shop_page())
    echo.wait(lambda: echo.names() == ["page"])
    echo.plan = [(503, {})]
    page.evaluate("mindgap.track('Last', {})")
    page.goto(shop_page(path="/two"))
    echo.wait(lambda: {"Last", "Page Left"} <= set(echo.names()))
    assert echo.names().count("page") == 2
    nothing_waits(page)


def test_the_shops_next_page_sends_what_waits_and_nothing_twice(visitor, shop_page, echo):
    second = shop_page(path="/two")
    page = visitor().visit(shop_page(body="<a href=/two>Next</a>"))
    echo.wait(lambda: echo.names() == ["page"])
    nothing_waits(page)
    page.evaluate("mindgap.track('Last', {})")
    page.click("a")
    page.wait_for_url(second)
    echo.wait(lambda: sorted(echo.names()) == ["Last", "Page Left", "page", "page"])
    nothing_waits(page)
    assert [request["how"] for request in echo.requests] == ["fetch", "fetch"]
    assert len(echo.messages()) == 4


def test_unsent_events_go_out_at_the_next_visit(visitor, shop_page, echo):
    one = visitor()
    page = one.visit(shop_page())
    echo.wait(lambda: echo.names() == ["page"])
    echo.stop()
    page.evaluate("mindgap.track('Stored', {})")
    page.wait_for_timeout(1300)
    page.close()
    echo.start()
    one.visit(shop_page())
    echo.wait(lambda: sorted(echo.names()) == ["Page Left", "Stored", "page", "page"])


def test_a_server_that_dies_between_taking_and_answering_gets_each_event_once(visitor, shop_page, echo):
    echo.delay_s = 0.5
    page = visitor().visit(shop_page())
    page.evaluate("for (let n = 0; n < 5; n++) mindgap.track('Event', {n})")
    page.wait_for_timeout(1200)
    echo.stop()
    echo.delay_s = 0
    page.evaluate("mindgap.track('Meanwhile')")
    page.wait_for_timeout(300)
    echo.start()
    echo.wait(lambda: len(echo.once()) == 7, seconds=12)
    nothing_waits(page)


def test_two_tabs_send_each_their_own_and_a_dead_ones_goes_to_one_of_them(visitor, shop_page, echo):
    one = visitor()
    tabs = [one.visit(shop_page(path=f"/{n}")) for n in range(3)]
    echo.wait(lambda: len(echo.once()) == 3)
    echo.stop()
    for n, tab in enumerate(tabs):
        tab.evaluate(f"mindgap.track('From tab', {{n: {n}}})")
    tabs[0].wait_for_timeout(1200)
    tabs[0].close()
    echo.start()
    pair = [one.visit(shop_page(path=f"/new{n}")) for n in range(2)]
    echo.wait(lambda: echo.names().count("From tab") == 3, seconds=12)
    for tab in (*tabs[1:], *pair):
        nothing_waits(tab)
    sent = [message["messageId"] for message in echo.messages()]
    assert len(sent) == len(set(sent))
    assert len({message["anonymousId"] for message in echo.once()}) == 1


def test_only_visible_time_counts(visitor, shop_page, echo):
    page = visitor().visit(shop_page())
    page.evaluate("mindgap.page('Product', {product_id: 'p1'})")
    page.wait_for_timeout(600)
    page.evaluate(HIDE, "hidden")
    page.wait_for_timeout(900)
    page.evaluate(HIDE, "visible")
    page.wait_for_timeout(300)
    page.evaluate("mindgap.page('Next')")
    echo.wait(lambda: echo.names().count("Page Left") == 2)
    left = [one for one in echo.once() if one.get("event") == "Page Left"][-1]
    assert left["properties"]["product_id"] == "p1"
    assert left["properties"]["name"] == "Product"
    assert 0.8 <= left["properties"]["dwell_seconds"] <= 1.6


def test_a_page_that_is_killed_in_the_background_is_still_said_to_be_left(visitor, shop_page, echo):
    one = visitor()
    page = one.visit(shop_page())
    page.wait_for_timeout(500)
    page.evaluate(HIDE, "hidden")
    echo.wait(lambda: "page" in echo.names())
    after = visitor(storage_state=one.context.storage_state())
    after.visit(shop_page(path="/two"))
    echo.wait(lambda: "Page Left" in echo.names())
    (left,) = (message for message in echo.once() if message.get("event") == "Page Left")
    assert left["context"]["page"]["title"] == "/"
    assert left["properties"]["dwell_seconds"] >= 0.4


def test_browsers_may_freeze_pages_and_coming_back_is_a_page_view(chromium, shop_page, echo):
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=CHROMIUM_ARGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    page = browser.new_page()
    page.add_init_script("addEventListener('pageshow', ({persisted}) => { window.frozen = persisted })")
    page.goto(shop_page())
    echo.wait(lambda: echo.names() == ["page"])
    page.goto(shop_page(path="/two"))
    page.evaluate("history.back()")
    echo.wait(lambda: echo.names().count("page") == 3)
    assert page.evaluate("window.frozen") is True
    page.evaluate("mindgap.track('Here')")
    echo.wait(lambda: "Here" in echo.names())
    nothing_waits(page)
    browser.close()


def test_what_tag_managers_insert_works_once(visitor, site, echo):
    (code,) = re.findall(r"<script>\n(  var script.*?)</script>", DOCS.read_text("utf-8"), re.DOTALL)
    code = code.replace("https://events.shop.example", echo.address).replace("WRITE_KEY", "other")
    twice = f"<script>addEventListener('load', () => {{ {{ {code} }} {{ {code} }} }})</script>"
    page = visitor().visit(site.put("/", head=twice))
    page.evaluate("mindgap.consent({analytics: true})")
    echo.wait(lambda: "page" in echo.names())
    page.wait_for_timeout(1200)
    assert echo.names().count("page") == 1
    assert echo.requests[0]["key"] == ["other"]
    assert page.query_selector("mindgap-consent") is None


def test_the_queue_is_bounded_and_one_event_may_not_fill_it(visitor, shop_page, echo):
    echo.stop()
    one = visitor()
    page = one.tab()
    echo.start()
    one.visit(shop_page(), page=page)
    echo.stop()
    page.evaluate("for (let n = 0; n < 700; n++) mindgap.track('Many', {n})")
    page.evaluate("mindgap.track('Huge', {text: 'x'.repeat(40000)})")
    waiting = page.evaluate("""() => Object.entries(localStorage)
        .filter(([name]) => name.startsWith('mindgap.queue')).map(([, text]) => JSON.parse(text).value)""")
    assert [message["properties"]["n"] for message in waiting[0]] == list(range(200, 700))
    assert {"mindgap: event too large", "mindgap: queue full"} <= set(one.said)
    echo.start()
    echo.wait(lambda: len(echo.once()) >= 500, seconds=15)


def test_a_browser_that_keeps_nothing_still_sends(visitor, shop_page, echo, kept):
    one = visitor()
    one.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException() }})"
    )
    page = one.visit(shop_page())
    page.evaluate("mindgap.identify('u1'); mindgap.track('A')")
    echo.wait(lambda: len(echo.once()) == 3)
    assert len({message["anonymousId"] for message in echo.once()}) == 1
    assert echo.once()[-1]["userId"] == "u1"
    assert one.complaints == []


def test_who_signs_in_after_somebody_else_is_not_taken_for_them(visitor, shop_page, echo):
    page = visitor().visit(shop_page('data-auto-page="false"'))
    page.evaluate("mindgap.identify('u1'); mindgap.track('A'); mindgap.identify('u2'); mindgap.track('B')")
    page.evaluate("mindgap.group('g1', {size: 2}); mindgap.alias('u3'); mindgap.reset(); mindgap.track('C')")
    echo.wait(lambda: len(echo.once()) == 7)
    first, second, third = (
        next(one for one in echo.once() if one.get("event") == name) for name in ("A", "B", "C")
    )
    assert (first["userId"], second["userId"], third.get("userId")) == ("u1", "u2", None)
    assert len({one["anonymousId"] for one in (first, second, third)}) == 3
    by_type = {one["type"]: one for one in echo.once()}
    assert (by_type["group"]["groupId"], by_type["group"]["traits"]) == ("g1", {"size": 2})
    assert (by_type["alias"]["userId"], by_type["alias"]["previousId"]) == ("u3", "u2")


def test_addresses_are_sent_without_what_may_name_a_person(visitor, shop_page, echo):
    page = visitor().visit(shop_page() + "?email=a@b.c&utm_campaign=spring&utm_source=mail#token")
    second = shop_page(path="/two")
    page.evaluate("address => { location.href = address }", second)
    echo.wait(lambda: echo.names().count("page") == 2)
    first, second = sorted(
        (one for one in echo.once() if one["type"] == "page"), key=lambda one: one["context"]["page"]["title"]
    )
    assert first["context"]["campaign"] == {"name": "spring", "source": "mail"}
    assert second["context"]["page"]["referrer"] == first["context"]["page"]["url"]
    assert "a@b.c" not in str(echo.requests)
    assert "token" not in str([one["context"] for one in echo.once()])


def test_pages_of_an_application_without_loads_are_pages(visitor, shop_page, echo):
    page = visitor().visit(shop_page('data-spa="true"'))
    page.evaluate("history.pushState({}, '', '/list'); document.title = 'List'")
    page.wait_for_timeout(100)
    page.evaluate("history.replaceState({}, '', '/list?page=2')")
    page.evaluate("history.back()")
    echo.wait(lambda: echo.names().count("page") == 3)
    titles = [one["context"]["page"]["title"] for one in echo.once() if one["type"] == "page"]
    assert titles[:2] == ["/", "List"]
    assert echo.names().count("Page Left") == 2


def test_a_strict_content_policy_is_kept(visitor, site, echo):
    policy = (
        f"default-src 'none'; script-src {echo.address}; connect-src {echo.address}; img-src data:; "
        "style-src 'none'; base-uri 'none'; require-trusted-types-for 'script'"
    )
    one = visitor()
    page = one.visit(
        site.put("/", "<h1>Shop</h1>", head=echo.tag(), headers={"Content-Security-Policy": policy})
    )
    page.click("text=Accept all")
    echo.wait(lambda: "page" in echo.names())
    assert one.complaints == []


def test_what_goes_wrong_in_a_call_stays_there(visitor, shop_page, echo):
    one = visitor()
    page = one.visit(shop_page())
    page.evaluate(
        "mindgap.track('Circle', window); mindgap.push(['no such call']); mindgap.ready(() => { throw 1 })"
    )
    page.evaluate("mindgap.ready(api => api.track('Ready', {big: undefined}))")
    echo.wait(lambda: "Ready" in echo.names())
    assert one.complaints == []
