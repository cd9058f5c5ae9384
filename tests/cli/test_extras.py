"""Doctor lists every extra that the package has."""

import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from mindgap.cli.extras import extra_checks, extras_of, missing_of

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]


def test_no_extra_is_forgotten():
    declared = PROJECT["optional-dependencies"]
    lines = [f"{need}; extra == '{extra}'" for extra, needs in declared.items() for need in needs]
    assert extras_of([*PROJECT["dependencies"], *lines]).keys() == declared.keys() - {"dev"}
    assert extras_of(lines)["postgres"] == ["psycopg"]


def test_what_is_not_installed_is_named():
    def find(name: str) -> None:
        if name == "splink":
            raise PackageNotFoundError(name)

    assert missing_of(["rich", "splink"], find=find) == ["splink"]
    told = {one["what"]: one for one in extra_checks()}
    assert told["extra [demo]"]["hint"] == 'pip install "mindgap[demo]"'
    assert all(one["ok"] is not False for one in told.values())
