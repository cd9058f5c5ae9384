"""The snippet as a file: small, whole, without what strict pages forbid, and as its documentation says."""

import base64
import gzip
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mindgap.collect.events.delivery import Request
from mindgap.collect.wire.snippet import ENDPOINTS, SNIPPET, served

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "src/mindgap/collect/wire/mindgap.js").read_text("utf-8")
PAGE = (ROOT / "docs/snippet.md").read_text("utf-8")
FORBIDDEN = (
    "eval(",
    "new Function",
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "document.cookie",
    "sessionStorage",
    "indexedDB",
    ".style.",
    "cssText",
    "XMLHttpRequest",
    "importScripts",
)


def test_it_is_at_most_5_kilobytes():
    assert len(gzip.compress(SNIPPET, mtime=0)) <= 5_000


@pytest.mark.parametrize("word", FORBIDDEN)
def test_it_does_nothing_that_strict_pages_forbid(word):
    assert word not in SOURCE


def test_comments_are_all_that_is_left_out():
    assert b"// " not in SNIPPET
    squeezed = re.sub(r"\s", "", re.sub(r" ?// .*", "", SOURCE))
    assert re.sub(r"\s", "", SNIPPET.decode()) == squeezed


def test_strings_are_not_taken_for_comments():
    assert served('f("http://a.example");') == 'f("http://a.example");'


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node on PATH")
def test_it_can_be_read_by_another_engine(tmp_path):
    for name, text in (("source.js", SOURCE.encode()), ("served.js", SNIPPET)):
        (tmp_path / name).write_bytes(text)
        subprocess.run(["node", "--check", name], cwd=tmp_path, check=True)


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("", None)])
def test_it_is_served_packed_and_kept_for_a_day(accepted, encoding):
    (endpoint,) = ENDPOINTS
    request = Request(method="GET", path="/mindgap.js", headers={"accept-encoding": accepted})
    assert endpoint.read(request, pytest.fail).messages == ()
    answer = endpoint.answer(request)
    headers = dict(answer.headers)
    assert headers.get("content-encoding") == encoding
    assert "max-age=86400" in headers["cache-control"]
    assert answer.media_type.startswith("text/javascript")
    assert (gzip.decompress(answer.body) if encoding else answer.body) == SNIPPET


def test_the_documented_hash_is_that_of_the_documented_stub():
    (stub,) = re.findall(r"<script>(window\.mindgap=.*?)</script>", PAGE)
    digest = base64.b64encode(hashlib.sha256(stub.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in PAGE


def test_every_attribute_call_and_period_is_documented():
    for option in re.findall(r"options\.(\w+)", SOURCE):
        assert "data-" + re.sub(r"([A-Z])", r"-\1", option).lower() in PAGE
    calls = SOURCE[SOURCE.index("const api = {") : SOURCE.index("  for (const name in api)")]
    names = {*re.findall(r"^    (\w+)[:(]", calls, re.MULTILINE), "consent", "reset"} - {"version"}
    assert {"page", "track", "identify", "push", "ready"} <= names
    for name in names:
        assert f"`{name}(" in PAGE, name
    for days in re.findall(r"_DAYS = (\d+)", SOURCE):
        assert f"{days} days" in PAGE
