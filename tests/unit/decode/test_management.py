"""Fixed fields and elements of management frames."""

from __future__ import annotations

import pytest
from tests.support.air import Air, assoc_response, auth, beacon, deauth

from sentinel_netlab.core.frames import BAD_ELEMENT, PROTECTED, SHORT_BODY, Frames


def one(packet: bytes, **options) -> Frames:
    air = Air(**options)
    air.send(packet)
    [frames] = air.frames()
    return frames


def test_beacon_fields():
    """Timestamp, interval, capability, name."""
    frames = one(beacon(tsf_us=123456789, interval_tu=200, capability=0x0411))

    assert frames.tsf_us.tolist() == [123456789]
    assert frames.interval_tu.tolist() == [200]
    assert frames.capability.tolist() == [0x0411]
    assert frames.element_sets[0].ssid == b"net"


def test_reason_and_status():
    """Codes stay as they came."""
    assert one(deauth(reason=200)).reason.tolist() == [200]
    assert one(assoc_response(status=17)).status.tolist() == [17]
    fields = one(auth(2, algorithm=3, status=76))
    assert (fields.auth_algorithm[0], fields.auth_transaction[0]) == (3, 2)
    assert fields.status.tolist() == [76]


def test_protected_body_is_left_alone():
    """Cipher text is no reason code."""
    packet = bytearray(deauth())
    packet[1] |= PROTECTED

    assert one(bytes(packet)).reason.tolist() == [-1]


@pytest.mark.parametrize("size", [24, 30, 35])
def test_short_body_is_told(size):
    """A frame that ends inside its fixed fields has none of them."""
    frames = one(beacon()[:size])

    assert frames.malformed[0] & SHORT_BODY
    assert frames.elements.tolist() == [-1]


def test_bad_element_is_told():
    """An element that runs past the frame."""
    frames = one(beacon(tail=b"\x30\xff\x01"))

    assert frames.malformed[0] & BAD_ELEMENT
    assert frames.element_sets[0].ssid == b"net"


def test_sae_body_is_no_element_string():
    """Scalars and points are not looked at as elements."""
    frames = one(auth(algorithm=3, body=bytes(range(98))))

    assert frames.elements.tolist() == [-1]
    assert frames.malformed.tolist() == [0]


def test_channel_is_announced_where_the_radio_is_silent():
    """Without a radio header the DS element tells the channel."""
    frames = one(beacon(channel=11), linktype=105)

    assert frames.channel.tolist() == [11]
    assert frames.frequency_mhz.tolist() == [0]
