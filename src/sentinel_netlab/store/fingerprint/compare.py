"""
Differences of two fingerprints, told in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sentinel_netlab.store.fingerprint.record import Fingerprint, Objects

HARMLESS = ("column ", "index ", "sequence ")
"""Objects that may be added to a table of ours; others change what it accepts."""


@dataclass(frozen=True, slots=True)
class Differences:
    """
    What differs from the golden fingerprint, one sentence each.

    Attributes:
        ours_missing_or_changed: the code cannot rely on the schema.
        not_ours: added by others, and in nobody's way.
    """

    ours_missing_or_changed: list[str] = field(default_factory=list)
    not_ours: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ours_missing_or_changed or self.not_ours)


def compare(actual: Fingerprint, golden: Fingerprint) -> Differences:
    """Tell *actual* from *golden*."""
    found = Differences()
    hashes, expected = actual.hashes(), golden.hashes()
    for name in sorted(golden.tables):
        if name not in actual.tables:
            found.ours_missing_or_changed.append(f"{_noun(name)} is missing")
        elif hashes[name] != expected[name]:
            _compare_objects(name, actual.tables[name], golden.tables[name], found)
    for name in sorted(actual.tables.keys() - golden.tables.keys()):
        kind = actual.tables[name].get("kind", "object")
        found.not_ours.append(f"{kind} {name.removeprefix('type ')} is not ours")
    found.not_ours.extend(_foreign_owners(actual, golden))
    return found


def _noun(name: str) -> str:
    return name if name.startswith("type ") else f"table {name}"


def _compare_objects(
    table: str, actual: Objects, golden: Objects, found: Differences
) -> None:
    for name in sorted(golden):
        wanted, there = golden[name], actual.get(name)
        if there is None:
            text = f"{table}: {name} is missing (should be: {wanted})"
        elif there != wanted:
            text = f"{table}: {name} is: {there} (should be: {wanted})"
        else:
            continue
        found.ours_missing_or_changed.append(text)
    for name in sorted(actual.keys() - golden.keys()):
        text = f"{table}: {name} is not ours ({actual[name]})"
        if name.startswith(HARMLESS):
            found.not_ours.append(text)
        else:
            found.ours_missing_or_changed.append(text)


def _foreign_owners(actual: Fingerprint, golden: Fingerprint) -> list[str]:
    """Tables of ours that belong to somebody else than the migrations' table."""
    if actual.version_owner is None:
        return []
    return [
        f"{_noun(name)} is owned by {owner}, not by {actual.version_owner}"
        for name, owner in sorted(actual.owners.items())
        if name in golden.tables and owner != actual.version_owner
    ]


def missing_index_sql(
    actual: Fingerprint, golden: Fingerprint, *, concurrently: bool
) -> list[str]:
    """
    Statements that bring back indexes of ours that are missing, other or INVALID.

    Only for tables that exist.  Constraints are not indexes here.
    """
    statements: list[str] = []
    how = " CONCURRENTLY" if concurrently else ""
    for table in sorted(golden.tables.keys() & actual.tables.keys()):
        there = actual.tables[table]
        for name, wanted in sorted(golden.tables[table].items()):
            if not name.startswith("index ") or there.get(name) == wanted:
                continue
            if name in there:
                statements.append(f"DROP INDEX{how} {name.removeprefix('index ')};")
            head, rest = re.split(r" index ", wanted, maxsplit=1, flags=re.IGNORECASE)
            statements.append(f"{head.upper()} INDEX{how} {rest};")
    return statements
