r"""
The commands of a page, and those that the tests of the stack type.

A command of a page stands in a block ``bash``, on a line of its own; lines that end
with ``\`` go on, lines that begin with ``#`` are comments.  It counts as executed when
a test in ``tests/stack`` gives the same text to `typed`, `typed_inside` or (without
``docker compose -f …``) to `compose`.  Texts are the same after this:

- white space is one space; ``a && b`` are two commands;
- the short and the long form of ``docker compose`` are one, which a test shows;
- ``-T`` of ``exec`` and ``run`` does not count: there is no terminal in a test;
- a placeholder of the page, as NAME, is any word; so is what an f-string fills in.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.stack import COMPOSE

PLACEHOLDERS = ("NAME", "TOKEN", "FILE", "JOB", "SITE", "HEAD", "CONTAINER")
_BLOCK = re.compile(r"^( *)```bash\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
_PLACEHOLDER = re.compile(rf"\b(?:{'|'.join(PLACEHOLDERS)})\b")
_FILLED = "\0"
_TYPING = {"typed", "typed_inside", "compose"}
_SHORT = "docker compose"


def commands_of(page: str) -> list[str]:
    """The commands in the text of a page, each once, in its order."""
    found = []
    for _, block in _BLOCK.findall(page):
        lines = re.sub(r"\\\n", " ", block).splitlines()
        texts = (" ".join(line.split()) for line in lines)
        found += [text for text in texts if text and not text.startswith("#")]
    return list(dict.fromkeys(found))


def typed_in(file: Path) -> Iterator[str]:
    """The commands that a file of tests types; NUL stands for what is filled in."""
    tree = ast.parse(file.read_text())
    names = _values(tree)
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr not in _TYPING or not call.args:
            continue
        prefix = f"{COMPOSE} " if call.func.attr == "compose" else ""
        first = call.args[0]
        texts = names.get(first.id, []) if isinstance(first, ast.Name) else [first]
        for text in filter(None, map(_text, texts)):
            for one in re.split(r"&&|\n", text):
                yield prefix + one


def _values(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """What names stand for: assigned, or the values of a parametrized test."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "parametrize"
            and isinstance(node.args[1], (ast.List, ast.Tuple))
        ):
            named = ast.literal_eval(node.args[0])
            names = [named] if isinstance(named, str) else list(named)
            for row in node.args[1].elts:
                cells = row.elts if isinstance(row, ast.Tuple) else [row]
                for name, cell in zip(names, cells, strict=False):
                    found.setdefault(name, []).append(cell)
    return found


def _text(node: ast.expr) -> str | None:
    """The string that *node* makes; None: it is none, or made elsewhere."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(filter(None, map(_text, node.values)))
    if isinstance(node, ast.FormattedValue):
        is_compose = isinstance(node.value, ast.Name) and node.value.id == "COMPOSE"
        return COMPOSE if is_compose else _FILLED
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [_text(node.left), _text(node.right)]
        return None if None in parts else "".join(filter(None, parts))
    return None


def is_same(command: str, typed: str) -> bool:
    """Whether a test that types *typed* executes *command*."""
    ours, theirs = _words(command), _words(typed)
    return len(ours) == len(theirs) and all(map(_fits, ours, theirs))


def _words(command: str) -> list[str]:
    text = _PLACEHOLDER.sub(_FILLED, " ".join(command.split()))
    text = text.replace(COMPOSE, _SHORT)
    return re.sub(r"(docker compose (?:exec|run(?: --rm)?)) -T ", r"\1 ", text).split()


def _fits(ours: str, theirs: str) -> bool:
    return any(
        re.fullmatch(re.escape(one).replace(re.escape(_FILLED), ".+"), other)
        for one, other in ((ours, theirs), (theirs, ours))
    )
