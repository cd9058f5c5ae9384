"""What the stage rooms offer: every derived table, by look-up."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module, resources
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from mindgap.kernel.derivation import Derivation
from mindgap.kernel.errors import MindgapError
from mindgap.loop.catalogue import deferred, keep, kept, module_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

STAGES = ("process", "analyze", "insight", "personalize")


@cache
def derivations() -> Mapping[str, Derivation]:
    """Every derived table of the package and its stage rooms, by name.

    Raises:
        MindgapError: Two modules offer a table of the same name.
    """
    mark = "".join(_room_code(f"mindgap.{room}") for room in ("kernel", "loop", *STAGES))
    known = kept(mark)
    if known is not None:
        return known
    found = _imported()
    keep(mark, found)
    return {name: deferred(item, module) for name, (item, module) in found.items()}


def _imported() -> dict[str, tuple[Derivation, str]]:
    """Every derived table and the module that offers it, after importing all of them."""
    found: dict[str, tuple[Derivation, str]] = {}
    for stage in STAGES:
        package = import_module(f"mindgap.{stage}")
        names = [module.name for module in walk_packages(package.__path__, f"{package.__name__}.")]
        for name in names:
            for item in _offered(import_module(name)):
                if found.setdefault(item.name, (item, name))[0] is not item:
                    raise MindgapError(
                        f"Table {item.name!r} is made in two places.", hint="Rename one of them."
                    )
    return found


def _offered(module: object) -> Iterator[Derivation]:
    for value in vars(module).values():
        candidates = value if isinstance(value, tuple) else (value,)
        yield from (item for item in candidates if isinstance(item, Derivation))


@cache
def _room_code(room: str) -> str:
    digest = hashlib.sha256()
    for file in _sources(resources.files(room)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources(folder: "Traversable") -> Iterator["Traversable"]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.name.endswith((".py", ".sql")):
            yield entry


def code_mark(item: Derivation) -> str:
    """What stands for a derivation's code: its SQL, or the sources of its room and of the kernel."""
    if item.sql:
        return item.sql
    room = ".".join((module_of(item) or "mindgap.kernel").split(".")[:2])
    return _room_code(room) + _room_code("mindgap.kernel") + item.name


def follows_from(item: Derivation) -> set[str]:
    """Every table, canonical, given or derived, that a derived table is made of in the end."""
    found: set[str] = set()
    ahead = [item]
    while ahead:
        new = {at.table for at in ahead.pop().inputs.values()} - found
        found |= new
        ahead += [derivations()[name] for name in new & derivations().keys()]
    return found
