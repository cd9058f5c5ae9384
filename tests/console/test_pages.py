"""The pages without a browser: what they say when all is there, when nothing is, and to whom they speak."""

import warnings

import pytest
from console_fake_workspace import TABLES, FakeSettings, FakeWorkspace

from mindgap.api.server import Pages, build_app
from mindgap.api.serving import Serving
from mindgap.api.sign_in import csrf_token, issue_code
from mindgap.console.page import navigation, pages
from mindgap.console.pages import error_page, routes
from mindgap.kernel.clock import now
from mindgap.kernel.errors import UnknownError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

COOKIE = "mindgap_8765"
WITHOUT_THE_LOOP = {"sources", "features", "quality", "identities", "forgotten"}
OF_THE_LOOP = [path for name, path in navigation() if name not in WITHOUT_THE_LOOP]
HTML = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@pytest.fixture
def browse(accounts):
    """A signed-in browser without scripts on a workspace."""

    def make(workspace):
        app = build_app(
            workspace, accounts, serving=Serving(), pages=Pages(routes=routes(), error_page=error_page)
        )
        client = TestClient(app, base_url="http://127.0.0.1:8765", headers=HTML, raise_server_exceptions=True)
        client.cookies.set(COOKIE, "form", domain="127.0.0.1")
        fields = {"csrf_token": _token(accounts, client), "code": issue_code(accounts, at=now())}
        assert client.post("/sign-in", data=fields).status_code == 200
        client.app_under_test = app
        return client

    return make


def _token(accounts, client):
    return csrf_token(accounts.secret("csrf"), client.cookies[COOKIE])


def test_every_page_is_found_and_named():
    names = {page.name for page in pages()}
    listed = ["home", "customers", "segments", "gap", "sources", "features", "quality", "identities"]
    assert {*listed, "sign_in"} <= names
    assert [name for name, _path in navigation() if name in listed] == listed


def test_strangers_are_led_to_the_sign_in_page(browse, workspace):
    client = browse(workspace)
    client.cookies.clear()
    for _name, path in navigation():
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    live = client.get("/gap", headers={"hx-request": "true"}, follow_redirects=False)
    assert (live.status_code, live.headers["hx-redirect"]) == (401, "/sign-in")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", OF_THE_LOOP)
def test_nothing_can_be_said_is_a_page_too(browse, path, language):
    missing = dict.fromkeys(TABLES, ("no-orders", {}))
    client = browse(FakeWorkspace(missing=missing))
    client.cookies.set("mindgap_language", language, domain="127.0.0.1")
    answer = client.get(path)
    assert answer.status_code == 200
    assert {"en": "There are no orders yet", "zh": "订单"}[language] in answer.text


@pytest.mark.parametrize("path", OF_THE_LOOP)
def test_before_the_first_run(browse, path):
    class NeverRun(FakeWorkspace):
        def table(self, name, *, purpose, columns=()):
            raise UnknownError("Nothing has been run yet.")

        def gap(self, customer_id=None):
            return {"advantage_bits": None, "sources": None, "by_week": None, "reasons": []}

        def status(self):
            return {"tables": [], "sources": []}

        def find_customers(self, text, limit):
            raise UnknownError("Nothing has been run yet.")

    answer = browse(NeverRun(as_of=None)).get(path)
    assert answer.status_code == 200
    assert "mindgap run" in answer.text


def test_ids_are_searched_by_post_and_addressed_by_reference(browse, workspace, accounts):
    client = browse(workspace)
    found = client.post(
        "/customers/search", data={"csrf_token": _token(accounts, client), "text": "household-7"}
    )
    reference = client.app_under_test.state.references.of("household-7")
    assert f'href="/customers/{reference}"' in found.text
    assert 'href="/customers/household' not in found.text
    page = client.get(f"/customers/{reference}")
    assert "Customer household-7" in page.text
    assert "<title>Customer" in page.text
    assert "household-7" not in page.text.split("</title>")[0]
    assert page.headers["cache-control"] == "no-store"
    fragment = client.post(
        "/customers/search",
        data={"csrf_token": _token(accounts, client), "text": "household-7"},
        headers={"hx-request": "true"},
    )
    assert "<html" not in fragment.text


def test_unknown_references_and_pages_are_told_kindly(browse, workspace):
    client = browse(workspace)
    for path in ("/customers/AAAA", "/nothing", "/static/none.js", "/static/../console.py"):
        answer = client.get(path)
        assert answer.status_code == 404
    assert "There is nothing here" in client.get("/nothing").text


def test_names_from_the_data_are_never_markup(browse):
    nasty = "<script>alert(1)</script>\"'>"
    workspace = FakeWorkspace(settings=FakeSettings(name=nasty))
    for _name, path in navigation():
        text = browse(workspace).get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_pages_carry_neither_inline_script_nor_inline_style(browse, workspace):
    client = browse(workspace)
    reference = client.app_under_test.state.references.of("household-1")
    for path in [*(path for _name, path in navigation()), f"/customers/{reference}"]:
        text = client.get(path).text
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick" not in text
        for tag in text.split("<script")[1:]:
            assert " src=" in tag.split(">")[0] or 'type="application/json"' in tag.split(">")[0]


def test_a_wrong_code_shows_the_form_again(browse, workspace, accounts):
    client = browse(workspace)
    client.cookies.clear()
    client.cookies.set(COOKIE, "form", domain="127.0.0.1")
    answer = client.post("/sign-in", data={"csrf_token": _token(accounts, client), "code": "no such code"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert 'name="csrf_token"' in answer.text


def test_customer_reads_state_their_purpose(browse, workspace):
    client = browse(workspace)
    for _name, path in navigation():
        client.get(path)
    assert workspace.seen
    assert {purpose for _table, purpose in workspace.seen} <= {"analytics", "operations"}


def test_a_customer_page_tells_what_happened_on_every_channel(browse, workspace):
    client = browse(workspace)
    reference = client.app_under_test.state.references.of("household-1")
    text = client.get(f"/customers/{reference}").text
    assert "What happened" in text
    assert "saw: Product Viewed" in text


def test_identities_before_the_first_run(browse):
    workspace = FakeWorkspace()

    def refuse():
        raise UnknownError("Nothing has been run yet.")

    workspace.identity.numbers = refuse
    answer = browse(workspace).get("/identities")
    assert answer.status_code == 200
    assert 'class="card"' in answer.text
