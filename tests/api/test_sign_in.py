"""Links, passwords, sessions."""

import time

import pytest

from mindgap.api.server import sign_in_link
from mindgap.api.serving import Serving
from mindgap.api.sign_in import issue_code, make_key, set_password
from mindgap.kernel.errors import UnknownError, UsageError
from mindgap.store.accounts import Scope

PASSWORD = "correct horse battery"


def test_a_link_works_once(visit, accounts, clock, *, post_sign_in):
    code = issue_code(accounts, at=clock())
    first, second = visit(), visit()
    answer = post_sign_in(first, code=code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert first.get("/api/v1/gap").status_code == 200
    assert post_sign_in(second, code=code).json()["code"] == "bad-code"


def test_a_link_dies_after_fifteen_minutes(visit, accounts, clock, *, post_sign_in):
    code = issue_code(accounts, at=clock())
    clock.pass_by(minutes=15)
    assert post_sign_in(visit(), code=code).status_code == 401


def test_the_code_stands_in_the_fragment_and_not_in_the_state(accounts, clock):
    link = sign_in_link(accounts, Serving(), at=clock())
    address, code = link.split("#")
    assert address == "http://127.0.0.1:8765/sign-in"
    with accounts.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("select * from sign_in_links").all())
    assert code not in kept


def test_sessions_get_a_new_token_and_end(signed_in, csrf, clock, *, visit):
    assert signed_in.cookies["mindgap_8765"] != "form-token"
    stolen = visit()
    stolen.cookies.set("mindgap_8765", signed_in.cookies["mindgap_8765"], domain="127.0.0.1")
    assert signed_in.post("/sign-out", data={"csrf_token": csrf(signed_in)}).status_code == 303
    assert stolen.get("/api/v1/gap").status_code == 401


def test_idle_sessions_end_after_two_hours(signed_in, clock):
    for _ in range(3):
        clock.pass_by(minutes=119)
        assert signed_in.get("/api/v1/gap").status_code == 200
    clock.pass_by(minutes=120)
    assert signed_in.get("/api/v1/gap").status_code == 401


def test_no_session_outlives_twelve_hours(signed_in, clock):
    for _ in range(12):
        assert signed_in.get("/api/v1/gap").status_code == 200
        clock.pass_by(minutes=60)
    assert signed_in.get("/api/v1/gap").status_code == 401


def test_ten_wrong_passwords_lock_for_fifteen_minutes(visit, accounts, clock, *, post_sign_in):
    set_password(accounts, PASSWORD, at=clock())
    for _ in range(10):
        assert post_sign_in(visit(), password="wrong").status_code == 401
    locked = post_sign_in(visit(), password=PASSWORD)
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "900")
    assert post_sign_in(visit(), code=issue_code(accounts, at=clock())).status_code == 303
    clock.pass_by(minutes=15, seconds=1)
    assert post_sign_in(visit(), password=PASSWORD).status_code == 303


def test_success_forgets_failures(visit, accounts, clock, *, post_sign_in):
    set_password(accounts, PASSWORD, at=clock())
    for _ in range(2):
        for _ in range(9):
            post_sign_in(visit(), password="wrong")
        assert post_sign_in(visit(), password=PASSWORD).status_code == 303


def test_a_missing_password_takes_as_long_as_a_wrong_one(visit, accounts, clock, *, post_sign_in):
    def seconds():
        start = time.perf_counter()
        assert post_sign_in(visit(), password="wrong").status_code == 401
        return time.perf_counter() - start

    without = min(seconds() for _ in range(3))
    set_password(accounts, PASSWORD, at=clock())
    assert 0.3 < min(seconds() for _ in range(3)) / without < 3


def test_a_new_password_ends_sessions_and_short_ones_are_refused(signed_in, accounts, clock):
    with pytest.raises(UsageError):
        set_password(accounts, "short", at=clock())
    set_password(accounts, PASSWORD, at=clock())
    assert signed_in.get("/api/v1/gap").status_code == 401


def test_keys_have_names_and_scopes(accounts, clock):
    key = make_key(accounts, "till", scopes=[Scope.READ], at=clock())
    assert key not in str(accounts.keys())
    with pytest.raises(UsageError):
        make_key(accounts, "till", scopes=[Scope.READ], at=clock())
    with pytest.raises(UsageError):
        make_key(accounts, "other", scopes=[], at=clock())
    with pytest.raises(UnknownError):
        accounts.revoke_key("nobody", at=clock())


def test_secrets_are_made_once(accounts):
    assert accounts.secret("a") == accounts.secret("a") != accounts.secret("b")
    assert len(accounts.secret("a")) == 32
