"""The extras of the package, by its own metadata, and whether what they need is installed."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from mindgap.cli.health import check

_PACKAGE = "mindgap"
_OF_DEVELOPERS = "dev"
_REQUIREMENT = re.compile(r"""^\s*([\w.-]+).*\bextra\s*==\s*['"]([\w.-]+)['"]""")


def extra_checks() -> list[dict[str, Any]]:
    """Every extra for users, and whether its packages are here."""
    try:
        requirements = distribution(_PACKAGE).requires or []
    except PackageNotFoundError:  # run from its source, which nobody installed
        return []
    return [_told(name, packages) for name, packages in extras_of(requirements).items()]


def extras_of(requirements: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The packages of each extra for users, in order.

    Args:
        requirements: As metadata has them (Requires-Dist).

    >>> extras_of(["rich>=14", 'splink<6,>=5; extra == "linkage"', "ruff; extra == 'dev'"])
    {'linkage': ['splink']}
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for requirement in requirements:
        told = _REQUIREMENT.match(requirement)
        if told and told[2] != _OF_DEVELOPERS:
            found[told[2]].append(told[1])
    return dict(sorted(found.items()))


def missing_of(packages: Iterable[str], *, find: Callable[[str], object] = distribution) -> list[str]:
    """Those of these packages that are not installed."""
    missing: list[str] = []
    for name in packages:
        try:
            find(name)
        except PackageNotFoundError:
            missing.append(name)
    return missing


def _told(extra: str, packages: Sequence[str]) -> dict[str, Any]:
    missing = missing_of(packages)
    found = f"not installed: {', '.join(missing)}" if missing else f"installed: {', '.join(packages)}"
    hint = f'pip install "{_PACKAGE}[{extra}]"'
    return check(f"extra [{extra}]", found, ok=None if missing else True, hint=hint)
