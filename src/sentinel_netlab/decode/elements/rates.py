"""Supported Rates, also extended (IEEE Std 802.11-2020, 9.4.2.3, 9.4.2.12)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH
from sentinel_netlab.decode.elements.draft import Draft

ID = 1
EXTENDED_ID = 50


def parse(body: bytes, draft: Draft) -> None:
    """
    Both elements go into one list of rates.

    More than the eight rates of the standard are no fault: real access points name up
    to twelve in the first element.
    """
    if not body:
        draft.fault(LENGTH, ID, 0)
    draft.extend("rates", body)


def parse_extended(body: bytes, draft: Draft) -> None:
    """As `parse`."""
    if not body:
        draft.fault(LENGTH, EXTENDED_ID, 0)
    draft.extend("rates", body)
