"""
The chain of the audit log: each row's hash covers the row and the hash before it.

``hash = SHA-256(previous hash, 32 bytes || canonical row)``; before the first row stand
32 zero bytes.  The canonical row is JSON in ASCII: names sorted, no white space, the
time in UTC with six digits.  Nothing here reads or writes; `store.audit` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

GENESIS = "0" * 64
"""The hash before the first row."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A row of the audit log as its hash covers it.

    Attributes:
        id: the row's number in the table.
        position: in the chain, from 1.
        event_type: the noun: token, user, alert, sensor …
        actor: who, as people know them.
        action: the verb.
        resource: what it was done to.
        details: JSON without floats.
    """

    id: int
    position: int
    timestamp: datetime
    event_type: str
    actor: str | None
    action: str | None
    resource: str | None
    details: Mapping[str, Any] | None
    ip_address: str | None

    def canonical(self) -> bytes:
        """The bytes that are hashed."""
        stamp = self.timestamp.astimezone(UTC).isoformat(timespec="microseconds")
        row = {
            "id": self.id,
            "position": self.position,
            "timestamp": stamp,
            "event_type": self.event_type,
            "actor": self.actor,
            "action": self.action,
            "resource": self.resource,
            "details": self.details,
            "ip_address": self.ip_address,
        }
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        return text.encode()

    def hash(self, previous: str) -> str:
        """The hash of this row behind one whose hash is *previous*."""
        return hashlib.sha256(bytes.fromhex(previous) + self.canonical()).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """A row of the chain with what the table says of its hashes."""

    entry: Entry
    previous_hash: str | None
    hash: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: how many rows it has, and the hash of the last."""

    position: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """
        The head that *text* writes: ``<position>:<hash>``.

        Raises:
            ValueError: it writes none.
        """
        position, colon, digest = text.strip().partition(":")
        plain = position.isascii() and position.isdecimal() and len(position) < 19
        hexadecimal = len(digest) == 64 and set(digest) <= set("0123456789abcdef")
        if not (colon and plain and hexadecimal):
            raise ValueError("a head is <position>:<64 hexadecimal digits>")
        return cls(int(position), digest)


@dataclass(frozen=True, slots=True)
class Fault:
    """
    The first row that is not what was written.

    Attributes:
        position: in the chain; None for a row that stands outside of it.
        row_id: its number in the table, None if it is not there.
    """

    why: str
    position: int | None = None
    row_id: int | None = None


class Walk:
    """A walk along the chain, row by row, that ends at the first fault."""

    def __init__(self) -> None:
        self.head = Head()

    def step(self, link: Link) -> Fault | None:
        """Take the next row, or say what is wrong with it."""
        entry, expected = link.entry, self.head.position + 1
        if entry.position > expected:
            return Fault("the row is missing", expected)
        if entry.position < expected:
            return Fault("the position occurs twice", entry.position, entry.id)
        if link.previous_hash != self.head.hash:
            return Fault("the hash before it is another", expected, entry.id)
        if link.hash != entry.hash(self.head.hash):
            return Fault("the row was changed", expected, entry.id)
        self.head = Head(expected, link.hash)
        return None

    def end(self, kept: Head | None) -> Fault | None:
        """Compare the end of the walk with the head that was *kept* apart."""
        last = self.head
        if kept is None:
            return Fault("the kept head is missing") if last.position else None
        if kept.position > last.position:
            return Fault("the row is missing", last.position + 1)
        if kept != last:
            return Fault("the kept head is another", last.position)
        return None


def plain_details(details: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """
    *details* as both databases give them back: floats as text, no NUL in any text.

    Raises:
        TypeError: there is something in it that JSON does not know.
    """
    if details is None:
        return None
    plain: dict[str, Any] = _plain(msgspec.to_builtins(dict(details), str_keys=True))
    return plain


def plain_text(text: str | None, size: int) -> str | None:
    """*text* in at most *size* characters that both databases take."""
    if text is None:
        return None
    whole = text.encode("utf-8", "backslashreplace").decode()
    return whole.replace("\0", "\\x00")[:size]


def _plain(value: Any) -> Any:
    # jsonb refuses NUL, and gives 1e2 back as 100: no float has one canonical form.
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return plain_text(value, len(value) * 10)
    if isinstance(value, dict):
        return {_plain(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
