"""EAPOL rows: columns equal the reference; which frames carry EAPOL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import reference_eapol, reference_mac
from tests.support.bodies import EAPOL_BODIES, RSNE, SNAP, data, eapol, frames, key
from tests.support.columns import eapol_row, header_columns, rows_of

from sentinel_netlab.core import kinds
from sentinel_netlab.core.eapol import KEY, LOGOFF, START
from sentinel_netlab.core.frames import BAD_EAPOL, BAD_LINK
from sentinel_netlab.decode import eapol as decoder

KINDS = [kinds.DATA, kinds.QOS_DATA, kinds.QOS_DATA, kinds.NULL_DATA, kinds.BEACON]
BLOCKS = st.lists(
    st.tuples(frames(EAPOL_BODIES, KINDS), st.booleans()), min_size=1, max_size=8
)


@given(BLOCKS)
def test_columns_equal_the_reference(block: list[tuple[bytes, bool]]) -> None:
    """Every column of every EAPOL row is what the slow decoder says."""
    gather, columns = header_columns(
        [frame for frame, _ in block], snapped=[cut for _, cut in block]
    )

    got = rows_of(decoder.rows(gather, columns))

    wanted = []
    for row, (frame, cut) in enumerate(block):
        header = reference_mac.decode(frame)
        at = header.header_bytes - (6 if header.flags & 0x80 else 2)
        body = frame[header.header_bytes :]
        control = frame[at] if header.header_bytes else 0
        expected = reference_eapol.eapol(header, body, control, snapped=cut)
        if expected is not None:
            wanted.append({"row": row} | expected)
            assert bool(columns["malformed"][row] & BAD_EAPOL) == expected["overrun"]
    assert got == wanted


def count(frame: bytes) -> int:
    """Number of EAPOL packets in a block of one frame."""
    return len(decoder.rows(*header_columns([frame])))


@pytest.mark.parametrize("packet_type", [START, LOGOFF, 4, 9])
def test_packet_type(packet_type: int) -> None:
    """Start, Logoff and types that nobody defined are kept as they came."""
    assert eapol_row(eapol(packet_type))["packet_type"] == packet_type


def test_bridge_tunnel_encapsulation() -> None:
    """Some stations put 00-00-F8 into the SNAP header (IEEE Std 802.1H)."""
    body = bytes.fromhex("aaaa030000f8888e") + eapol(START)[8:]

    assert eapol_row(body)["packet_type"] == START


@pytest.mark.parametrize("snap", ["aaaa0300000088c7", "aaaa030000000800"])
def test_other_ether_types_are_no_eapol(snap: str) -> None:
    """Pre-authentication and IP are not looked into."""
    assert count(data(bytes.fromhex(snap) + eapol(START)[8:])) == 0


def test_protected_frame_is_not_read() -> None:
    """Cipher text that looks like EAPOL is cipher text."""
    assert count(data(eapol(START), flags=0x42)) == 0


def test_later_fragment_is_not_read() -> None:
    """Only the first fragment of an MSDU begins with LLC."""
    frame = bytearray(data(eapol(START)))
    frame[22] = 1

    assert count(bytes(frame)) == 0


def test_a_msdu_is_not_read() -> None:
    """The first bytes of an A-MSDU are an address, whatever they look like."""
    frame = bytearray(data(eapol(START), kind=kinds.QOS_DATA))
    frame[24] = 0x80

    assert count(bytes(frame)) == 0


def test_a_msdu_with_four_addresses_is_not_read() -> None:
    """QoS Control stands behind the fourth address then."""
    frame = bytearray(data(eapol(START), kind=kinds.QOS_DATA, flags=3))
    frame[24:24] = bytes(6)
    before = count(bytes(frame))

    frame[30] = 0x80

    assert (before, count(bytes(frame))) == (1, 0)


@pytest.mark.parametrize("kind", [kinds.NULL_DATA, kinds.BEACON, kinds.ACTION])
def test_other_kinds_are_not_read(kind: int) -> None:
    """EAPOL travels in data frames with a body."""
    assert count(data(eapol(START), kind=kind)) == 0


def test_unusable_link_layer_is_not_read() -> None:
    """A row without a usable pseudo-header has no body."""
    gather, columns = header_columns([data(eapol(START))])
    columns["malformed"][:] = BAD_LINK

    assert len(decoder.rows(gather, columns)) == 0


def test_body_without_a_whole_header_is_no_packet() -> None:
    """LLC/SNAP and three bytes are too few for version, type and length."""
    assert count(data(SNAP + b"\x02\x01\x00")) == 0


def test_packet_longer_than_its_frame_is_an_overrun() -> None:
    """The announced length needs bytes that are not there."""
    got = eapol_row(SNAP + b"\x02\x01\x00\x01")

    assert (got["overrun"], got["malformed"]) == (True, BAD_EAPOL)


def test_frame_that_the_capture_cut_is_no_overrun() -> None:
    """A short snapshot length is no fault of the packet."""
    got = eapol_row(key(0x8A, RSNE)[:60], snapped=True)

    assert (got["packet_type"], got["overrun"], got["malformed"]) == (KEY, False, 0)


def test_first_fragment_is_no_overrun() -> None:
    """With More Fragments the rest of the packet comes in the next frame."""
    got = eapol_row(key(0x8A, RSNE)[:100], flags=6)

    assert (got["overrun"], got["key_info"]) == (False, 0x8A)


def test_padding_behind_the_packet_is_normal() -> None:
    """Bytes that the packet does not claim belong to the link layer."""
    assert eapol_row(eapol(START) + bytes(30))["malformed"] == 0


def test_rows_point_into_the_block() -> None:
    """A block of several frames has rows only for those with EAPOL."""
    block = [data(bytes(20)), data(eapol(START)), data(b""), data(eapol(LOGOFF))]

    assert decoder.rows(*header_columns(block)).row.tolist() == [1, 3]
