"""Parsed elements as data."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Elements, He, Ht

RAW = b"\x00\x03lab\xde\x02{}\xff\x03\x6b\x01\x02\xde\x00\xde\x09short"


def test_elements_cannot_be_changed():
    """They are shared between frames."""
    with pytest.raises(AttributeError):
        Elements().ssid = b"other"  # type: ignore[misc]  # the point of the test


def test_bodies_of_an_id_without_a_field():
    """Every whole element of that id, in order."""
    assert Elements(raw=RAW).bodies(222) == (b"{}", b"")


def test_bodies_of_an_extension():
    """The extension byte is no part of the body."""
    assert Elements(raw=RAW).bodies(0x100 + 107) == (b"\x01\x02",)


def test_an_extension_is_not_found_under_its_low_byte():
    """Extension 107 is not element 107."""
    assert Elements(raw=RAW).bodies(107) == ()


@pytest.mark.parametrize(
    ("elements", "channel"),
    [
        (Elements(), None),
        (Elements(ds_channel=6, ht=Ht(None, 11, 0)), 6),
        (Elements(ht=Ht(None, 36, 1)), 36),
        (Elements(ht=Ht(0, None, None), he=He(None, 1, 37)), 37),
        (Elements(he=He(None, 1, None)), None),
    ],
)
def test_the_announced_channel(elements, channel):
    """DS before HT Operation before HE Operation."""
    assert elements.announced_channel == channel
