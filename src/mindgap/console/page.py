"""What a page is, and finding them: every module in pages/ offers one as PAGE."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources

from starlette.routing import BaseRoute

_FOLDER = "mindgap.console.pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the console.

    Attributes:
        name: Its name, that of its module; ``console-nav-NAME`` is its word in the navigation.
        path: Its address.
        order: Its place in the navigation; None keeps it out.
        routes: Everything it answers to.
    """

    name: str
    path: str
    order: int | None
    routes: Sequence[BaseRoute]


@cache
def pages() -> tuple[Page, ...]:
    """Every page, by name."""
    files = sorted(entry.name for entry in resources.files(_FOLDER).iterdir() if entry.name.endswith(".py"))
    names = [file.removesuffix(".py") for file in files if not file.startswith("_")]
    return tuple(import_module(f"{_FOLDER}.{name}").PAGE for name in names)


def navigation() -> list[tuple[str, str]]:
    """Names and addresses of the pages in the navigation, in order."""
    listed = [(page.order, page.name, page.path) for page in pages() if page.order is not None]
    return [(name, path) for _order, name, path in sorted(listed)]
