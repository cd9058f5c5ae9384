import time

import pytest
from web_servers import Echo, Site

STUB = (
    "<script>window.mindgap=window.mindgap||[];"
    '["page","track","identify","group","alias","reset","consent","ready"].forEach(function(name){'
    "mindgap[name]=function(){mindgap.push([name].concat([].slice.call(arguments)))}})</script>"
)


@pytest.fixture
def echo():
    collector = Echo()
    yield collector
    collector.stop()


@pytest.fixture
def site():
    pages = Site()
    yield pages
    pages.server.close()


class Visitor:
    """A browser of its own: nothing stored, and every request and complaint remembered."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(reduced_motion="reduce", **options)
        self.complaints, self.said = [], []

    def tab(self):
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective));"
        )
        return page

    def visit(self, address, *, page=None):
        page = page or self.tab()
        page.goto(address)
        end = (
            time.monotonic() + 8
        )  # Playwright's own waiting evaluates strings, which a strict policy forbids
        while not page.evaluate("window.mindgap && mindgap.version"):
            assert time.monotonic() < end, self.complaints
            page.wait_for_timeout(20)
        return page

    def _heard(self, message):
        (self.complaints if message.type in {"error", "warning"} else self.said).append(message.text)


def stored(page):
    """What the page's origin keeps on the device."""
    return page.evaluate("Object.fromEntries(Object.entries(localStorage))")


@pytest.fixture
def kept():
    return stored


@pytest.fixture
def visitor(chromium):
    made = []

    def make(**options):
        made.append(Visitor(chromium, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


@pytest.fixture
def plain_page(site, echo):
    """A page with the snippet; attributes go on its script element."""

    def make(attributes="", *, path="/", body="<h1>Shop</h1>", mode="async", **options):
        return site.put(path, body, head=STUB + echo.tag(attributes=attributes, mode=mode), **options)

    return make
