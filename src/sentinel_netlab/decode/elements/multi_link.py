"""Multi-Link (IEEE Std 802.11be-2024, 9.4.2.322)."""

from __future__ import annotations

from sentinel_netlab.core.elements import COUNT, EXTENSION, LENGTH, MultiLink
from sentinel_netlab.decode.elements.draft import Draft

ID = EXTENSION + 107
TYPE = 0x0007  # of the Multi-Link Control field
BASIC, PROBE_REQUEST, RECONFIGURATION, TDLS, PRIORITY_ACCESS = range(5)
ADDRESS_PRESENT = 0x0010  # of a Reconfiguration Multi-Link element, 9.4.2.322.4
PER_STA_PROFILE = 0
LINK_ID = 0x0F


def parse(body: bytes, draft: Draft) -> None:
    """Control, the MLD address where there is one, and the links of its profiles."""
    if len(body) < 3:
        draft.fault(LENGTH, ID, len(body) + 1)
        return
    control = int.from_bytes(body[:2], "little")
    common_bytes = body[2]
    if common_bytes < 1 or 2 + common_bytes > len(body):
        draft.fault(COUNT, ID, len(body) + 1)
        return
    address = None
    if _has_address(control) and common_bytes >= 7:
        address = int.from_bytes(body[3:9], "big")
    links = _links(body, 2 + common_bytes, draft)
    draft.put("multi_link", MultiLink(control, address, links))


def _has_address(control: int) -> bool:
    kind = control & TYPE
    if kind == RECONFIGURATION:
        return bool(control & ADDRESS_PRESENT)
    return kind in (BASIC, TDLS, PRIORITY_ACCESS)


def _links(body: bytes, at: int, draft: Draft) -> tuple[int, ...]:
    links = []
    while at < len(body):
        end = at + 2 + body[at + 1] if at + 2 <= len(body) else len(body) + 1
        if end > len(body):
            draft.fault(COUNT, ID, len(body) + 1)
            break
        if body[at] == PER_STA_PROFILE and end - at >= 4:
            links.append(body[at + 2] & LINK_ID)
        at = end
    return tuple(links)
