"""Vendor specific elements, and those among them that we know (9.4.2.25)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, Vendor
from sentinel_netlab.decode.elements import owe, p2p, rsn, wmm, wps
from sentinel_netlab.decode.elements.draft import Draft, Parser

ID = 221

PARSERS: dict[int, Parser] = {
    rsn.WPA_SUITE: rsn.parse_wpa,
    rsn.OVERRIDE_SUITE: rsn.parse_override,
    rsn.OVERRIDE_2_SUITE: rsn.parse_override_2,
    wmm.SUITE: wmm.parse,
    owe.SUITE: owe.parse,
}
"""By OUI << 8 | type: what reads the body behind OUI and type."""

JOINED: dict[int, Parser] = {wps.SUITE: wps.parse, p2p.SUITE: p2p.parse}
"""The same for what may be spread over several elements of a frame."""


def parse(body: bytes, draft: Draft) -> None:
    """Keep it, and read it if it is one of `PARSERS`."""
    if len(body) < 3:
        draft.fault(LENGTH, ID, len(body))
        return
    oui = int.from_bytes(body[:3], "big")
    kind = body[3] if len(body) > 3 else -1
    draft.extend("vendors", (Vendor(oui, kind, body),))
    parser = PARSERS.get(oui << 8 | kind) if kind >= 0 else None
    if parser is not None:
        parser(body[4:], draft)


def finish(draft: Draft) -> None:
    """Read what may be spread over several elements (`JOINED`)."""
    vendors: list[Vendor] = draft.lists.get("vendors", [])
    for suite, parser in JOINED.items():
        oui, kind = suite >> 8, suite & 0xFF
        parts = [v.body[4:] for v in vendors if v.type == kind and v.oui == oui]
        if parts:
            parser(b"".join(parts), draft)
