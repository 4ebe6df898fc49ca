"""
What only the text of a CREATE statement of SQLite says: checks, collations, options.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

_TOKEN = re.compile(
    r"""\s+ | --[^\n]* | /\*.*?\*/
    | (?P<text>'(?:[^']|'')*')
    | (?P<name>"(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\])
    | (?P<word>[\w$.]+)
    | (?P<sign><>|[<>=!]=|\|\||<<|>>|.)""",
    re.VERBOSE | re.DOTALL,
)
_SIMPLE = re.compile(r"[A-Za-z_]\w*")
_CONSTRAINTS = ("constraint", "primary", "unique", "check", "foreign")

_CLAUSES = {
    "as": (0, 2),
    "autoincrement": (0, 0),
    "collate": (0, 1),
    "conflict": (1, 1),
    "deferrable": (1, 0),
    "initially": (0, 1),
}
"""Clauses that pragmas do not tell: words that belong to them before and after."""

Tree = list["str | Tree"]
"""Words in lower case, and what stands in parentheses as a list of its own."""


@dataclass(slots=True)
class TableText:
    """
    What the text of a CREATE TABLE adds to the pragmas.

    Attributes:
        checks: expressions by name, by themselves if they have none.
        columns: further clauses of each column (collation, generated, conflict).
        clauses: further clauses of table constraints.
        options: what follows the last parenthesis.
    """

    checks: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    clauses: list[str] = field(default_factory=list)
    options: str = ""


def normalised(sql: str) -> str:
    """*sql* in lower case and single spaces, without needless quotes and comments."""
    return _join(_tree(sql))


def read_table(sql: str) -> TableText:
    """Read a CREATE TABLE statement as SQLite keeps it."""
    found = TableText()
    tree = _tree(sql)
    body = next((i for i, part in enumerate(tree) if isinstance(part, list)), None)
    if body is None:
        return found
    found.options = _join(tree[body + 1 :])
    for item in _split(tree[body]):
        _read_item(item, found)
    return found


def _tree(sql: str) -> Tree:
    """*sql* as nested lists; what is not closed ends with the text."""
    stack: list[Tree] = [[]]
    for match in _TOKEN.finditer(sql):
        token = match.group()
        if match.lastgroup is None:
            continue
        if token == "(":  # noqa: S105  # no secret
            stack.append([])
        elif token == ")" and len(stack) > 1:  # noqa: S105  # no secret
            inner = stack.pop()
            stack[-1].append(inner)
        else:
            stack[-1].append(_canonical(token, match.lastgroup))
    while len(stack) > 1:
        inner = stack.pop()
        stack[-1].append(inner)
    return stack[0]


def _canonical(token: str, kind: str) -> str:
    if kind == "text":
        return token
    if kind != "name":
        return token.lower()
    name = token[1:-1].replace(token[-1] * 2, token[-1])
    if _SIMPLE.fullmatch(name):
        return name.lower()
    return '"' + name.replace('"', '""') + '"'


def _join(tree: Tree | str) -> str:
    if isinstance(tree, str):
        return tree
    parts = [f"({_join(part)})" if isinstance(part, list) else part for part in tree]
    return " ".join(parts).replace(" ,", ",").rstrip(" ;")


def _split(tree: Tree | str) -> list[Tree]:
    """*tree* at its commas."""
    items: list[Tree] = [[]]
    for part in tree:
        if part == ",":
            items.append([])
        else:
            items[-1].append(part)
    return [item for item in items if item]


def _read_item(item: Tree, found: TableText) -> None:
    """One column or table constraint."""
    name = ""
    for part, following in pairwise(item):
        if part == "constraint":
            name = _join(following)
        elif part == "check" and isinstance(following, list):
            text = _join(following)
            found.checks[name or text] = text
    clauses = " ".join(_clauses(item))
    if clauses and item[0] in _CONSTRAINTS:
        found.clauses.append(_join(item))
    elif clauses:
        found.columns[_join(item[0]).strip('"')] = clauses


def _clauses(item: Tree) -> Iterator[str]:
    """Clauses that no pragma tells."""
    for i, part in enumerate(item):
        if isinstance(part, str) and part in _CLAUSES:
            before, after = _CLAUSES[part]
            yield _join(item[max(0, i - before) : i + after + 1])
