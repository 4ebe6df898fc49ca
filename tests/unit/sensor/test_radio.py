"""What the kernel tells of radios, piece by piece; tests/live asks a real kernel."""

from __future__ import annotations

import pytest
from pyroute2.netlink.exceptions import NetlinkError

from sentinel_netlab.sensor.capture.live import InterfaceError
from sentinel_netlab.sensor.radio import Channel, Interface, _told, radios_in


class Attributes:
    """A message, or a part of one, as pyroute2 gives it."""

    def __init__(self, **values) -> None:
        self._values = values

    def get_attr(self, name: str):
        return next(
            (value for key, value in self._values.items() if name.endswith(key)), None
        )


def frequency(mhz: int, **flags) -> Attributes:
    """A channel of a band."""
    return Attributes(ATTR_FREQ=mhz, **flags)


def message(number: int, *frequencies: Attributes, **values) -> Attributes:
    """A piece of a split dump."""
    bands = [Attributes(BAND_ATTR_FREQS=list(frequencies))]
    return Attributes(ATTR_WIPHY=number, WIPHY_BANDS=bands, **values)


def test_pieces_are_put_together():
    """Name, abilities and channels come in messages of their own."""
    found = radios_in(
        [
            message(1, WIPHY_NAME="phy1"),
            message(1, SUPPORTED_IFTYPES=["managed", "monitor"]),
            message(1, frequency(2412), frequency(2484, ATTR_DISABLED=True)),
            message(1, frequency(5260, ATTR_RADAR=True)),
            message(0, WIPHY_NAME="phy0", SUPPORTED_IFTYPES=["managed"]),
        ]
    )

    assert (found[1].name, found[1].can_monitor) == ("phy1", True)
    assert (found[0].name, found[0].can_monitor) == ("phy0", False)
    assert found[1].channels[5260] == Channel(5260, allowed=True, radar=True)
    assert found[1].frequencies_mhz == [2412, 5260]


@pytest.mark.parametrize(
    ("kind", "word"), [(2, "managed"), (6, "monitor"), (99, "type 99")]
)
def test_interface_has_a_word(kind, word):
    """For people."""
    assert Interface("wlan0", 3, kind).word == word


def test_refusal_of_the_kernel_is_told():
    """With what was tried; it may be over later."""
    told = pytest.raises(InterfaceError, match="mon0 could not be tuned: no")
    with told as caught, _told("mon0 could not be tuned"):
        raise NetlinkError(22, "no")

    assert caught.value.lost


def test_other_errors_pass():
    """Nothing of ours is hidden."""
    with pytest.raises(ZeroDivisionError), _told("x"):
        raise ZeroDivisionError
