import sys
import warnings
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

with warnings.catch_warnings():
    # the test client asks for httpx2 from now on; what it does with httpx is the same
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1] / "console"))

from console_fake_workspace import FakeWorkspace

from mindgap.api.server import build_app
from mindgap.api.serving import Serving
from mindgap.api.sign_in import issue_code
from mindgap.backends.accounts import SqlAccounts
from mindgap.backends.schema import metadata

NOON = datetime(2026, 3, 1, 12)
ORIGIN = "http://127.0.0.1:8765"


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts():
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    yield SqlAccounts(engine)
    engine.dispose()


@pytest.fixture
def workspace():
    return FakeWorkspace()


@pytest.fixture
def app(workspace, accounts, clock):
    return build_app(workspace, accounts, serving=Serving(), clock=clock)


@pytest.fixture
def visit(app):
    """Make a browser that has not signed in."""

    def make(**headers):
        client = TestClient(app, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False)
        client.headers.update({"sec-fetch-site": "same-origin", **headers})
        return client

    return make


@pytest.fixture
def signed_in(visit, accounts, clock):
    """A browser that has signed in by a one-time link."""
    client = visit()
    sign_in(client, accounts, code=issue_code(accounts, at=clock()))
    return client


def sign_in(client, accounts, **fields):
    """Post the sign-in form as a browser does: with the form's cookie and token."""
    from mindgap.api.sign_in import csrf_token  # noqa: PLC0415

    if "mindgap_8765" not in client.cookies:
        client.cookies.set("mindgap_8765", "form-token", domain="127.0.0.1")
    token = csrf_token(accounts.secret("csrf"), client.cookies["mindgap_8765"])
    return client.post("/sign-in", data={"csrf_token": token, **fields})


@pytest.fixture
def post_sign_in(accounts):
    return lambda client, **fields: sign_in(client, accounts, **fields)


@pytest.fixture
def csrf(accounts):
    """The token that a signed-in browser's forms carry."""
    from mindgap.api.sign_in import csrf_token  # noqa: PLC0415

    return lambda client: csrf_token(accounts.secret("csrf"), client.cookies["mindgap_8765"])
