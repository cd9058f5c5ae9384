"""The page of features in a real browser: both languages and small screens."""

import os
from pathlib import Path

import pytest

from mindgap.process.features.catalogue import entries

pytestmark = pytest.mark.browser


def _open(running, tab, language="en", **options):
    one = tab(**options)
    one.page.goto(running.link())
    one.page.wait_for_url(running.serving.address + "/")
    one.page.goto(f"{running.serving.address}/features?lang={language}")
    return one


def _shoot(one, tmp_path, name):
    return one.shoot(Path(os.environ.get("MINDGAP_SCREENSHOTS", tmp_path)) / f"{name}.png")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_feature_is_listed_without_complaints(running, tab, tmp_path, *, language, colours):
    one = _open(running, tab, language)
    assert len(one.page.query_selector_all("tbody tr")) == len(entries())
    assert colours(_shoot(one, tmp_path, f"features-{language}")) > 20
    assert one.page.get_attribute("a[aria-current=page]", "href") == "/features"
    assert one.complaints == []


def test_small_screens(running, tab, tmp_path, *, colours):
    one = _open(running, tab, viewport={"width": 390, "height": 844}, color_scheme="dark")
    assert colours(_shoot(one, tmp_path, "features-small")) > 20
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert one.complaints == []
