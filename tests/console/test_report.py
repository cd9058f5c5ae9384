"""The report: complete, self-contained, and about no single customer."""

import base64
import hashlib
import re

import pytest
from console_fake_workspace import CATEGORIES, TABLES, FakeWorkspace

from mindgap.console.report import render_report
from mindgap.console.sections import SECTIONS


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_is_there_and_no_customer(language):
    page = render_report(FakeWorkspace(missing={}), language=language)
    for key in SECTIONS:
        assert f'<section class="part" id="{key}"' in page
    assert "household-" not in page
    assert CATEGORIES[0] in page
    assert f'lang="{ {"en": "en", "zh": "zh-CN"}[language] }"' in page


def test_what_cannot_be_said_keeps_its_place_and_gives_its_reason():
    page = render_report(FakeWorkspace(missing=dict.fromkeys(TABLES, ("no-orders", {}))), language="en")
    for key in SECTIONS:
        assert f'<section class="part" id="{key}"' in page
    assert page.count("There are no orders yet") >= 6


def test_the_policy_admits_what_the_page_carries_and_nothing_else():
    page = render_report(FakeWorkspace(), language="en")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page).group(1)
    policy = policy.replace("&#39;", "'")
    for text in [
        *re.findall(r"<script>(.*?)</script>", page, re.DOTALL),
        *re.findall(r"<style>(.*?)</style>", page, re.DOTALL),
    ]:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")


def test_nothing_is_loaded_from_elsewhere():
    page = render_report(FakeWorkspace(), language="en")
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!#)', outside)
    assert "url(" not in outside
    assert len(page) < 1_500_000


def test_the_same_data_give_the_same_report():
    assert render_report(FakeWorkspace(), language="en") == render_report(FakeWorkspace(), language="en")
