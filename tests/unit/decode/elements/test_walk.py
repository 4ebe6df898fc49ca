"""The walk over an element string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.elements import Elements, Fault
from sentinel_netlab.decode.elements import parse_elements
from sentinel_netlab.decode.elements.walk import PARSERS

RSN_BODY = bytes.fromhex("0100000fac040100000fac040100000fac020000")


def element(number, body=b""):
    """One element."""
    return bytes([number, len(body)]) + body


IDS = st.sampled_from([*(number for number in PARSERS if number < 256), 242, 255])
OUIS = st.sampled_from(
    [
        b"",
        b"\0\x50\xf2",
        b"\x50\x6f\x9a",
        *(bytes([n - 256]) for n in PARSERS if n > 255),
    ]
)
ELEMENTS = st.builds(
    lambda number, head, body: element(number, (head + body)[:255]),
    IDS,
    OUIS,
    st.binary(max_size=60),
)
VARIABLE = st.builds(
    element, st.sampled_from([5, 11, 37, 40, 76, 201]), st.binary(max_size=8)
)
HOSTILE = st.one_of(
    st.binary(max_size=300),
    st.lists(ELEMENTS, max_size=12).map(b"".join),
    st.builds(bytes.__add__, st.lists(ELEMENTS, max_size=6).map(b"".join), st.binary()),
)


@given(HOSTILE, st.booleans())
def test_no_bytes_raise_and_the_result_is_the_same_again(raw, truncated):
    """Whatever comes from the air becomes elements, the same ones each time."""
    first = parse_elements(raw, truncated=truncated)

    assert first == parse_elements(raw, truncated=truncated)
    assert first.raw == raw


@given(
    st.lists(ELEMENTS, max_size=4).map(b"".join),
    st.lists(VARIABLE, min_size=2, max_size=2),
    st.lists(st.binary(max_size=6), min_size=2, max_size=2),
)
def test_equal_identity_means_equal_faults(common, variable, rests):
    """What stands for a group of beacons must not hide what one of them has wrong."""
    one, other = (
        parse_elements(common + own + rest)
        for own, rest in zip(variable, rests, strict=True)
    )

    assert one.identity != other.identity or (
        one.complete == other.complete
        and [fault.kind for fault in one.faults]
        == [fault.kind for fault in other.faults]
    )


@given(HOSTILE)
def test_a_cut_string_is_never_complete(raw):
    """What the capture cut off may have held anything."""
    assert not parse_elements(raw, truncated=True).complete


def test_no_bytes_are_a_whole_string():
    """A frame may carry no element at all."""
    assert parse_elements(b"").complete
    assert parse_elements(b"").ids == ()


def test_ids_are_listed_in_order_with_extensions_apart():
    """Extension 1 is not SSID 0 nor rates 1."""
    raw = element(0, b"lab") + element(255, b"\x01") + element(1, b"\x02")

    assert parse_elements(raw).ids == (0, 0x101, 1)


def test_an_extended_element_without_extension_is_only_listed():
    """Its id is 255 and nothing is read."""
    assert parse_elements(element(255)).ids == (255,)


def test_fields_come_from_their_parsers():
    """SSID, channel and RSN of one string."""
    found = parse_elements(
        element(0, b"lab") + element(3, b"\x06") + element(48, RSN_BODY)
    )

    assert (found.ssid, found.ds_channel) == (b"lab", 6)
    assert found.rsn is not None
    assert found.faults == ()


def test_an_overrun_is_a_fault_and_makes_it_incomplete():
    """The element that runs past the end is not parsed and hides what follows."""
    found = parse_elements(element(0, b"lab") + b"\x30\x14" + RSN_BODY[:8])

    assert found.faults == (Fault("overrun", 48, 20),)
    assert found.rsn is None
    assert not found.complete


def test_an_overrun_where_the_capture_cut_is_no_fault():
    """The snapshot length is not the sender's mistake."""
    raw = element(0, b"lab") + b"\x30\x14" + RSN_BODY[:8]

    assert parse_elements(raw, truncated=True).faults == ()


def test_one_byte_behind_the_elements_is_trailing():
    """It is noted, and nothing can be missing."""
    found = parse_elements(element(0, b"lab") + b"\x07")

    assert found.faults == (Fault("trailing", 7, 0),)
    assert found.complete


def test_four_bytes_behind_the_elements_are_trailing():
    """Most likely an FCS that the capture does not announce."""
    found = parse_elements(element(0, b"lab") + b"\xdf\x65\x1f\xf0")

    assert found.faults == (Fault("trailing", 0xDF, 0x65),)
    assert found.complete


def test_a_full_element_is_continued_by_fragments():
    """A Multi-Link element of more than 255 bytes comes in Fragment elements."""
    body = b"\x00\x00\x07" + bytes(6) + b"\xdd\xfa" + bytes(250) + b"\x00\x02\x03\x00"
    raw = element(255, b"\x6b" + body[:254]) + element(242, body[254:])

    found = parse_elements(raw)

    assert found.multi_link is not None
    assert found.multi_link.links == (3,)
    assert found.faults == ()


@pytest.mark.parametrize(
    "one", [element(0), element(50), element(221, b"\0\x50\xf2\x09"), element(201)]
)
def test_a_hundred_thousand_elements_are_read(one):
    """A hostile packet full of one element costs time in proportion to its length."""
    found = parse_elements(one * 100_000)

    assert len(found.ids) == 100_000


def test_defaults_are_those_of_no_elements():
    """A parsed empty string differs from `Elements()` in its fingerprint only."""
    found = parse_elements(b"")

    assert found == Elements(fingerprint=found.fingerprint)
