"""
Policy of a site: which networks are its own and what they must look like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sentinel_netlab.core.addresses import parse_mac
from sentinel_netlab.core.ssid import MAX_SSID_BYTES


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """
    One network of the site.

    Attributes:
        ssid: raw bytes.
        bssids: its access points, 48-bit; empty: not said.
        channels: channels it may use; empty: not said.
        security: allowed labels of `core.security`, such as ``WPA2-PSK-CCMP``; empty:
            not said.
        open_allowed: an open network of this SSID is meant to be so (a guest network).
    """

    ssid: bytes
    bssids: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    security: frozenset[str] = frozenset()
    open_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Own networks by SSID; an empty policy protects nothing in particular."""

    networks: dict[bytes, OwnNetwork] = field(default_factory=dict)

    def owns_ssid(self, ssid: bytes | None) -> bool:
        """Whether *ssid* is one of the site's own."""
        return ssid is not None and ssid in self.networks

    def owns_bssid(self, bssid: int) -> bool:
        """Whether *bssid* is listed as an access point of an own network."""
        return any(bssid in network.bssids for network in self.networks.values())


def policy_from(tables: dict[str, object]) -> Policy:
    """
    The policy that a parsed ``site.toml`` describes (docs/policy.md).

    Raises:
        ValueError: something is wrong; the message names every problem.
    """
    problems = [f"unknown table {name!r}" for name in tables if name != "network"]
    listed = tables.get("network", [])
    networks: dict[bytes, OwnNetwork] = {}
    if not isinstance(listed, list):
        problems.append("network: expected [[network]] tables")
        listed = []
    for number, table in enumerate(listed, 1):
        network = _network_from(f"network {number}", table, problems)
        if network is None:
            continue
        if network.ssid in networks:
            problems.append(f"network {number}: this SSID stands twice")
        networks[network.ssid] = network
    if problems:
        raise ValueError("; ".join(problems))
    return Policy(networks)


_FIELDS = {
    "ssid": str,
    "ssid_hex": str,
    "bssids": list,
    "channels": list,
    "security": list,
    "open": bool,
}


def _network_from(where: str, table: object, problems: list[str]) -> OwnNetwork | None:
    if not isinstance(table, dict):
        problems.append(f"{where}: expected a table")
        return None
    before = len(problems)
    for name, value in table.items():
        kind = _FIELDS.get(name)
        if kind is None:
            problems.append(f"{where}: unknown key {name!r}")
        elif not isinstance(value, kind):
            problems.append(f"{where}: {name}: expected a {kind.__name__}")
    if len(problems) > before:
        return None
    ssid = _ssid_from(where, table, problems)
    bssids = _checked(where, "bssids", table, problems, parse_mac)
    channels = _checked(where, "channels", table, problems, _channel_from)
    security = _checked(where, "security", table, problems, _label_from)
    if len(problems) > before or ssid is None:
        return None
    return OwnNetwork(
        ssid,
        frozenset(bssids),
        frozenset(channels),
        frozenset(security),
        open_allowed=bool(table.get("open", False)),
    )


def _ssid_from(where: str, table: dict[str, Any], problems: list[str]) -> bytes | None:
    if ("ssid" in table) == ("ssid_hex" in table):
        problems.append(f"{where}: needs either ssid or ssid_hex")
        return None
    try:
        if "ssid_hex" in table:
            ssid = bytes.fromhex(table["ssid_hex"])
        else:
            ssid = table["ssid"].encode()
    except ValueError:
        problems.append(f"{where}: ssid_hex: expected hexadecimal digits")
        return None
    if not 1 <= len(ssid) <= MAX_SSID_BYTES:
        problems.append(f"{where}: an SSID has 1 to {MAX_SSID_BYTES} bytes")
        return None
    return ssid


def _checked(
    where: str,
    name: str,
    table: dict[str, Any],
    problems: list[str],
    convert: Callable[[Any], Any],
) -> list[Any]:
    """The converted items of a list; what cannot be converted is a problem."""
    found = []
    for item in table.get(name, []):
        try:
            found.append(convert(item))
        except (TypeError, ValueError) as error:
            problems.append(f"{where}: {name}: {error}")
    return found


def _channel_from(item: object) -> int:
    if not isinstance(item, int) or isinstance(item, bool) or not 1 <= item <= 253:
        msg = f"not a channel number: {item!r}"
        raise ValueError(msg)
    return item


def _label_from(item: object) -> str:
    if not isinstance(item, str) or not item:
        msg = f"expected a label such as WPA2-PSK-CCMP, got {item!r}"
        raise ValueError(msg)
    return item
