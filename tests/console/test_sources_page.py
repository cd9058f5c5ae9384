"""The page of live sources without a browser: figures, what needs attention, and nobody's data."""

import warnings

import pytest
from console_fake_workspace import FakeWorkspace

from mindgap.api.server import Pages, build_app
from mindgap.api.serving import Serving
from mindgap.api.sign_in import csrf_token, issue_code
from mindgap.console.live_sources import ago
from mindgap.console.pages import error_page, routes
from mindgap.console.voice import Voice
from mindgap.kernel.clock import now

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

COOKIE = "mindgap_8765"
HTML = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@pytest.fixture
def browse(accounts):
    def make(workspace):
        app = build_app(
            workspace, accounts, serving=Serving(), pages=Pages(routes=routes(), error_page=error_page)
        )
        client = TestClient(app, base_url="http://127.0.0.1:8765", headers=HTML)
        client.cookies.set(COOKIE, "form", domain="127.0.0.1")
        token = csrf_token(accounts.secret("csrf"), client.cookies[COOKIE])
        client.post("/sign-in", data={"csrf_token": token, "code": issue_code(accounts, at=now())})
        return client

    return make


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "The broker does not answer.",
                "nobody works them up",
                "420 MB of events wait",
                "7 events do not follow the tracking plan",
                "nothing has arrived yet",
                "switched off",
                "no longer declared",
                "neither a user id nor an anonymous id",
                "Give each message a userId",
                "4,210",
                "2 hours ago",
            ),
        ),
        (
            "zh",
            (
                "The broker does not answer.",
                "无人处理",
                "420 MB",
                "7 个事件不符合埋点方案",
                "尚无数据到达",
                "已关闭",
                "已不再声明",
                "既无用户编号，也无匿名编号",
                "4,210",
                "2 小时前",
            ),
        ),
    ],
)
def test_states_and_advice_are_told_in_words(browse, language, words):
    text = browse(FakeWorkspace()).get(f"/sources?lang={language}").text
    assert [word for word in words if word not in text] == []


def test_persons_are_masked_and_snippets_name_this_address(browse):
    client = browse(FakeWorkspace())
    for path in ("/sources", "/sources/arrived"):
        text = client.get(path).text
        assert "ada@example.com" not in text
        assert "household-1042" not in text
        assert "•••42" in text
    assert "http://127.0.0.1:8765/mindgap.js" in client.get("/sources").text


def test_each_look_shows_what_came_last_first(browse):
    client = browse(FakeWorkspace())
    first, second = client.get("/sources/arrived").text, client.get("/sources/arrived").text
    assert "Product Viewed 1" in first
    assert "Product Viewed 2" in second
    assert second.index("Product Viewed 2") < second.index("cannot be read")
    assert "<html" not in second


def test_without_sources_it_says_how_to_begin(browse):
    text = browse(FakeWorkspace(live=False)).get("/sources").text
    assert "mindgap source add web-shop" in text
    assert "<table" not in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "never"),
        (0, "just now"),
        (59, "just now"),
        (60, "a minute ago"),
        (7_199, "an hour ago"),
        (200_000, "2 days ago"),
    ],
)
def test_how_long_ago(seconds, text):
    assert ago(seconds, Voice("en", "EUR", "UTC")) == text
