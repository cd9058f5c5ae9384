"""The page of data quality in a real browser: both languages, a small screen, charts and words."""

import pytest

pytestmark = pytest.mark.browser
SAID = {
    "en": (
        "Events whose user agent names a bot",
        "used to be of the type number",
        "Nothing new for 6 days",
        "99.92%",
    ),
    "zh": ("用户代理表明是机器人", "以前为 number", "已有 6 天没有新数据", "99.92%"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_person_reads_what_was_dropped_and_what_to_do(running, visit, shots, *, language, colours):
    one = visit("/quality", language)
    one.wait_for_charts()
    assert len(one.page.query_selector_all("[data-chart] canvas")) == 4
    assert colours(one.shoot(shots / f"quality-{language}.png")) > 50
    text = one.page.inner_text("main")
    for words in SAID[language]:
        assert words in text
    assert one.page.get_attribute("a[aria-current=page]", "href") == "/quality"
    assert one.complaints == []
    assert all(url.startswith((running.serving.address, "data:")) for url in one.requests)


def test_a_small_screen_needs_no_scrolling_aside(visit, shots, *, colours):
    one = visit("/quality", viewport={"width": 390, "height": 844}, color_scheme="dark")
    one.wait_for_charts()
    assert colours(one.shoot(shots / "quality-small.png")) > 50
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert one.complaints == []
