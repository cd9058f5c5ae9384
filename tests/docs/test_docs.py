"""What the documentation says is so, and nothing is left out: reference pages, links, commands, examples."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from mindgap.api.operations import OPERATIONS
from mindgap.cli.main import app
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.collect.files.options import SourceOptions
from mindgap.console.page import pages as console_pages
from mindgap.kernel.errors import MindgapError
from mindgap.kernel.words import codes
from mindgap.loop.offered import derivations
from mindgap.workspace.live import LIVE_KINDS, options_of

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
COMMANDS = typer.main.get_command(app).commands
REASONS = [code for code in codes("en") if code.startswith("event-reason-") and not code.endswith("-do")]
SOURCES = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
NAMED = re.findall(r"\"(mindgap_(?:collector|source|worker)_[a-z_]+)\"", SOURCES)
FIGURES = [name for name in NAMED if "_chore_" not in name]
CONNECTOR_OPTIONS = sorted(
    {name for kind in LIVE_KINDS for name in options_of(kind).__struct_fields__}
    - {*StreamOptions.__struct_fields__}
)
ROOM_PAGES = {"cli": "commands.md", "workspace": "first-hour.md"}
README_LINES = 70
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|home|root|tmp|Users|mnt)/")


def name_of(page):
    return str(page.relative_to(ROOT))


def blocks(page, language):
    return [text for kind, text in FENCE.findall(page.read_text("utf-8")) if kind == language]


def anchors(page):
    """The anchors of a page's headings, as code forges make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def calls():
    """Every call of mindgap in a shell block, as (page, arguments)."""
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.splitlines():
                words = shlex.split(line, comments=True)
                if words and Path(words[0]).name == "mindgap":
                    yield pytest.param(words[1:], id=f"{name_of(page)}: {line.partition('#')[0].strip()}")


def test_reference_pages_are_what_the_code_says(writer, made_up_shop):
    for name, text in writer.pages(made_up_shop).items():
        assert (DOCS / name).read_text("utf-8") == text, f"docs/{name} is out of date: run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for target in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{name_of(page)} links to {target}"
        assert not anchor or anchor in anchors(file), f"{name_of(page)} links to {target}"


@pytest.mark.parametrize("arguments", [*calls()])
def test_shown_commands_exist(arguments):
    name, *rest = arguments
    assert name in COMMANDS
    command = COMMANDS[name]
    if inner := getattr(command, "commands", None):
        name, *rest = rest
        assert name in inner
        command = inner[name]
    command.make_context(name, rest)


def test_shown_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for page in PAGES:
        for block in blocks(page, "sh"):
            for target in re.findall(r"^make (\w+)", block, re.MULTILINE):
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{name_of(page)}: make {target}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pandas")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_shown_python_runs(page, made_up_shop, monkeypatch):
    monkeypatch.chdir(made_up_shop.folder.parent)
    names = {}
    for block in blocks(page, "python"):
        try:
            exec(compile(block, name_of(page), "exec"), names)  # noqa: S102 - our own page
        except MindgapError as error:
            pytest.fail(f"{name_of(page)}: {error.message} in\n{block}")


def test_every_room_has_a_page():
    rooms = {path.parent.name for path in (ROOT / "src" / "mindgap").glob("*/__init__.py")}
    for room in rooms:
        assert (DOCS / ROOM_PAGES.get(room, f"{room}.md")).exists(), room


def test_every_document_is_in_the_list_of_documents():
    listed = (DOCS / "README.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert page.name == "README.md" or f"({page.name}" in listed, page.name


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ("console.md", [f"`{page.name}`" for page in console_pages()]),
        ("api.md", [f"`{one.method} {one.path}`" for one in OPERATIONS]),
        ("collect.md", [f"`{name}`" for name in SourceOptions.__dataclass_fields__]),
        ("collect.md", [f"`{name}`" for name in (*StreamOptions.__struct_fields__, *LIVE_KINDS)]),
        ("collect.md", [f"`{code.removeprefix('event-reason-')}`" for code in REASONS]),
        ("operating.md", [f"`{name}" for name in FIGURES]),
        ("connectors.md", [f"`{name}`" for name in CONNECTOR_OPTIONS]),
        ("measured.md", [name for name in derivations() if name.startswith("evaluation_")]),
    ],
)
def test_nothing_is_left_out(document, names):
    text = (DOCS / document).read_text("utf-8")
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readme_fits_one_screen(readme):
    assert len((ROOT / readme).read_text("utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize("page", [*PAGES, *(ROOT / "examples").glob("*.*")], ids=name_of)
def test_no_page_names_a_path_of_a_machine(page):
    assert MACHINE_PATH.findall(page.read_text("utf-8")) == []
