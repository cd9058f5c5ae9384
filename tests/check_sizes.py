"""Files of at most 400 lines and functions of at most 40 lines of body; prints what is larger."""

import ast
import sys
from pathlib import Path

MAX_FILE_LINES = 400
MAX_BODY_LINES = 40


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


if __name__ == "__main__":
    problems = [line for path in sorted(Path("src").rglob("*.py")) for line in too_large(path)]
    print("\n".join(problems))  # noqa: T201 - a script's answer
    sys.exit(bool(problems))
