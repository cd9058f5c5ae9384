"""The console in a real browser: signing in, every page in both languages, no complaint of the browser."""

import pytest

from mindgap.console.report import render_report

pytestmark = pytest.mark.browser
PATHS = ("/", "/customers", "/segments", "/gap")


def _sign_in(tab, running):
    tab.page.goto(running.link())
    tab.page.wait_for_url(running.serving.address + "/")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_shows_without_complaints(running, tab, shots, *, language, colours):
    one = tab()
    _sign_in(one, running)
    one.page.goto(f"{running.serving.address}/?lang={language}")
    for path in PATHS:
        _look(
            one,
            running.serving.address + path,
            shots / f"{language}{path.replace('/', '-')}.png",
            colours,
        )
    one.page.goto(running.serving.address + "/customers")
    one.page.click(".found a >> nth=0")
    _look(one, None, shots / f"{language}-customer.png", colours)
    assert one.page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-CN"}[language]
    assert one.complaints == []
    assert all(url.startswith((running.serving.address, "data:")) for url in one.requests)


def _look(one, address, shot, colours):
    if address is not None:
        one.page.goto(address)
    one.wait_for_charts()
    for chart in one.page.query_selector_all("[data-chart]"):
        assert chart.query_selector("canvas") is not None
        assert chart.get_attribute("aria-label")
    assert colours(one.shoot(shot)) > 50


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_small_screens_and_dark_rooms(running, tab, shots, *, scheme, colours):
    one = tab(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    _sign_in(one, running)
    for path in PATHS:
        _look(
            one,
            running.serving.address + path,
            shots / f"{scheme}-small{path.replace('/', '-')}.png",
            colours,
        )
        overflow = one.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, path
    assert one.complaints == []


def test_the_code_leaves_the_address_and_the_link_works_once(running, tab):
    link = running.link()
    first = tab()
    first.page.goto(link)
    first.page.wait_for_url(running.serving.address + "/")
    assert not any("#" in url or link.split("#")[1] in url for url in first.requests[1:])
    second = tab()
    second.page.goto(link)
    second.page.wait_for_selector("[role=alert]")
    assert "#" not in second.page.url


def test_a_link_works_in_a_tab_that_shows_the_sign_in_page_already(running, tab):
    one = tab()
    one.page.goto(running.serving.address + "/sign-in")
    one.page.goto(running.link())
    one.page.wait_for_url(running.serving.address + "/")


def test_search_is_live_and_keeps_ids_out_of_addresses(running, tab):
    one = tab()
    _sign_in(one, running)
    one.page.goto(running.serving.address + "/customers")
    one.page.fill("#text", "household-17")
    one.page.wait_for_selector(".found li:only-child")
    one.page.click(".found a")
    one.page.wait_for_selector("h1")
    assert one.page.inner_text("h1") == "Customer household-17"
    assert not any("household" in url for url in one.requests)
    assert one.complaints == []


def test_the_keyboard_reaches_the_content_first(running, tab):
    one = tab()
    _sign_in(one, running)
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.className") == "skip"
    one.page.keyboard.press("Enter")
    assert one.page.evaluate("document.activeElement.id") == "content"


def test_charts_offer_their_values_as_a_table(running, tab):
    one = tab()
    _sign_in(one, running)
    one.page.goto(running.serving.address + "/gap")
    one.page.click("details summary >> nth=0")
    assert one.page.is_visible("details[open] table")


def test_signing_out_closes_the_door(running, tab):
    one = tab()
    _sign_in(one, running)
    one.page.click("form[action='/sign-out'] button")
    one.page.wait_for_url("**/sign-in")
    one.page.goto(running.serving.address + "/gap")
    assert one.page.url.endswith("/sign-in")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_opens_from_a_file_without_a_network(
    workspace, tab, tmp_path, shots, *, language, colours
):
    file = tmp_path / "report.html"
    file.write_text(render_report(workspace, language=language), "utf-8")
    one = tab()
    one.context.set_offline(True)
    one.page.goto(file.as_uri())
    _look(one, None, shots / f"report-{language}.png", colours)
    assert one.complaints == []
    assert [url for url in one.requests if not url.startswith(("file:", "data:"))] == []
