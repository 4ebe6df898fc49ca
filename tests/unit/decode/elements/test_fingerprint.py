"""Identity and fingerprint of element strings."""

from __future__ import annotations

import pytest

from sentinel_netlab.decode.elements import parse_elements
from sentinel_netlab.decode.elements.fingerprint import VARYING


def element(number, body=b""):
    """One element; ids from 256 on are extensions."""
    if number > 255:
        number, body = 255, bytes([number - 256]) + body
    return bytes([number, len(body)]) + body


SSID = element(0, b"lab")
RATES = element(1, b"\x82\x84\x8b\x96")
TIM = element(5, b"\x00\x02\x00\x00")
HT = element(45, bytes(26))
WPS = element(221, bytes.fromhex("0050f204 1044000102"))


def identity(raw):
    """Identity of *raw*."""
    return parse_elements(raw).identity


def fingerprint(raw):
    """Fingerprint of *raw*."""
    return parse_elements(raw).fingerprint


def test_identity_keeps_what_is_steady():
    """Everything but the TIM."""
    assert identity(SSID + TIM + RATES) == SSID + RATES


def test_identity_ignores_the_traffic_map():
    """Two beacons of one network with other traffic are one."""
    busy = element(5, b"\x01\x02\x01\xff")

    assert identity(SSID + TIM) == identity(SSID + busy)


def test_identity_tells_another_ssid():
    """What does not vary counts."""
    assert identity(SSID + TIM) != identity(element(0, b"lob") + TIM)


def test_a_faulty_varying_element_stays_in_the_identity():
    """A beacon with a broken TIM is not the same as a good one."""
    assert identity(SSID + TIM) != identity(SSID + element(5, b"\x00"))


def test_endings_are_told_apart():
    """Whole, trailing bytes, overrun and cut strings never share an identity."""
    found = {
        identity(SSID),
        identity(SSID + b"\x07"),
        identity(SSID + b"\x30\x14\x01"),
        parse_elements(SSID, truncated=True).identity,
    }

    assert len(found) == 4


@pytest.mark.parametrize("rest", [b"\x05\x59\xfe\xdf", b"\xdf\x65\x1f\xf0"])
def test_an_unannounced_fcs_does_not_change_the_identity(rest):
    """It differs in each beacon."""
    assert identity(SSID + TIM + rest) == SSID + b"\xfe"


def test_fingerprint_is_sixteen_hex_digits():
    """Short enough to show."""
    assert len(bytes.fromhex(fingerprint(SSID + RATES))) == 8


@pytest.mark.parametrize("number", sorted(VARYING))
def test_what_varies_is_not_in_the_fingerprint(number):
    """An element that comes and goes leaves it alone."""
    assert fingerprint(SSID + RATES + element(number, b"\x01")) == fingerprint(
        SSID + RATES
    )


def test_the_owner_s_settings_are_not_in_the_fingerprint():
    """Two networks of one make differ in SSID, channel, and WPS state."""
    one = SSID + element(3, b"\x01") + WPS
    other = element(0, b"other") + element(3, b"\x0b") + WPS[:-1] + b"\x01"

    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    "other",
    [
        RATES + SSID + HT,
        SSID + RATES,
        SSID + element(1, b"\x82\x84") + HT,
        SSID + RATES + element(45, b"\x01" + bytes(25)),
        SSID + RATES + HT + WPS,
        SSID + RATES + HT + element(256 + 35, bytes(21)),
    ],
    ids=["order", "missing", "rates", "capabilities", "vendor", "extension"],
)
def test_another_make_has_another_fingerprint(other):
    """Order, presence, rates, capabilities and vendor types count."""
    assert fingerprint(other) != fingerprint(SSID + RATES + HT)
