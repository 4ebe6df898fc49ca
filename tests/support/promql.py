"""
What a PromQL expression names: metrics, labels and their values.

No parser: every word that is not known to be something else is taken for a metric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FUNCTIONS = frozenset(
    {"absent", "changes", "histogram_quantile", "increase", "max", "rate", "sum"}
    | {"vector"}
)
KEYWORDS = frozenset({"and", "or", "unless", "bool"})
_STRING = r'"(?:[^"\\]|\\.)*"'
_SELECTOR = re.compile(rf"([A-Za-z_:][\w:]*)\s*\{{((?:[^{{}}\"]|{_STRING})*)\}}")
_MATCHER = re.compile(rf"\s*(\w+)\s*(=~|!~|!=|=)\s*({_STRING})\s*,?")
_CLAUSE = re.compile(
    r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([\w\s,]*)\)"
)
_TIME = re.compile(r"\[[^\]]*\]|\boffset\s+\w+")
_WORD = re.compile(r"(?<![\w.])([A-Za-z_:][\w:]*)")


@dataclass(frozen=True, slots=True)
class Matcher:
    """One of the conditions in braces."""

    label: str
    operator: str
    value: str

    @property
    def values(self) -> list[str]:
        """The alternatives of a pattern, or the one value."""
        return self.value.split("|") if "~" in self.operator else [self.value]


@dataclass(frozen=True, slots=True)
class Expression:
    """
    What an expression names.

    Attributes:
        selectors: each metric where it stands, with its matchers.
        clauses: labels of `by`, `on` and their like.
        unread: what could not be understood; nothing, if all is well.
    """

    selectors: list[tuple[str, list[Matcher]]]
    clauses: set[str]
    unread: list[str]


def read(expression: str) -> Expression:
    """What *expression* names."""
    selectors: list[tuple[str, list[Matcher]]] = []
    clauses: set[str] = set()
    unread: list[str] = []

    def take_selector(found: re.Match[str]) -> str:
        name, inside = found.groups()
        matchers = [
            Matcher(one[1], one[2], one[3][1:-1]) for one in _MATCHER.finditer(inside)
        ]
        selectors.append((name, matchers))
        unread.extend(filter(None, [_MATCHER.sub("", inside).strip()]))
        return " 0 "

    def take_clause(found: re.Match[str]) -> str:
        clauses.update(word.strip() for word in found[2].split(",") if word.strip())
        return " "

    rest = _SELECTOR.sub(take_selector, expression)
    rest = _CLAUSE.sub(take_clause, _TIME.sub(" ", rest))
    for found in _WORD.finditer(rest):
        called = rest[found.end() :].lstrip().startswith("(")
        if found[1] in KEYWORDS or (called and found[1] in FUNCTIONS):
            continue
        # `max by (job) (ready)` lost its clause above: still a call.
        selectors.append((found[1], []))
    unread.extend(re.findall(r"[^\w\s().<>=!+*/,:-]", rest))
    return Expression(selectors, clauses, unread)
