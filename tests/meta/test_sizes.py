"""Files and functions stay small; exceptions stand in sizes.toml with a reason."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "tests", "tools", "benchmarks")
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
)
EXEMPT = tomllib.loads((ROOT / "tests/meta/sizes.toml").read_text())
MOST_LINES = 400
MOST_FUNCTION_LINES = 40
MOST_TEST_LINES = 30
MOST_OWN_IMPORTS = 12


def functions(tree: ast.AST) -> list[tuple[str, int]]:
    """Name and lines of every function, decorators and docstring left out."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body
            if isinstance(body[0], ast.Expr) and isinstance(
                body[0].value, ast.Constant
            ):
                body = body[1:] or body
            lines = (node.end_lineno or 0) - body[0].lineno + 1
            found.append((node.name, lines))
    return found


@pytest.mark.parametrize("name", FILES)
def test_file_is_at_most_400_lines(name):
    """A longer file is split, or has a reason."""
    lines = len((ROOT / name).read_text().splitlines())

    assert lines <= EXEMPT.get(name, {}).get("lines", MOST_LINES)


@pytest.mark.parametrize("name", FILES)
def test_functions_are_small(name):
    """A function has at most 40 lines of code, a test 30."""
    limits = {True: MOST_TEST_LINES, False: MOST_FUNCTION_LINES}
    allowed = EXEMPT.get(name, {}).get("functions", [])
    tree = ast.parse((ROOT / name).read_text())

    too_long = [
        (function, lines)
        for function, lines in functions(tree)
        if lines > limits[function.startswith("test_")] and function not in allowed
    ]

    assert too_long == []


@pytest.mark.parametrize("name", [n for n in FILES if n.startswith("src/")])
def test_modules_know_few_others(name):
    """At most 12 modules of ours are imported, but for lists of rules."""
    tree = ast.parse((ROOT / name).read_text())
    own = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("sentinel_netlab")
    }

    assert len(own) <= EXEMPT.get(name, {}).get("imports", MOST_OWN_IMPORTS)
