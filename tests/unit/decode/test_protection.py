"""IVs of protected frames: columns equal the reference; named cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import reference_eapol, reference_mac
from tests.support.bodies import PROTECTED_BODIES, data, frames
from tests.support.columns import header_columns, row_of

from sentinel_netlab.core import kinds
from sentinel_netlab.core.frames import (
    IV_CCMP,
    IV_NONE,
    IV_TKIP,
    IV_WEP,
    NO_U8,
    NO_U64,
    SHORT_BODY,
)
from sentinel_netlab.decode import protection

COLUMNS = ("iv", "key_id", "packet_number")
FROM_AP = 0x42
KINDS = [kinds.DATA, kinds.QOS_DATA, 0x24, 0x2F, kinds.DEAUTH, kinds.AUTH, kinds.BEACON]
NOTHING = (IV_NONE, NO_U8, NO_U64)


def decoded(
    body: str, *, kind: int = kinds.DATA, flags: int = FROM_AP, snapped: bool = False
) -> dict[str, Any]:
    """Columns of one frame with this body, in hexadecimal digits."""
    frame = data(bytes.fromhex(body), kind=kind, flags=flags)
    gather, columns = header_columns([frame], snapped=snapped)
    protection.fill(gather, columns)
    return row_of(columns, 0)


def iv(body: str, **frame: Any) -> tuple[int, int, int]:
    """Shape of the IV, key id and packet number."""
    got = decoded(body, **frame)
    return got["iv"], got["key_id"], got["packet_number"]


@given(
    st.lists(
        st.tuples(frames(PROTECTED_BODIES, KINDS), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_columns_equal_the_reference(block: list[tuple[bytes, bool]]) -> None:
    """IV columns and SHORT_BODY are what the slow decoder says."""
    gather, columns = header_columns(
        [frame for frame, _ in block], snapped=[cut for _, cut in block]
    )
    protection.fill(gather, columns)

    for row, (frame, cut) in enumerate(block):
        header = reference_mac.decode(frame)
        wanted, short = reference_eapol.protection(header, frame[header.header_bytes :])
        got = row_of(columns, row)
        assert {name: got[name] for name in COLUMNS} == wanted
        assert bool(got["malformed"] & SHORT_BODY) == (short and not cut)


def test_wep() -> None:
    """Three bytes of IV, first byte highest, then the key id in the highest bits."""
    assert iv("01020380 deadbeef") == (IV_WEP, 2, 0x010203)


def test_ccmp() -> None:
    """PN0, PN1, a reserved zero, the key id, PN2 to PN5."""
    assert iv("0102006003040506") == (IV_CCMP, 1, 0x060504030201)


def test_tkip() -> None:
    """TSC1, WEPSeed[1], TSC0, the key id, TSC2 to TSC5."""
    assert iv("0222012003040506") == (IV_TKIP, 0, 0x060504030201)


def test_tkip_seed_has_its_high_bit_clear() -> None:
    """WEPSeed[1] is (TSC1 | 0x20) & 0x7F (12.5.2.2)."""
    assert iv("8121012000000000") == (IV_TKIP, 0, 0x8101)


def test_what_fits_both_rules_is_ccmp() -> None:
    """A TSC0 of zero is taken for the reserved byte of CCMP."""
    assert iv("0222002000000000")[0] == IV_CCMP


def test_what_fits_no_rule_is_missing() -> None:
    """A reserved byte that is not zero, and no WEPSeed: no cipher that we know."""
    assert iv("0202012000000000") == NOTHING


@pytest.mark.parametrize("body", ["010203", "01020020030405"])
def test_frame_that_ends_in_its_iv_is_short(body: str) -> None:
    """Nothing is read from an IV that is not all there; the frame is marked."""
    got = decoded(body)

    assert (got["iv"], got["key_id"], got["malformed"]) == (IV_NONE, NO_U8, SHORT_BODY)


def test_frame_that_the_capture_cut_is_not_malformed() -> None:
    """A short snapshot length is no fault of the frame."""
    assert decoded("010203", snapped=True)["malformed"] == 0


def test_shared_key_authentication() -> None:
    """The third message of shared key authentication is WEP encrypted."""
    assert iv("01020300", kind=kinds.AUTH, flags=0x40) == (IV_WEP, 0, 0x010203)


@pytest.mark.parametrize("kind", [kinds.NULL_DATA, kinds.QOS_NULL, kinds.BEACON])
def test_kinds_that_cannot_be_protected(kind: int) -> None:
    """Null data has no body, a beacon is no robust management frame."""
    assert iv("0102006003040506", kind=kind) == NOTHING


def test_plain_data_has_no_iv() -> None:
    """Without the Protected bit the body is not read."""
    assert iv("0102006003040506", flags=2) == NOTHING


def test_block_without_protected_frames_is_left_alone() -> None:
    """No column changes."""
    gather, columns = header_columns([data(bytes(8))])
    before = {name: values.copy() for name, values in columns.items()}

    protection.fill(gather, columns)

    assert all(np.array_equal(columns[name], before[name]) for name in columns)
