"""Which wire format takes a request: the endpoints of every module of collect/wire."""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import NamedTuple

from starlette.routing import compile_path

from mindgap.collect import wire
from mindgap.collect.events.delivery import Endpoint

NO_PARAMS: Mapping[str, str] = {}


class Place(NamedTuple):
    """A path that is served.

    Attributes:
        methods: Its endpoints by method.
        params: The variable parts of the path.
    """

    methods: Mapping[str, Endpoint]
    params: Mapping[str, str] = NO_PARAMS


class Routes:
    """Endpoints by path. Paths without variable parts, nearly all, cost one look into a dictionary."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        found: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            methods = found.setdefault(endpoint.path, {})
            if endpoint.method in methods:
                raise ValueError(f"Two wire formats serve {endpoint.method} {endpoint.path}.")
            methods[endpoint.method] = endpoint
        self._exact = {path: Place(methods) for path, methods in found.items() if "{" not in path}
        self._patterns = [(compile_path(path)[0], methods) for path, methods in found.items() if "{" in path]

    def find(self, path: str) -> Place | None:
        """What serves a path; None when nothing does.

        >>> Routes([Endpoint("GET", "/v1/{key}/settings", print)]).find("/v1/k/settings").params
        {'key': 'k'}
        """
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        for pattern, methods in self._patterns:
            if match := pattern.match(path):
                return Place(methods, match.groupdict())
        return None


def wire_endpoints() -> Iterator[Endpoint]:
    """The endpoints of all wire formats."""
    for module in sorted(pkgutil.iter_modules(wire.__path__), key=lambda one: one.name):
        yield from getattr(import_module(f"{wire.__name__}.{module.name}"), "ENDPOINTS", ())
