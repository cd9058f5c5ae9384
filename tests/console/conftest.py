import io
import os
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
import uvicorn
from console_fake_workspace import FakeWorkspace

from mindgap.api.server import Pages, build_app, sign_in_link
from mindgap.api.serving import Serving
from mindgap.backends.accounts import SqlAccounts
from mindgap.backends.schema import metadata
from mindgap.console.pages import error_page, routes
from mindgap.kernel.clock import now


@pytest.fixture
def workspace():
    return FakeWorkspace()


@pytest.fixture
def accounts():
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    yield SqlAccounts(engine)
    engine.dispose()


class Running:
    """A console that listens on this machine."""

    def __init__(self, workspace, accounts):
        self.serving = Serving(port=_free_port())
        self.accounts = accounts
        pages = Pages(routes=routes(), error_page=error_page)
        self.app = build_app(workspace, accounts, serving=self.serving, pages=pages)
        config = uvicorn.Config(
            self.app, port=self.serving.port, log_level="error", access_log=False, ws="none", lifespan="off"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self):
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        return self

    def stop(self):
        self.server.should_exit = True
        self.thread.join(10)

    def link(self):
        return sign_in_link(self.accounts, self.serving, at=now())


def _free_port():
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def running(workspace, accounts):
    server = Running(workspace, accounts).start()
    yield server
    server.stop()


class Tab:
    """A browser tab that remembers every complaint of the browser."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(reduced_motion="reduce", **options)
        self.page = self.context.new_page()
        self.complaints = []
        self.requests = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective));"
        )

    def _heard(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def wait_for_charts(self):
        self.page.wait_for_selector("[data-chart]:not([data-drawn])", state="detached")
        self.page.wait_for_timeout(80)

    def shoot(self, path):
        self.page.screenshot(path=path, full_page=True)
        return path


@pytest.fixture
def tab(chromium):
    tabs = []

    def make(**options):
        tabs.append(Tab(chromium, **{"viewport": {"width": 1360, "height": 900}, **options}))
        return tabs[-1]

    yield make
    for one in tabs:
        one.context.close()


@pytest.fixture
def visit(running, tab):
    """Opens a page of the console, signed in."""

    def opened(path, language="en", **options):
        one = tab(**options)
        one.page.goto(running.link())
        one.page.wait_for_url(running.serving.address + "/")
        one.page.goto(f"{running.serving.address}{path}?lang={language}")
        return one

    return opened


@pytest.fixture
def shots(tmp_path):
    """The folder of screenshots."""
    return Path(os.environ.get("MINDGAP_SCREENSHOTS", tmp_path))


@pytest.fixture
def colours():
    """How many different colours a screenshot shows; a blank page shows one."""
    from PIL import Image  # noqa: PLC0415

    def count(path):
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            found = image.convert("RGB").getcolors(maxcolors=1 << 24)
        return len(found)

    return count
