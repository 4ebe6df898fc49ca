"""MAC headers: columns equal the frame-by-frame reference; named cases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support import reference_mac
from tests.support.columns import header_columns, link_columns, row_of

from sentinel_netlab.core import kinds
from sentinel_netlab.core.addresses import NO_ADDRESS
from sentinel_netlab.core.frames import (
    BAD_LINK,
    BAD_VERSION,
    NO_SEQUENCE,
    NO_U8,
    RADIO_DATA_PAD,
    SHORT_HEADER,
)
from sentinel_netlab.decode import mac

A1, A2, A3, A4 = (bytes([2, 0, 0, 0, 0, n]) for n in (1, 2, 3, 4))
N1, N2, N3, N4 = (int.from_bytes(address) for address in (A1, A2, A3, A4))


def frame(kind: int, flags: int, rest: bytes) -> bytes:
    """Frame Control, a Duration of 44 µs, *rest*."""
    return bytes([(kind & 15) << 4 | (kind >> 4) << 2, flags]) + b"\x2c\0" + rest


def decoded(data: bytes) -> dict[str, Any]:
    """The columns of a block of one frame."""
    return row_of(header_columns([data])[1], 0)


def assert_equals_reference(
    columns: dict[str, Any], start: int, expected: reference_mac.Header
) -> None:
    wanted = asdict(expected)
    header_bytes = wanted.pop("header_bytes")
    got = {name: columns[name] for name in wanted}
    assert got == wanted
    if expected.body_length:
        assert columns["body_start"] == start + header_bytes


@st.composite
def some_frames(draw: st.DrawFn) -> bytes:
    """Mostly version 0 and long enough, all kinds and flags, wrapped ones often."""
    kind = draw(st.one_of(st.integers(0, 63), st.just(kinds.CONTROL_WRAPPER)))
    version = draw(st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 3]))
    rest = bytearray(draw(st.binary(min_size=0, max_size=48)))
    if kind == kinds.CONTROL_WRAPPER and len(rest) > 12:
        rest[8] = draw(st.integers(0, 15)) << 4 | draw(st.sampled_from([4, 4, 4, 8]))
    data = bytearray(frame(kind, draw(st.integers(0, 255)), bytes(rest)))
    data[0] |= version
    return bytes(data[: draw(st.integers(0, 60))])


@given(st.lists(some_frames(), min_size=1, max_size=8))
@example([b"", b"\x80"])
def test_columns_equal_the_reference(frames: list[bytes]) -> None:
    """Every header column of every row is what the slow decoder says."""
    _, columns = header_columns(frames)

    start = 0
    for row, data in enumerate(frames):
        assert_equals_reference(row_of(columns, row), start, reference_mac.decode(data))
        start += len(data)


@given(some_frames())
@example(frame(kinds.CONTROL_WRAPPER, 0, A1 + b"\xb4\0" + bytes(4) + A2 + bytes(4)))
@example(frame(kinds.ACK, 0, A1))
def test_padded_headers_equal_the_reference(data: bytes) -> None:
    """Where the radio padded the header to 4 bytes, the body begins behind that."""
    gather, columns = link_columns([data])
    columns["radio_flags"][:] = RADIO_DATA_PAD

    mac.fill(gather, columns)

    assert_equals_reference(
        row_of(columns, 0), 0, reference_mac.decode(data, padded=True)
    )


@pytest.mark.parametrize(
    ("flags", "roles"),
    [
        (0, (N1, N2, N1, N2, N3)),
        (1, (N1, N2, N3, N2, N1)),
        (2, (N1, N2, N1, N3, N2)),
        (3, (N1, N2, N3, N4, NO_ADDRESS)),
    ],
)
def test_address_roles_of_data_frames(flags: int, roles: tuple[int, ...]) -> None:
    """To DS and From DS say who is who (table 9-30)."""
    got = decoded(frame(kinds.DATA, flags, A1 + A2 + A3 + b"\0\0" + A4))

    assert tuple(got[role] for role in mac.ROLES) == roles


@pytest.mark.parametrize(
    ("kind", "rest", "roles"),
    [
        (kinds.ACK, A1, (N1, NO_ADDRESS, NO_ADDRESS)),
        (kinds.CTS, A1, (N1, NO_ADDRESS, NO_ADDRESS)),
        (kinds.RTS, A1 + A2, (N1, N2, NO_ADDRESS)),
        (kinds.BLOCK_ACK_REQ, A1 + A2 + bytes(4), (N1, N2, NO_ADDRESS)),
        (kinds.PS_POLL, A1 + A2, (N1, N2, N1)),
        (kinds.CF_END, A1 + A2, (N1, N2, N2)),
    ],
)
def test_address_roles_of_control_frames(
    kind: int, rest: bytes, roles: tuple[int, ...]
) -> None:
    """Control frames have one or two addresses; some name the BSS (9.3.1)."""
    got = decoded(frame(kind, 0, rest))

    assert (got["receiver"], got["transmitter"], got["bssid"]) == roles


def test_wrapped_frame_gives_its_addresses() -> None:
    """A wrapped PS-Poll has the transmitter behind HT Control and names the BSS."""
    rest = A1 + b"\xa4\0" + bytes(4) + A2

    got = decoded(frame(kinds.CONTROL_WRAPPER, 0, rest))

    assert (got["transmitter"], got["bssid"], got["body_length"]) == (N2, N1, 0)


def test_wrapped_frame_cut_in_its_address_is_short() -> None:
    """A wrapped RTS that ends inside its transmitter is a short header."""
    rest = A1 + b"\xb4\0" + bytes(4) + A2[:5]

    got = decoded(frame(kinds.CONTROL_WRAPPER, 0, rest))

    assert (got["malformed"], got["receiver"]) == (SHORT_HEADER, NO_ADDRESS)


def test_sequence_and_fragment() -> None:
    """Sequence Control holds 12 bits of sequence number over 4 of fragment number."""
    got = decoded(frame(kinds.BEACON, 0, A1 + A2 + A3 + b"\x35\x12"))

    assert (got["sequence"], got["fragment"]) == (0x123, 5)


def test_control_frames_have_no_sequence() -> None:
    """An ACK has no Sequence Control."""
    assert decoded(frame(kinds.ACK, 0, A1))["sequence"] == NO_SEQUENCE


def test_traffic_identifier_of_four_address_data() -> None:
    """QoS Control stands behind the fourth address."""
    rest = A1 + A2 + A3 + b"\0\0" + A4 + b"\x06\0"

    assert decoded(frame(kinds.QOS_DATA, 3, rest))["tid"] == 6


def test_traffic_identifier_is_missing_without_qos() -> None:
    """Plain data has no QoS Control."""
    assert decoded(frame(kinds.DATA, 0, A1 + A2 + A3 + bytes(2)))["tid"] == NO_U8


@pytest.mark.parametrize(
    ("kind", "header_bytes"), [(kinds.BEACON, 28), (kinds.QOS_DATA, 30)]
)
def test_order_bit_adds_ht_control(kind: int, header_bytes: int) -> None:
    """+HTC: 4 bytes more before the body (9.2.4.1.10)."""
    got = decoded(frame(kind, 0x80, A1 + A2 + A3 + bytes(40)))

    assert got["body_start"] == header_bytes


def test_foreign_version_has_no_addresses() -> None:
    """A protocol version other than 0 is named and nothing else is believed."""
    got = decoded(b"\x81\0\x2c\0" + A1 + A2 + A3 + bytes(2))

    assert (got["malformed"], got["version"], got["receiver"]) == (
        BAD_VERSION,
        1,
        NO_ADDRESS,
    )


def test_empty_frame_is_a_short_header() -> None:
    """A packet without a byte of 802.11 has no kind."""
    got = decoded(b"")

    assert (got["malformed"], got["kind"]) == (SHORT_HEADER, NO_U8)


def test_rows_of_a_bad_link_layer_stay_untouched() -> None:
    """Nothing of a frame is known where the pseudo-header was unusable."""
    gather, columns = link_columns([frame(kinds.ACK, 0, A1)])
    columns["malformed"][:] = BAD_LINK

    mac.fill(gather, columns)

    got = row_of(columns, 0)
    assert (got["malformed"], got["kind"], got["receiver"]) == (
        BAD_LINK,
        NO_U8,
        NO_ADDRESS,
    )
