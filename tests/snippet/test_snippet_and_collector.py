"""The snippet against the collector itself, and the example shop from the list to the review."""

import importlib.util
import threading
from pathlib import Path

import pytest
from real_collector import Collector

from kits.commands import mindgap

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOP = Path(__file__).parents[2] / "examples" / "shop"
RECEIPT = "Segment Consent Preference Updated"


@pytest.fixture
def collector(tmp_path):
    (tmp_path / "tea").mkdir()
    running = Collector(tmp_path / "tea").start()
    yield running
    running.stop()


@pytest.fixture
def shop(collector):
    spec = importlib.util.spec_from_file_location("example_shop_serve", SHOP / "serve.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.shop_server(collector.address, collector.key) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def buy(page, words):
    """From the list to the review, as a customer does."""
    page.fill("#q", words["search"])
    page.click("form.search button")
    page.click(f"text={words['product']}")
    page.click("#add")
    page.wait_for_selector("#cart-count:text-is('1')")
    page.click("#cart-link")
    page.click("a.button")
    page.fill("#customer", "C-1001")
    page.click("form button")
    page.wait_for_url("**/thanks.html")
    page.click("#reviews a")
    page.check("input[name=rating][value='4']")
    page.fill("#text", words["review"])
    page.click("form button")
    page.wait_for_selector("#thanks:not([hidden])")


ENGLISH = {
    "accept": "Accept all",
    "search": "oolong",
    "product": "Tieguanyin oolong",
    "review": "Seven infusions!",
}
CHINESE = {"accept": "全部同意", "search": "乌龙", "product": "铁观音乌龙茶", "review": "七泡有余香"}
EVENTS = [
    "Cart Viewed",
    "Checkout Started",
    "Order Completed",
    "Product Added",
    "Product Clicked",
    "Product List Viewed",
    "Product Reviewed",
    "Product Viewed",
    "Products Searched",
]


@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("zh", CHINESE)])
def test_a_purchase_is_told_step_by_step(visitor, collector, shop, *, language, words):
    one = visitor(locale={"en": "en-GB", "zh": "zh-CN"}[language])
    page = one.visit(shop + "/")
    assert f"/{language}/" in page.url
    page.click(f"text={words['accept']}")
    buy(page, words)
    page.close()
    collector.wait(
        lambda: {*EVENTS, RECEIPT} <= set(collector.names()) and collector.names().count("Page Left") == 7
    )
    told = collector.once()
    said = {message.get("event"): message.get("properties") for message in told}
    assert sorted({name for name in collector.names() if name in EVENTS}) == EVENTS
    assert collector.names().count("page") == 7
    assert collector.names().count("Order Completed") == 1
    assert said["Products Searched"] == {"query": words["search"]}
    assert said["Product Added"]["product_id"] == "tieguanyin"
    assert said["Product Added"]["quantity"] == 1
    assert said["Order Completed"]["revenue"] == 16
    assert [product["product_id"] for product in said["Order Completed"]["products"]] == ["tieguanyin"]
    assert said["Product Reviewed"]["rating"] == 4
    assert said["Product Reviewed"]["review_body"] == words["review"]
    assert len({message["anonymousId"] for message in told}) == 1
    assert {message.get("userId") for message in told} == {None, "C-1001"}
    assert all(one["context"]["consent"]["categoryPreferences"]["analytics"] is True for one in told)
    assert collector.refused() == 0
    assert one.complaints == []


def test_a_purchase_is_in_the_lake_once_and_in_the_customers_timeline(visitor, collector, shop):
    page = visitor().visit(shop + "/en/index.html")
    page.click("text=Accept all")
    buy(page, ENGLISH)
    collector.wait(lambda: "Product Reviewed" in collector.names())
    tally = collector.work_up()
    assert (tally.stored, tally.quarantined) == (len(collector.once()), 0)
    assert tally.stored + tally.duplicates == tally.received == len(collector.stored())
    shown = mindgap("customer", "C-1001", "--timeline", "--purpose", "analytics", cwd=collector.folder)
    assert shown.returncode == 0, shown.stderr
    assert "Order Completed" in shown.stdout
    assert "Products Searched" in shown.stdout


def test_the_collector_is_killed_in_the_middle_and_every_event_is_there_once(visitor, collector, shop):
    one = visitor()
    page = one.visit(shop + "/en/index.html")
    page.click("text=Accept all")
    for n in range(40):
        page.evaluate("n => mindgap.track('Numbered', {n})", n)
        if n == 10:
            collector.kill()
        if n == 30:
            collector.start()
        page.wait_for_timeout(40)
    collector.wait(lambda: collector.names().count("Numbered") == 40, seconds=20)
    numbers = [
        message["properties"]["n"] for message in collector.once() if message.get("event") == "Numbered"
    ]
    assert sorted(numbers) == list(range(40))


def test_the_door_takes_what_the_browser_allows_and_nothing_else(visitor, collector, shop):
    one = visitor(extra_http_headers={"Sec-GPC": "1"})
    one.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
    )
    page = one.visit(shop + "/en/index.html")
    page.evaluate("mindgap.consent({advertising: true})")
    page.evaluate("mindgap.track('Only for advertising')")
    collector.wait(lambda: collector.names() == [RECEIPT])
    page.evaluate("mindgap.consent({analytics: true})")
    page.evaluate("mindgap.track('For analytics')")
    collector.wait(lambda: "For analytics" in collector.names())
    assert "Only for advertising" not in collector.names()


def test_the_shop_is_usable_on_a_small_screen_and_with_the_keyboard(visitor, collector, shop, tmp_path):
    one = visitor(viewport={"width": 390, "height": 844})
    page = one.visit(shop + "/en/index.html")
    page.click("text=Refuse all")
    for path in ("index", "product", "cart", "checkout", "thanks", "review", "privacy"):
        page = one.visit(f"{shop}/en/{path}.html", page=page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("[...document.images].every(image => image.hasAttribute('alt'))")
        assert page.evaluate(
            "[...document.querySelectorAll('input, textarea')].every(field => field.labels.length)"
        )
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
    page.click("text=Privacy choices")
    page.wait_for_selector("mindgap-consent [role=dialog]")
    page.screenshot(path=tmp_path / "small.png")
    assert collector.names() == [RECEIPT]
    assert one.complaints == []
