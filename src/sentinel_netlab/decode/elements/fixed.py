"""Elements of which only the length is checked."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH
from sentinel_netlab.decode.elements.draft import Draft, Parser

BODY_BYTES = {
    6: 2,  # IBSS Parameter Set, IEEE Std 802.11-2020, 9.4.2.6
    11: 5,  # BSS Load, 9.4.2.27
    32: 1,  # Power Constraint, 9.4.2.13
    33: 2,  # Power Capability, 9.4.2.14
    35: 2,  # TPC Report, 9.4.2.16
    42: 1,  # ERP, 9.4.2.11
}
"""Length of the body by id."""


def checker(element_id: int) -> Parser:
    """A parser that only checks the length of *element_id*."""
    expected = BODY_BYTES[element_id]

    def parse(body: bytes, draft: Draft) -> None:
        if len(body) != expected:
            draft.fault(LENGTH, element_id, len(body))

    return parse
