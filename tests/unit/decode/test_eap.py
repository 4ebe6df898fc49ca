"""EAP packets and WSC messages."""

from __future__ import annotations

import pytest
from tests.support.bodies import VERSION, WSC_HEAD, eap, eapol, message_type, wsc
from tests.support.columns import eapol_row

from sentinel_netlab.core.eapol import (
    NO_CODE,
    WSC_ACK,
    WSC_DONE,
    WSC_M1,
    WSC_M4,
    WSC_NACK,
)
from sentinel_netlab.core.frames import BAD_EAPOL

SALT = bytes.fromhex("10470003 123456")


def test_request() -> None:
    """Code, identifier and method of a request."""
    got = eapol_row(eap(1, b"\x01"))

    assert (got["eap_code"], got["eap_id"], got["eap_type"]) == (1, 9, 1)


@pytest.mark.parametrize("code", [3, 4, 7])
def test_success_and_failure_have_no_type(code: int) -> None:
    """Only requests and responses have one; here a byte of padding follows."""
    assert eapol_row(eap(code, b"\x01"))["eap_type"] == NO_CODE


def test_request_without_a_type() -> None:
    """An EAP length of 4 leaves no room for a type, whatever follows in the frame."""
    got = eapol_row(eap(1, b"\x19", length=4))

    assert (got["eap_type"], got["malformed"]) == (NO_CODE, 0)


def test_packet_longer_than_its_frame() -> None:
    """The EAP length is checked against the EAPOL packet."""
    got = eapol_row(eap(2, b"\x01user", length=400))

    assert (got["overrun"], got["malformed"], got["eap_type"]) == (True, BAD_EAPOL, 1)


def test_stump() -> None:
    """A packet of 3 bytes has no EAP header."""
    got = eapol_row(eapol(0, b"\x01\x09\x00"))

    assert (got["overrun"], got["eap_code"]) == (True, NO_CODE)


def test_packet_that_the_capture_cut() -> None:
    """Code and type are there, the rest was not captured."""
    got = eapol_row(eap(2, b"\x01" + bytes(90))[:20], snapped=True)

    assert (got["overrun"], got["eap_code"], got["eap_type"]) == (False, 2, 1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (wsc(VERSION + message_type(4)), WSC_M1),
        (wsc(VERSION + SALT + message_type(8)), WSC_M4),
        (wsc(b"\x01\x00" + VERSION + message_type(8), flags=2), WSC_M4),
        (wsc(VERSION + message_type(0x0E), opcode=3), WSC_NACK),
        (wsc(VERSION, opcode=2), WSC_ACK),
        (wsc(b"", opcode=5), WSC_DONE),
    ],
)
def test_wsc_message(body: bytes, message: int) -> None:
    """Message Type among the attributes, else what the op-code says."""
    assert eapol_row(body)["wsc_message"] == message


@pytest.mark.parametrize(
    "body",
    [
        wsc(VERSION),
        wsc(VERSION + message_type(4)[:-1]),
        wsc(b"\x10\x47\x00\x20" + message_type(4) + bytes(8)),
        eap(1, WSC_HEAD),
        eap(1, bytes.fromhex("fe00372a00000002") + b"\x04\0" + message_type(4)),
    ],
)
def test_no_wsc_message(body: bytes) -> None:
    """Absent, cut, inside another attribute, without a header, another vendor type."""
    assert eapol_row(body)["wsc_message"] == 0


def test_attribute_behind_the_eap_length_is_not_read() -> None:
    """Attributes end where the EAP packet does."""
    body = eap(1, WSC_HEAD + b"\x04\0" + VERSION + message_type(4), length=20)

    assert eapol_row(body)["wsc_message"] == 0


def test_attribute_cut_by_the_eap_length_is_not_read() -> None:
    """Its value would be the first byte behind the EAP packet."""
    body = wsc(VERSION + message_type(4)[:-1]) + b"\x07"

    assert eapol_row(body)["wsc_message"] == 0
