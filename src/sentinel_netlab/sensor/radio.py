"""
Radios and their interfaces, by nl80211 and rtnetlink.

Source: Linux, include/uapi/linux/nl80211.h.  Making an interface and tuning it need
CAP_NET_ADMIN; listing needs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from pyroute2 import IPRoute
from pyroute2.iwutil import IW
from pyroute2.netlink import NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.nl80211 import NL80211_NAMES, nl80211cmd

from sentinel_netlab.sensor.capture.live import InterfaceError

MONITOR = 6  # NL80211_IFTYPE_MONITOR
_WIDTH_20_NOHT = 0  # NL80211_CHAN_WIDTH_20_NOHT
_KINDS = {2: "managed", 3: "AP", 6: "monitor", 7: "mesh", 10: "P2P device"}


@dataclass(frozen=True, slots=True)
class Channel:
    """
    A 20 MHz channel that a radio can be tuned to.

    Attributes:
        allowed: the regulatory domain permits it.
        radar: transmitters there must look for radar (DFS); listeners need not.
    """

    frequency_mhz: int
    allowed: bool
    radar: bool


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface of a radio; frequency_mhz is 0 where it is on none."""

    name: str
    index: int
    kind: int
    frequency_mhz: int = 0

    @property
    def word(self) -> str:
        """What it is, for people."""
        return _KINDS.get(self.kind, f"type {self.kind}")


@dataclass(slots=True)
class Radio:
    """
    A radio (wiphy) of this machine.

    Attributes:
        can_monitor: its driver offers monitor interfaces.
    """

    number: int
    name: str = ""
    can_monitor: bool = False
    channels: dict[int, Channel] = field(default_factory=dict)
    interfaces: list[Interface] = field(default_factory=list)

    @property
    def frequencies_mhz(self) -> list[int]:
        """Channels that the regulatory domain allows to listen to."""
        return sorted(mhz for mhz, one in self.channels.items() if one.allowed)


class Radios:
    """
    The radios of this machine; a context manager.

    Raises:
        InterfaceError: the kernel has no 802.11.
    """

    def __init__(self) -> None:
        try:
            self._wireless = IW()
        except NetlinkError:
            raise InterfaceError("this machine's kernel has no 802.11") from None
        self._links = IPRoute()

    def found(self) -> list[Radio]:
        """All radios, by number."""
        split = [["NL80211_ATTR_SPLIT_WIPHY_DUMP", b""]]  # else 6 GHz is left out
        found = radios_in(self._ask("NL80211_CMD_GET_WIPHY", split, dump=True))
        for message in self._ask("NL80211_CMD_GET_INTERFACE", [], dump=True):
            radio = found.get(message.get_attr("NL80211_ATTR_WIPHY"))
            name = message.get_attr("NL80211_ATTR_IFNAME")
            if radio is not None and name:
                radio.interfaces.append(
                    Interface(
                        name,
                        message.get_attr("NL80211_ATTR_IFINDEX"),
                        message.get_attr("NL80211_ATTR_IFTYPE"),
                        message.get_attr("NL80211_ATTR_WIPHY_FREQ") or 0,
                    )
                )
        return [found[number] for number in sorted(found)]

    def make_monitor(self, radio: Radio, name: str) -> None:
        """
        Give *radio* a monitor interface.

        Raises:
            InterfaceError: the driver does not, or we may not.
        """
        with _told(f"{radio.name}: no monitor interface could be made"):
            self._wireless.add_interface(name, "monitor", phy=radio.number)

    def up(self, name: str) -> None:
        """
        Bring an interface up.

        Raises:
            InterfaceError: it cannot be, or is not there.
        """
        with _told(f"{name} could not be brought up"):
            self._links.link("set", index=self._index(name), state="up")

    def tune(self, name: str, frequency_mhz: int) -> None:
        """
        Listen to the 20 MHz channel around *frequency_mhz*.

        Raises:
            InterfaceError: the radio cannot, or another interface of it holds it.
        """
        attributes = [
            ["NL80211_ATTR_IFINDEX", self._index(name)],
            ["NL80211_ATTR_WIPHY_FREQ", frequency_mhz],
            ["NL80211_ATTR_CHANNEL_WIDTH", _WIDTH_20_NOHT],
            ["NL80211_ATTR_CENTER_FREQ1", frequency_mhz],
        ]
        with _told(f"{name} could not be tuned to {frequency_mhz} MHz"):
            self._ask("NL80211_CMD_SET_WIPHY", attributes)

    def remove(self, name: str) -> None:
        """Take away an interface that we made; nothing if it is gone."""
        with suppress(NetlinkError, InterfaceError):
            self._wireless.del_interface(self._index(name))

    def close(self) -> None:
        """Close the sockets."""
        self._wireless.close()
        self._links.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _index(self, name: str) -> int:
        found = self._links.link_lookup(ifname=name)
        if not found:
            raise InterfaceError(f"there is no interface {name}", lost=True)
        return int(found[0])

    def _ask(
        self, command: str, attributes: Sequence[Any], *, dump: bool = False
    ) -> list[Any]:
        message = nl80211cmd()
        message["cmd"] = NL80211_NAMES[command]
        message["attrs"] = attributes
        flags = NLM_F_REQUEST | (NLM_F_DUMP if dump else NLM_F_ACK)
        answers = self._wireless.nlm_request(
            message, msg_type=self._wireless.prid, msg_flags=flags
        )
        return list(answers)


class _told:  # noqa: N801  # reads as a word of the with statement
    """Turns a refusal of the kernel into an `InterfaceError`."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, NetlinkError):
            why = error.args[-1] if error.args else error.code
            raise InterfaceError(f"{self._text}: {why}", lost=True) from None


def radios_in(messages: Iterable[Any]) -> dict[int, Radio]:
    """The radios that a split dump tells of, piece by piece."""
    found: dict[int, Radio] = {}
    for message in messages:
        number = message.get_attr("NL80211_ATTR_WIPHY")
        radio = found.setdefault(number, Radio(number))
        radio.name = message.get_attr("NL80211_ATTR_WIPHY_NAME") or radio.name
        kinds = message.get_attr("NL80211_ATTR_SUPPORTED_IFTYPES") or []
        radio.can_monitor |= "monitor" in kinds
        for band in message.get_attr("NL80211_ATTR_WIPHY_BANDS") or []:
            for one in band.get_attr("NL80211_BAND_ATTR_FREQS") or []:
                channel = _channel_in(one)
                radio.channels[channel.frequency_mhz] = channel
    return found


def _channel_in(attributes: Any) -> Channel:
    def flag(name: str) -> bool:
        return bool(attributes.get_attr(f"NL80211_FREQUENCY_ATTR_{name}"))

    return Channel(
        int(attributes.get_attr("NL80211_FREQUENCY_ATTR_FREQ")),
        allowed=not flag("DISABLED"),
        radar=flag("RADAR"),
    )
