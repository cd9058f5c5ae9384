"""What the linters do not hold: sizes, functions that nothing uses, and what benchmarks want that is gone."""

import ast
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from vulture import Vulture

MAX_FILE_LINES = 400
MAX_BODY_LINES = 40
# called by Python, SQLAlchemy, Alembic, typer, msgspec or JMESPath, by name
CALLED_BY_NAME = {
    *("__getattr__", "__call__", "downgrade", "upgrade", "_options"),
    *("load_dialect_impl", "process_bind_param"),
}
CALLED_BY_NAME |= {"_func_object", "_func_plain", "_func_text", "_func_time"}


def too_large(path: Path) -> list[str]:
    """What in a file is larger than the house allows."""
    text = path.read_text("utf-8")
    found = [f"{path}: {n} lines" for n in [text.count("\n")] if n > MAX_FILE_LINES]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > MAX_BODY_LINES:
                found.append(f"{path}:{node.lineno} {node.name}: {lines} lines of body")
    return found


def unused() -> list[str]:
    """Functions, methods and classes of the package that neither it nor its tests and docs use."""
    finder = Vulture()
    finder.scavenge(["src/mindgap", "tests", "benchmarks", "docs"])
    kinds = {"function", "method", "class", "property", "unreachable_code"}
    return [
        f"{item.filename}:{item.first_lineno} {item.name}: nothing uses it"
        for item in finder.get_unused_code(min_confidence=60)
        if item.typ in kinds and "src/mindgap" in str(item.filename) and item.name not in CALLED_BY_NAME
    ]


def is_there(module: str, name: str) -> bool:
    """Whether a module has a name, or is a package with a module of that name."""
    found = import_module(module)
    return hasattr(found, name) or (hasattr(found, "__path__") and find_spec(f"{module}.{name}") is not None)


def gone(path: Path) -> list[str]:
    """What a file imports from the package that is not there; benchmarks run too seldom to tell."""
    wanted = [
        (node.module, alias.name, node.lineno)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mindgap"
        for alias in node.names
    ]
    return [
        f"{path}:{line} {module} has no {name}" for module, name, line in wanted if not is_there(module, name)
    ]


if __name__ == "__main__":
    problems = [line for path in sorted(Path("src").rglob("*.py")) for line in too_large(path)] + unused()
    problems += [line for path in sorted(Path("benchmarks").rglob("*.py")) for line in gone(path)]
    print("\n".join(problems))  # noqa: T201 - a script's answer
    sys.exit(bool(problems))
