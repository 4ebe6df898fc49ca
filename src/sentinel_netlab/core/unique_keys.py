"""
Refuse JSON objects that say a name twice: readers differ in which they believe.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn


class DuplicateKeyError(ValueError):
    """An object says a name twice, or the text is no JSON."""


def check_unique_keys(data: bytes, rewritten: bytes) -> None:
    """
    Refuse *data* in which an object says a name twice.

    Where nothing was lost between *data* and *rewritten*, what was read from it and
    written again, nothing can be twice: reading keeps one of two, so that a colon
    is missing.  Only where colons are missing, or may be written as an escape, are
    the names compared, at four times the cost of reading.

    Raises:
        DuplicateKeyError: a name is there twice, or *data* are no JSON.
    """
    if b"\\" not in data and data.count(b":") == rewritten.count(b":"):
        return
    try:
        json.loads(data, object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise DuplicateKeyError("a name is given twice") from None


def _object(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise DuplicateKeyError("a name is given twice")


def _constant(word: str) -> NoReturn:
    raise DuplicateKeyError(f"{word} is no number")
