"""The examples of docs/clients.md, run as they stand but for the address and the key."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kits.collector import key_of
from kits.received import Received
from kits.static_site import site

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
EXAMPLE = re.compile(r"^```(py|js|html)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SOURCE = "documented"
WAITS_AT_MOST_S = 20


def examples():
    """Each example with its section, so that its name says what failed."""
    for section in PAGE.read_text("utf-8").split("\n## ")[1:]:
        title = section.partition("\n")[0]
        for language, text in EXAMPLE.findall(section):
            marks = [pytest.mark.browser] if language == "html" else []
            yield pytest.param(language, text, id=f"{title}: {language}", marks=marks)


@pytest.fixture
def run(ground, request, tmp_path):
    def go(language, text):
        host = "https://events.shop.example"
        text = text.replace(host, ground.base_url).replace("WRITE_KEY", key_of(SOURCE))
        if language == "html":
            _show(text, request, tmp_path)
            return
        command = [sys.executable, "-c", text] if language == "py" else ["node", "-e", text]
        modules = request.getfixturevalue("node_modules") if language == "js" else ""
        environment = {**os.environ, "NODE_PATH": str(modules)}
        subprocess.run(command, check=True, timeout=60, capture_output=True, env=environment)

    return go


def _show(text, request, folder):
    (folder / "index.html").write_text(f"<!doctype html><title>Shop</title>{text}", "utf-8")
    # PostHog's client takes a browser that is steered by a program for a robot
    context = request.getfixturevalue("chromium").new_context(user_agent="Mozilla/5.0 Chrome/140.0")
    context.add_init_script("Object.defineProperty(navigator, 'webdriver', {value: false})")
    with site({"node_modules": request.getfixturevalue("node_modules"), "": folder}) as shop:
        page = context.new_page()
        page.goto(f"{shop}/index.html", wait_until="networkidle")
        page.wait_for_timeout(500)
        page.goto("about:blank")  # what still waits is sent now
        page.wait_for_timeout(300)
    context.close()


@pytest.mark.parametrize(("language", "text"), [*examples()])
def test_examples_work(language, text, run, ground):
    known = {row.message_id for row in Received(ground.folder, SOURCE).rows}
    run(language, text)
    give_up_at = time.monotonic() + WAITS_AT_MOST_S
    viewed = []
    while not viewed and time.monotonic() < give_up_at:
        rows = [row for row in Received(ground.folder, SOURCE).rows if row.message_id not in known]
        viewed = [row for row in rows if row.name == "Product Viewed"]
        time.sleep(0.05)
    assert [row.customer_id for row in viewed] == ["1042"]
    assert "marketing" not in viewed[0].purposes
    if "identify" in text:
        [told] = [row for row in rows if row.type == "identify"]
        assert json.loads(told.traits)["email"] == "ada@example.com"


def test_versions_are_those_that_run():
    """The page names the versions that the tests install."""
    text = PAGE.read_text("utf-8")
    wanted = json.loads((Path(__file__).parent / "package.json").read_text("utf-8"))["dependencies"]
    for name, version in wanted.items():
        assert re.search(rf"\| {re.escape(name)} (\(browser\) )?\| {re.escape(version)} \|", text), name
