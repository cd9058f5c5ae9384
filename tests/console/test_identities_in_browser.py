"""The page of identities in a real browser: deciding by keyboard, undo, both languages, a small screen."""

import pytest

pytestmark = pytest.mark.browser
SAID = {
    "en": (
        "Only a visitor's own word",
        "99.7% likely",
        "region agrees (+8.2 bits)",
        "41 customers declare",
        "merged",
    ),
    "zh": ("只有访客自己声称", "99.7%", "地区一致（+8.2 比特）", "有 41 位客户", "合并"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_person_reads_what_is_in_doubt_and_why(visit, shots, *, language, colours):
    one = visit("/identities", language)
    text = one.page.inner_text("main")
    for words in SAID[language]:
        assert words in text
    assert colours(one.shoot(shots / f"identities-{language}.png")) > 50
    assert one.page.get_attribute("a[aria-current=page]", "href") == "/identities"
    assert "5d0c5d0c" not in one.page.content()
    assert one.complaints == []


def test_decisions_are_taken_by_keyboard(visit, workspace):
    one = visit("/identities")
    one.page.focus("form.pair button[value=same]")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/identities?said=same")
    assert "Noted: one person" in one.page.inner_text("[role=status]")
    one.page.focus("form.pair button[value=same]")
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/identities?said=different")
    one.page.focus("form.undo button")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/identities?said=undone")
    assert workspace.identity.decided == [
        ("join", "household-1", "household-2", ""),
        ("keep_apart", "household-3", "household-4", ""),
        ("undo", 1, ""),
    ]
    assert one.complaints == []


def test_what_is_put_off_comes_last(visit, workspace):
    one = visit("/identities")
    first = one.page.inner_text("form.pair h3")
    one.page.click("form.pair button[value=later]")
    one.page.wait_for_url("**/identities?said=later")
    heads = one.page.locator("form.pair h3").all_inner_texts()
    assert heads[-1] == first
    assert workspace.identity.decided == []


def test_what_was_decided_elsewhere_is_said(visit, workspace):
    one = visit("/identities")
    workspace.identity.rows.clear()
    one.page.click("form.pair button[value=same]")
    one.page.wait_for_url("**/identities?said=gone")
    assert "decided already" in one.page.inner_text("[role=status]")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_customer_is_known_by_all_ids(running, visit, shots, *, language):
    path = f"/customers/{running.app.state.references.of('household-6')}"
    one = visit(path, language)
    text = one.page.inner_text("section[aria-labelledby=known-as]")
    assert "till-0006" in text
    assert "c0ffee00…" in text
    one.page.locator("section[aria-labelledby=known-as]").screenshot(path=shots / f"known-as-{language}.png")
    one.page.click("form.undo button")
    one.page.wait_for_url("**/identities?said=undone")
    assert one.complaints == []


def test_a_small_screen_needs_no_scrolling_aside(visit, shots, *, colours):
    one = visit("/identities", viewport={"width": 390, "height": 844}, color_scheme="dark")
    assert colours(one.shoot(shots / "identities-small.png")) > 50
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert one.complaints == []
