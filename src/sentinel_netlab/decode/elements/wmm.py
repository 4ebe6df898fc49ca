"""WMM information and parameter elements (WMM 1.2, 2.2.1, 2.2.2)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, Wmm
from sentinel_netlab.decode.elements.draft import Draft

SUITE = 0x0050F202
HEAD_BYTES = 4  # OUI and type
INFORMATION, PARAMETER = 0, 1
MOST_BYTES = 24
"""Body of a parameter element, OUI included: the longest that there is."""


def parse(body: bytes, draft: Draft) -> None:
    """Subtype and QoS info, behind OUI and type; a TSPEC is left alone."""
    length = len(body) + HEAD_BYTES
    if not body:
        draft.fault(LENGTH, SUITE, length)
        return
    if body[0] not in (INFORMATION, PARAMETER):
        return
    if length > MOST_BYTES or len(body) < 3:
        # Longer ones overflow a buffer of Broadcom chips: CVE-2017-9417.
        draft.fault(LENGTH, SUITE, length)
    qos_info = body[2] if len(body) > 2 else None
    draft.put("wmm", Wmm(body[0], length, qos_info))
