"""WPS attributes."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault, Wps
from sentinel_netlab.decode.elements import wps
from sentinel_netlab.decode.elements.draft import Draft


def attribute(kind, value):
    """A WSC attribute."""
    return kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def parsed(body):
    """The attributes in *body*, and the draft that holds them."""
    draft = Draft()
    wps.parse(body, draft)
    return draft.fields["wps"], draft


def test_state_and_lock():
    """A configured access point that locked its setup."""
    found, _ = parsed(attribute(0x1044, b"\x02") + attribute(0x1057, b"\x01"))

    assert found == Wps(state=2, setup_locked=True)


def test_a_lock_of_zero_is_no_lock():
    """The attribute is a flag with a value."""
    found, _ = parsed(attribute(0x1057, b"\x00"))

    assert not found.setup_locked


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (0x1011, "device_name"),
        (0x1021, "manufacturer"),
        (0x1023, "model_name"),
        (0x1024, "model_number"),
        (0x1042, "serial_number"),
    ],
)
def test_texts(kind, field):
    """Texts lose their padding and what would steer a terminal."""
    found, _ = parsed(attribute(kind, b"Box\x1b[2J\0\0"))

    assert getattr(found, field) == "Box\\x1b[2J"


def test_numbers():
    """Two-byte numbers are big-endian."""
    found, _ = parsed(attribute(0x1008, b"\x26\x88") + attribute(0x1012, b"\x00\x04"))

    assert (found.config_methods, found.device_password_id) == (0x2688, 4)


def test_the_uuid():
    """Sixteen bytes as hex digits."""
    found, _ = parsed(attribute(0x1047, bytes(range(16))))

    assert found.uuid == bytes(range(16)).hex()


def test_version_2_is_in_the_extension_of_the_wi_fi_alliance():
    """Other subelements and other vendors are passed over."""
    other = attribute(0x1049, b"\x00\x01\x37\x00\x01\x20")
    own = attribute(0x1049, b"\x00\x37\x2a" + b"\x02\x01\x01" + b"\x00\x01\x20")

    found, _ = parsed(other + own)

    assert found.version2 == 0x20


def test_the_first_of_two_counts():
    """A repeated attribute changes nothing."""
    found, _ = parsed(attribute(0x1044, b"\x01") + attribute(0x1044, b"\x02"))

    assert found.state == 1


def test_a_number_of_wrong_length_is_a_fault():
    """Nothing is read from it."""
    found, draft = parsed(attribute(0x1044, b"\x00\x02"))

    assert found.state is None
    assert draft.faults == [Fault("length", 0x0050F204, 10)]


@pytest.mark.parametrize("broken", [b"\x10", b"\x10\x44\x00\x05\x01"])
def test_an_attribute_beyond_the_element_is_a_fault(broken):
    """What came before it is kept."""
    found, draft = parsed(attribute(0x1044, b"\x02") + broken)

    assert found.state == 2
    assert draft.faults == [Fault("count", 0x0050F204, 9 + len(broken))]
