"""Forgetting a customer in a real browser: asked for and confirmed, then the receipt."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_customer_is_forgotten_after_a_confirmation(running, tab, workspace, *, language):
    one = tab()
    one.page.goto(running.link())
    one.page.wait_for_url(running.serving.address + "/")
    one.page.goto(f"{running.serving.address}/customers?lang={language}")
    one.page.click(".found a >> nth=0")
    button = one.page.locator("details.card form[action$='/forget'] button")
    assert not button.is_visible()
    one.page.click("details.card > summary")
    assert not workspace.forgotten
    button.click()
    one.page.wait_for_url(f"{running.serving.address}/forgotten/request0")
    assert len(workspace.forgotten) == 1
    shown = one.page.inner_text("main")
    assert "out.csv" in shown
    assert not any(customer_id in shown for customer_id in workspace.forgotten)
    assert "forget-" not in shown
    assert one.complaints == []
