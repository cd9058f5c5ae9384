"""The page of features in a real browser: both languages and small screens."""

import pytest

from mindgap.process.features.catalogue import entries

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_feature_is_listed_without_complaints(visit, shots, *, language, colours):
    one = visit("/features", language)
    assert len(one.page.query_selector_all("tbody tr")) == len(entries())
    assert colours(one.shoot(shots / f"features-{language}.png")) > 20
    assert one.page.get_attribute("a[aria-current=page]", "href") == "/features"
    assert one.complaints == []


def hidden_px(one):
    """How much of the widest table can only be seen by scrolling."""
    return one.page.evaluate(
        "Math.max(...[...document.querySelectorAll('.scroll')].map((it) => it.scrollWidth - it.clientWidth))"
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_no_column_is_cut(visit, *, width):
    assert hidden_px(visit("/features", viewport={"width": width, "height": 844})) <= 0


def test_small_screens(visit, shots, *, colours):
    one = visit("/features", viewport={"width": 390, "height": 844}, color_scheme="dark")
    assert colours(one.shoot(shots / "features-small.png")) > 20
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert one.complaints == []
