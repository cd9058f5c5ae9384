"""Who may do what: every route against every kind of visitor."""

import pytest
from starlette.routing import Route

from mindgap.api.gate import is_open
from mindgap.api.headers import SECURITY_HEADERS
from mindgap.api.operations import OPERATIONS
from mindgap.api.sign_in import make_key
from mindgap.store.accounts import Scope


def _paths(app):
    for route in app.routes:
        assert isinstance(route, Route)
        for method in route.methods or {"GET"}:
            yield method, route.path.replace("{reference}", "x")


def test_every_route_but_health_and_sign_in_is_closed_to_strangers(app, visit):
    closed = [(method, path) for method, path in _paths(app) if not is_open(path)]
    assert len(closed) >= 2 * 5
    for method, path in closed:
        answer = visit().request(method, path)
        assert answer.status_code == 401, (method, path)
        if method != "HEAD":
            assert answer.json()["code"] == "sign-in"


def test_unknown_paths_do_not_show_themselves_to_strangers(visit, signed_in):
    assert visit().get("/api/v1/nothing").status_code == 401
    assert visit().get("/nothing").status_code == 401
    assert signed_in.get("/api/v1/nothing").status_code == 404


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_a_key_opens_what_its_scope_says(visit, accounts, clock, *, operation, scope):
    key = make_key(accounts, "till", scopes=[scope], at=clock())
    path = "/api/v1" + operation.path.replace("{reference}", "x")
    answer = visit(authorization=f"Bearer {key}").request(operation.method, path)
    assert (answer.status_code == 403) == (operation.scope is not scope), answer.text


def test_keys_do_not_open_pages_and_stop_when_revoked(visit, accounts, clock):
    key = make_key(accounts, "till", scopes=list(Scope), at=clock())
    client = visit(authorization=f"Bearer {key}")
    assert client.get("/api/v1/gap").status_code == 200
    assert client.post("/sign-out").status_code == 401
    accounts.revoke_key("till", at=clock())
    assert client.get("/api/v1/gap").status_code == 401


def test_security_headers_on_every_answer(signed_in, visit):
    answers = [
        visit().get("/api/v1/gap"),
        visit().get("/"),
        signed_in.get("/api/v1/gap"),
        signed_in.get("/none"),
    ]
    answers.append(visit(host="evil.example").get("/api/v1/gap"))
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil:8765"])
def test_other_host_names_are_refused(visit, host):
    answer = visit(host=host).get("/api/v1/gap")
    assert (answer.status_code, answer.json()["code"]) == (421, "wrong-host")


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
def test_own_host_names_are_accepted(visit, host):
    assert visit(host=host).get("/api/v1/gap").json()["code"] == "sign-in"


def test_unsafe_methods_need_the_token(signed_in, csrf):
    assert signed_in.post("/sign-out").json()["code"] == "csrf"
    assert signed_in.post("/sign-out", data={"csrf_token": "0" * 64}).json()["code"] == "csrf"
    assert signed_in.post("/api/v1/recommend", json={"customer_id": "household-1"}).json()["code"] == "csrf"
    good = signed_in.post(
        "/api/v1/recommend", json={"customer_id": "household-1"}, headers={"x-csrf-token": csrf(signed_in)}
    )
    assert good.status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_unsafe_methods_refuse_other_sites_even_with_the_token(signed_in, csrf, site):
    answer = signed_in.post(
        "/sign-out", data={"csrf_token": csrf(signed_in)}, headers={"sec-fetch-site": site}
    )
    assert answer.json()["code"] == "foreign-origin"


def test_old_browsers_are_judged_by_origin(signed_in, csrf):
    del signed_in.headers["sec-fetch-site"]
    data = {"csrf_token": csrf(signed_in)}
    for origin in (
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:1"},
    ):
        assert signed_in.post("/sign-out", data=data, headers=origin).json()["code"] == "foreign-origin"
    own = {"origin": "http://127.0.0.1:8765"}
    assert signed_in.post("/sign-out", data=data, headers=own).status_code == 303


def test_large_bodies_are_refused(signed_in, csrf):
    answer = signed_in.post(
        "/api/v1/recommend", content=b"x" * 70_000, headers={"x-csrf-token": csrf(signed_in)}
    )
    assert answer.json()["code"] == "too-large"


def test_the_language_follows_the_choice_then_the_browser(visit):
    assert "登录" in visit(**{"accept-language": "zh-CN,zh;q=0.9"}).get("/").json()["message"]
    chosen = visit().get("/?lang=zh")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
    assert "mindgap_language=zh" in chosen.headers["set-cookie"]
    assert visit().get("http://127.0.0.1:8765//evil.example/?lang=zh").headers["location"] == "/evil.example/"
