"""
Walk over an element string: every element once, in order.
"""

from __future__ import annotations

from sentinel_netlab.core.elements import (
    EXTENDED_ID,
    EXTENSION,
    OVERRUN,
    TRAILING,
    Elements,
)
from sentinel_netlab.decode.elements import (
    channel_switch,
    country,
    ds,
    eht,
    extended_capabilities,
    fixed,
    he,
    ht,
    mesh_id,
    mme,
    mobility_domain,
    multi_link,
    quiet,
    rates,
    rnr,
    rsn,
    ssid,
    tim,
    vendor,
    vht,
)
from sentinel_netlab.decode.elements.draft import Draft, Parser
from sentinel_netlab.decode.elements.fingerprint import (
    Part,
    fingerprint_of,
    identity_of,
)

FRAGMENT = 242
"""Id of an element that continues a full one (IEEE Std 802.11-2020, 9.4.2.188)."""

FULL = 255
"""Length of the body of an element that another may continue."""

TRAILING_BYTES = (1, 4)
"""So many bytes behind the last element are a rest (`TRAILING`), not an element."""

WHOLE, CUT, WITH_REST, OVERRUNNING = b"", b"\xfd", b"\xfe", b"\xff"
"""
Marks at the end of `Elements.identity`: how the string ended.  One byte is no element,
so a mark is never taken for one.
"""

PARSERS: dict[int, Parser] = {
    ssid.ID: ssid.parse,
    rates.ID: rates.parse,
    rates.EXTENDED_ID: rates.parse_extended,
    ds.ID: ds.parse,
    tim.ID: tim.parse,
    country.ID: country.parse,
    channel_switch.ID: channel_switch.parse,
    channel_switch.EXTENDED_ID: channel_switch.parse_extended,
    quiet.ID: quiet.parse,
    ht.CAPABILITIES_ID: ht.parse_capabilities,
    ht.OPERATION_ID: ht.parse_operation,
    rsn.ID: rsn.parse,
    rsn.EXTENSION_ID: rsn.parse_extension,
    mobility_domain.ID: mobility_domain.parse,
    mme.ID: mme.parse,
    mesh_id.ID: mesh_id.parse,
    extended_capabilities.ID: extended_capabilities.parse,
    vht.CAPABILITIES_ID: vht.parse_capabilities,
    vht.OPERATION_ID: vht.parse_operation,
    rnr.ID: rnr.parse,
    vendor.ID: vendor.parse,
    he.CAPABILITIES_ID: he.parse_capabilities,
    he.OPERATION_ID: he.parse_operation,
    eht.CAPABILITIES_ID: eht.parse_capabilities,
    eht.OPERATION_ID: eht.parse_operation,
    multi_link.ID: multi_link.parse,
    **{number: fixed.checker(number) for number in fixed.BODY_BYTES},
}
"""Parser of each id that we know; others are only listed."""


def parse_elements(raw: bytes, *, truncated: bool = False) -> Elements:
    """
    Parse an element string; never raises.

    Args:
        truncated: the capture cut the frame, so a last element that runs past the end
            is no fault; `Elements.complete` is False.
    """
    draft = Draft()
    parts, at = _read_all(raw, draft)
    vendor.finish(draft)
    faulty = {fault.element_id for fault in draft.faults}
    mark = _rest(raw, at, draft, truncated=truncated)
    return Elements(
        raw=raw,
        ids=tuple([number for number, _, _ in parts]),
        complete=mark in (WHOLE, WITH_REST),
        identity=identity_of(raw, parts, faulty) + mark,
        fingerprint=fingerprint_of(raw, parts),
        **draft.finished(),
    )


def _read_all(raw: bytes, draft: Draft) -> tuple[list[Part], int]:
    """Every whole element, and where the first byte lies that belongs to none."""
    parts: list[Part] = []
    at, size = 0, len(raw)
    while at + 2 <= size:
        number, length = raw[at], raw[at + 1]
        end = at + 2 + length
        if end > size:
            break
        body = raw[at + 2 : end]
        if number == EXTENDED_ID and body:
            number, body = EXTENSION + body[0], body[1:]
        parts.append((number, at, end))
        parser = PARSERS.get(number)
        if parser is not None:
            if length == FULL and end < size and raw[end] == FRAGMENT:
                body += _fragments(raw, end)
            parser(body, draft)
        at = end
    return parts, at


def _fragments(raw: bytes, at: int) -> bytes:
    """Bodies of the Fragment elements that continue a full element (10.28.12)."""
    bodies = []
    while at + 2 <= len(raw) and raw[at] == FRAGMENT:
        end = at + 2 + raw[at + 1]
        if end > len(raw):
            break
        bodies.append(raw[at + 2 : end])
        if raw[at + 1] < FULL:
            break
        at = end
    return b"".join(bodies)


def _rest(raw: bytes, at: int, draft: Draft, *, truncated: bool) -> bytes:
    """Judge the bytes from *at* on, which are no element; give the mark for them."""
    if truncated:
        return CUT
    rest = len(raw) - at
    if not rest:
        return WHOLE
    length = raw[at + 1] if rest > 1 else 0
    kind = TRAILING if rest in TRAILING_BYTES else OVERRUN
    draft.fault(kind, raw[at], length)
    return WITH_REST if kind == TRAILING else OVERRUNNING
