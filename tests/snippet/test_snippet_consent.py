"""Consent in a real browser: nothing before a choice, what was chosen after it, and back again."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RECEIPT = "Segment Consent Preference Updated"
ALL = {"analytics": True, "personalization": True, "advertising": True}
NONE = dict.fromkeys(ALL, False)


def preferences(message):
    return message["context"]["consent"]["categoryPreferences"]


def test_nothing_is_stored_or_sent_before_a_choice(visitor, plain_page, echo, kept):
    one = visitor()
    page = one.visit(plain_page())
    page.evaluate(
        "mindgap.track('Product Viewed', {product_id: 'p1'}); mindgap.identify('u1', {email: 'a@b.c'})"
    )
    page.wait_for_selector("mindgap-consent [role=dialog]")
    page.wait_for_timeout(1500)
    page.close(run_before_unload=True)
    page = one.visit(plain_page())
    assert echo.requests == []
    assert kept(page) == {}
    assert page.evaluate("document.cookie") == ""
    assert one.context.cookies() == []
    assert page.evaluate("mindgap.consent.get()") is None
    assert one.complaints == []


def test_who_refuses_leaves_a_receipt_and_nothing_else(visitor, plain_page, echo, kept):
    one = visitor()
    page = one.visit(plain_page())
    page.evaluate("mindgap.track('Before', {})")
    page.click("text=Refuse all")
    page.evaluate("mindgap.track('After', {}); mindgap.page('Other')")
    echo.wait(lambda: echo.requests)
    page.wait_for_function("Object.keys(localStorage).length === 1")
    page.wait_for_timeout(1200)
    page = one.visit(plain_page(), page=page)
    page.wait_for_timeout(1200)
    assert echo.names() == [RECEIPT]
    (receipt,) = echo.once()
    assert preferences(receipt) == NONE
    assert sorted(receipt["context"]) == ["consent", "library"]
    assert list(kept(page)) == ["mindgap.consent"]
    assert page.query_selector("mindgap-consent") is None
    assert one.complaints == []


def test_who_accepts_is_heard_from_the_first_page_on_with_that_consent(visitor, plain_page, echo, kept):
    one = visitor()
    page = one.visit(plain_page())
    page.evaluate("mindgap.track('Before', {n: 1}); mindgap.identify('u1', {name: 'A'})")
    page.click("text=Accept all")
    page.evaluate("mindgap.track('After', {n: 2})")
    echo.wait(lambda: {"page", "Before", "identify", "After", RECEIPT} <= set(echo.names()))
    assert len(echo.messages()) == len(echo.once()) == 5
    assert all(preferences(message) == ALL for message in echo.once())
    assert len({message["anonymousId"] for message in echo.once()}) == 1
    by_name = {message.get("event") or message["type"]: message for message in echo.once()}
    assert by_name["identify"]["userId"] == by_name["After"]["userId"] == "u1"
    assert by_name["identify"]["traits"] == {"name": "A"}
    assert "userId" not in by_name["Before"]
    assert by_name["page"]["context"]["page"]["title"] == "/"
    page.wait_for_function("Object.keys(localStorage).length === 3")
    assert sorted(kept(page)) == ["mindgap.consent", "mindgap.id", "mindgap.user"]
    assert one.complaints == []


def test_each_purpose_is_a_choice_of_its_own(visitor, plain_page, echo):
    page = visitor().visit(plain_page())
    assert not any(box.is_checked() for box in page.query_selector_all("[role=dialog] input"))
    page.click("text=Analytics: learn what works")
    page.click("text=Save choice")
    echo.wait(lambda: "page" in echo.names())
    assert all(preferences(message) == {**NONE, "analytics": True} for message in echo.once())


def test_withdrawing_is_as_easy_as_giving_and_takes_the_ids_away(visitor, plain_page, echo, kept):
    page = visitor().visit(plain_page())
    page.click("text=Accept all")
    page.evaluate("mindgap.identify('u1')")
    echo.wait(lambda: "identify" in echo.names())
    page.evaluate("mindgap.consent.ask()")
    page.click("text=Refuse all")
    page.evaluate("mindgap.track('After', {})")
    echo.wait(lambda: echo.names().count(RECEIPT) == 2)
    page.wait_for_function("Object.keys(localStorage).length === 1")
    given, withdrawn = (message for message in echo.once() if message.get("event") == RECEIPT)
    assert (preferences(given), preferences(withdrawn)) == (ALL, NONE)
    assert given["anonymousId"] == withdrawn["anonymousId"]
    assert withdrawn["userId"] == "u1"
    assert list(kept(page)) == ["mindgap.consent"]
    page.wait_for_timeout(1200)
    assert "After" not in echo.names()


def test_what_waits_is_not_sent_with_more_consent_than_is_left(visitor, plain_page, echo):
    one = visitor()
    page = one.visit(plain_page())
    page.click("text=Accept all")
    echo.wait(lambda: len(echo.names()) == 2)
    one.context.set_offline(True)
    page.evaluate("mindgap.track('Waits', {}); mindgap.consent({analytics: true})")
    one.context.set_offline(False)
    echo.wait(lambda: "Waits" in echo.names())
    (waited,) = (message for message in echo.once() if message.get("event") == "Waits")
    assert preferences(waited) == {**NONE, "analytics": True}


def test_global_privacy_control_keeps_advertising_off_and_says_so(visitor, plain_page, echo):
    one = visitor()
    one.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
    )
    page = one.visit(plain_page())
    assert page.is_visible("text=Global Privacy Control")
    assert page.is_disabled("text=Advertising: show our offers >> input")
    page.click("text=Accept all")
    echo.wait(lambda: "page" in echo.names())
    assert all(preferences(message) == {**ALL, "advertising": False} for message in echo.once())
    page.evaluate("mindgap.consent({marketing: true, Targeting: true, advertising: true, analytics: true})")
    assert page.evaluate("mindgap.consent.get()") == {
        "analytics": True,
        "personalization": False,
        "advertising": False,
        "marketing": False,
        "Targeting": False,
    }


def test_opt_out_sends_until_refused_and_respects_the_browsers_wish(visitor, plain_page, echo):
    one = visitor()
    one.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
    )
    page = one.visit(plain_page('data-consent="opt-out"'))
    echo.wait(lambda: echo.names() == ["page"])
    assert preferences(echo.once()[0]) == {"advertising": False}
    assert page.query_selector("mindgap-consent") is None
    page.evaluate("mindgap.consent({analytics: false})")
    echo.wait(lambda: RECEIPT in echo.names())
    assert preferences(echo.once()[-1]) == {"analytics": False, "personalization": True, "advertising": False}


def test_the_shops_own_banner_says_the_choice_and_only_changes_are_reported(visitor, plain_page, echo):
    one = visitor()
    page = one.visit(plain_page('data-banner="none"'))
    page.evaluate("addEventListener('mindgap:consent', e => { window.heard = e.detail }, true)")
    assert page.query_selector("mindgap-consent") is None
    for _ in range(3):
        page.evaluate("mindgap.consent({analytics: true, service: true})")
    echo.wait(lambda: "page" in echo.names())
    assert echo.names().count(RECEIPT) == 1
    chosen = {**NONE, "analytics": True, "service": True}
    assert page.evaluate("window.heard") == chosen
    assert all(preferences(message) == chosen for message in echo.once())


def test_what_a_consent_tool_calls_necessary_is_no_consent(visitor, plain_page, echo, kept):
    page = visitor().visit(plain_page('data-banner="none"'))
    page.evaluate("mindgap.consent({necessary: true, analytics: false}); mindgap.track('After', {})")
    echo.wait(lambda: RECEIPT in echo.names())
    page.wait_for_timeout(1200)
    assert echo.names() == [RECEIPT]
    assert list(kept(page)) == ["mindgap.consent"]


def test_another_tab_obeys_at_once(visitor, plain_page, echo):
    one = visitor()
    first, second = one.visit(plain_page()), one.visit(plain_page(path="/two"))
    first.click("text=Accept all")
    second.wait_for_selector("mindgap-consent", state="detached")
    echo.wait(lambda: echo.names().count("page") == 2)
    assert len({message["anonymousId"] for message in echo.once()}) == 1
    first.evaluate("mindgap.consent({})")
    second.wait_for_function("!Object.values(mindgap.consent.get()).includes(true)")
    second.evaluate("mindgap.track('After', {})")
    second.wait_for_timeout(1200)
    assert "After" not in echo.names()


def test_a_choice_is_asked_for_again_after_half_a_year_and_for_a_new_purpose(visitor, plain_page, echo):
    one = visitor()
    page = one.visit(plain_page())
    page.click("text=Accept all")
    echo.wait(lambda: "page" in echo.names())
    page = one.visit(plain_page('data-purposes="analytics,service"'), page=page)
    assert page.is_visible("mindgap-consent [role=dialog]")
    page = one.visit(plain_page(), page=page)
    assert page.query_selector("mindgap-consent") is None
    page.evaluate("""() => {
        const kept = JSON.parse(localStorage['mindgap.consent']);
        localStorage['mindgap.consent'] = JSON.stringify({...kept, at: kept.at - 181 * 864e5});
    }""")
    page = one.visit(plain_page(), page=page)
    assert page.is_visible("mindgap-consent [role=dialog]")
    assert page.evaluate("mindgap.consent.get()") is None


def test_the_keyboard_reaches_the_banner_first_and_leaves_it_where_it_was(visitor, plain_page, echo):
    page = visitor().visit(plain_page(body="<button id=ask onclick='mindgap.consent.ask()'>Privacy</button>"))
    inside = "document.querySelector('mindgap-consent').shadowRoot.activeElement.textContent"
    assert "Your choice" in page.evaluate(inside)
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate(inside) == "Refuse all"
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate(inside) == "Accept all"
    page.keyboard.press("Enter")
    echo.wait(lambda: RECEIPT in echo.names())
    page.focus("#ask")
    page.keyboard.press("Enter")
    page.wait_for_selector("mindgap-consent [role=dialog][aria-label='Your choice']")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('mindgap-consent').shadowRoot.activeElement.checked") is True
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    assert page.query_selector("mindgap-consent") is None
    assert page.evaluate("document.activeElement.id") == "ask"
    assert page.evaluate("mindgap.consent.get()") == ALL


def test_refusing_and_accepting_look_the_same_in_both_languages(visitor, plain_page):
    for language, title, texts in (
        ("en", "Your choice", ("Refuse all", "Accept all")),
        ("zh-CN", "由您选择", ("全部拒绝", "全部同意")),
    ):
        page = visitor(viewport={"width": 390, "height": 800}).visit(plain_page(language=language))
        assert page.get_attribute("[role=dialog]", "aria-label") == title
        refuse, accept = (page.query_selector(f"[role=dialog] button:text-is('{text}')") for text in texts)
        looks = (
            "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.font, s.padding] }"
        )
        assert refuse.evaluate(looks) == accept.evaluate(looks)
        sizes = [
            (round(one.bounding_box()["width"]), one.bounding_box()["height"]) for one in (refuse, accept)
        ]
        assert sizes[0] == sizes[1]
        assert sizes[0][1] >= 44
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
