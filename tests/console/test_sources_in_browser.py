"""The page of live sources in a real browser: both languages, small screens, the live list, copying."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_shows_without_complaints(running, visit, shots, *, language, colours):
    one = visit("/sources", language)
    one.wait_for_charts()
    assert len(one.page.query_selector_all("[data-chart] canvas")) == 2
    assert colours(one.shoot(shots / f"sources-{language}.png")) > 50
    assert one.page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-CN"}[language]
    assert one.page.get_attribute("a[aria-current=page]", "href") == "/sources"
    assert one.complaints == []
    assert all(url.startswith((running.serving.address, "data:")) for url in one.requests)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_small_screens(visit, shots, *, scheme, colours):
    one = visit("/sources", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    one.wait_for_charts()
    assert colours(one.shoot(shots / f"sources-small-{scheme}.png")) > 50
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert one.complaints == []


def test_the_list_of_what_arrives_renews_itself(visit):
    one = visit("/sources")
    text = one.page.inner_text("#arrived")
    assert "Product Viewed" in text
    one.page.wait_for_function("before => document.querySelector('#arrived').innerText !== before", arg=text)
    assert one.complaints == []


def test_a_snippet_is_copied(running, visit):
    one = visit("/sources")
    one.context.grant_permissions(["clipboard-read", "clipboard-write"])
    one.page.click("[data-copy$='web-shop'] >> nth=-1")
    one.page.wait_for_function(
        "() => [...document.querySelectorAll('[data-copy]')].some(one => one.textContent === 'Copied')"
    )
    copied = one.page.evaluate("navigator.clipboard.readText()")
    assert (
        copied == f'<script src="{running.serving.address}/mindgap.js" data-write-key="wk_a" defer></script>'
    )
    assert one.complaints == []
