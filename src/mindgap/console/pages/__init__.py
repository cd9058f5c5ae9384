"""The pages, one module each; a new page is a new module here with a PAGE, and a template of its name."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mindgap.console.errors import error_page
from mindgap.console.page import pages

__all__ = ["error_page", "routes"]

_TYPES: Mapping[str, str] = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}


def routes() -> Sequence[BaseRoute]:
    """The routes of all pages and of the static files."""
    return [*(route for page in pages() for route in page.routes), Route("/static/{file:path}", _static)]


@cache
def _static_files() -> Mapping[str, bytes]:
    """Every static file by its path; what is not listed here does not exist."""
    found: dict[str, bytes] = {}
    root = resources.files("mindgap.console") / "static"
    for folder, prefix in ((root, ""), (root / "vendor", "vendor/")):
        for entry in folder.iterdir():
            if entry.is_file() and entry.name.rsplit(".", 1)[-1] in _TYPES:
                found[prefix + entry.name] = entry.read_bytes()
    return found


def _static(request: Request) -> Response:
    file = str(request.path_params["file"])
    content = _static_files().get(file)
    if content is None:
        return Response(status_code=404)
    return Response(content, media_type=_TYPES[file.rsplit(".", 1)[-1]])
