"""Where the server may listen."""

import pytest

from mindgap.api.server import build_app
from mindgap.api.serving import Serving, check_serving, is_loopback, is_wildcard
from mindgap.api.sign_in import set_password
from mindgap.kernel.errors import UsageError


@pytest.fixture
def tls(tmp_path):
    files = {"certificate": tmp_path / "cert.pem", "private_key": tmp_path / "key.pem"}
    for file in files.values():
        file.write_text("x")
    return files


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_needs_nothing(host):
    check_serving(Serving(host=host), has_password=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "shop.example"])
def test_other_addresses_need_password_and_tls(host, tls):
    named = {"names": ("shop.example",)}
    with pytest.raises(UsageError, match="no password"):
        check_serving(Serving(host=host, **named, **tls), has_password=False)
    with pytest.raises(UsageError, match="no TLS"):
        check_serving(Serving(host=host, **named), has_password=True)
    check_serving(Serving(host=host, **named, **tls), has_password=True)


def test_a_proxy_stands_for_tls_but_not_for_the_password():
    proxied = Serving(trusted_proxy="127.0.0.1", names=("shop.example",))
    with pytest.raises(UsageError, match="no password"):
        check_serving(proxied, has_password=False)
    check_serving(proxied, has_password=True)
    assert proxied.address == "https://shop.example"


def test_every_address_needs_a_name(tls):
    with pytest.raises(UsageError, match="name"):
        check_serving(Serving(host="0.0.0.0", **tls), has_password=True)


def test_tls_files_are_checked(tls, tmp_path):
    with pytest.raises(UsageError, match="no TLS file"):
        check_serving(
            Serving(certificate=tmp_path / "none", private_key=tls["private_key"]), has_password=True
        )
    with pytest.raises(UsageError, match="Give both"):
        check_serving(Serving(certificate=tls["certificate"]), has_password=True)


def test_nothing_is_built_with_an_open_door(workspace, accounts):
    with pytest.raises(UsageError):
        build_app(workspace, accounts, serving=Serving(host="0.0.0.0"))


def test_with_a_proxy_nobody_else_may_connect(workspace, accounts, clock, *, visit):
    set_password(accounts, "correct horse battery", at=clock())
    serving = Serving(trusted_proxy="10.0.0.9", names=("shop.example",))
    from starlette.testclient import TestClient  # noqa: PLC0415

    app = build_app(workspace, accounts, serving=serving, clock=clock)
    outsider = TestClient(app, base_url="https://shop.example", client=("10.0.0.8", 1))
    assert outsider.get("/api/v1/gap").json()["code"] == "past-proxy"
    proxy = TestClient(app, base_url="https://shop.example", client=("10.0.0.9", 1))
    answer = proxy.get("/api/v1/gap")
    assert answer.json()["code"] == "sign-in"
    assert answer.headers["strict-transport-security"].startswith("max-age")


def test_kinds_of_addresses():
    assert is_loopback("::1")
    assert not is_loopback("example.org")
    assert is_wildcard("::")
    assert not is_wildcard("example.org")
    assert Serving(host="::1", port=1).address == "http://[::1]:1"
