"""
RSN, RSNXE, WPA and RSNE Override (IEEE Std 802.11-2020, 9.4.2.24, 9.4.2.241; WPA 3.1,
2.1; WPA3 3.4, 9).
"""

from __future__ import annotations

from sentinel_netlab.core.elements import COUNT, LENGTH
from sentinel_netlab.core.rsn import Rsn
from sentinel_netlab.decode.elements.draft import Draft

ID = 48
EXTENSION_ID = 244
WPA_SUITE = 0x0050F201
OVERRIDE_SUITE = 0x506F9A29
OVERRIDE_2_SUITE = 0x506F9A2A
HEAD_BYTES = 4  # OUI and type of a vendor specific element
SUITE_BYTES = 4
PMKID_BYTES = 16


def parse(body: bytes, draft: Draft) -> None:
    """An RSN element; it may end behind any of its fields."""
    rsn = _read(body, draft, ID, len(body))
    if rsn is not None:
        draft.put("rsn", rsn)


def parse_wpa(body: bytes, draft: Draft) -> None:
    """A WPA element behind OUI and type; it ends with the capabilities."""
    wpa = _read(body, draft, WPA_SUITE, len(body) + HEAD_BYTES)
    if wpa is not None:
        draft.put("wpa", wpa)


def parse_override(body: bytes, draft: Draft) -> None:
    """An RSNE Override element, built like an RSN element behind OUI and type."""
    rsn = _read(body, draft, OVERRIDE_SUITE, len(body) + HEAD_BYTES)
    if rsn is not None:
        draft.extend("rsn_overrides", (rsn,))


def parse_override_2(body: bytes, draft: Draft) -> None:
    """As `parse_override`."""
    rsn = _read(body, draft, OVERRIDE_2_SUITE, len(body) + HEAD_BYTES)
    if rsn is not None:
        draft.extend("rsn_overrides", (rsn,))


def parse_extension(body: bytes, draft: Draft) -> None:
    """RSN Extension: capability bits as they came."""
    if not body:
        draft.fault(LENGTH, EXTENSION_ID, 0)
        return
    draft.put("rsnxe", body)


class _Reader:
    """Reads an element front to back; `short` once it has ended inside a field."""

    __slots__ = ("at", "body", "short")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.at = 0
        self.short = False

    def field(self, size: int) -> bytes | None:
        """The next *size* bytes; None at the end of the element."""
        part = self.body[self.at : self.at + size]
        self.at += len(part)
        if len(part) == size:
            return part
        self.short |= bool(part)
        return None

    def number(self) -> int | None:
        """A little-endian number of two bytes."""
        part = self.field(2)
        return None if part is None else int.from_bytes(part, "little")

    def suite(self) -> int | None:
        """A suite selector."""
        part = self.field(SUITE_BYTES)
        return None if part is None else int.from_bytes(part, "big")

    def items(self, size: int) -> list[bytes]:
        """A count of two bytes and so many items of *size*, or those that fit."""
        count = self.number() or 0
        fitting = min(count, (len(self.body) - self.at) // size)
        start, self.at = self.at, self.at + fitting * size
        if fitting < count:
            self.short = True
            self.at = len(self.body)
        return [
            self.body[at : at + size]
            for at in range(start, start + fitting * size, size)
        ]

    def suites(self) -> tuple[int, ...]:
        """A count and so many suite selectors."""
        return tuple([int.from_bytes(one, "big") for one in self.items(SUITE_BYTES)])


def _read(body: bytes, draft: Draft, element_id: int, length: int) -> Rsn | None:
    reader = _Reader(body)
    version = reader.number()
    if version is None:
        draft.fault(LENGTH, element_id, length)
        return None
    group = reader.suite()
    pairwise, akms = reader.suites(), reader.suites()
    capabilities = reader.number()
    # Behind its capabilities a WPA element has nothing that counts.
    more = element_id != WPA_SUITE
    pmkids = tuple(reader.items(PMKID_BYTES)) if more else ()
    group_management = reader.suite() if more else None
    if reader.short:
        draft.fault(COUNT, element_id, length)
    return Rsn(version, group, pairwise, akms, capabilities, pmkids, group_management)
