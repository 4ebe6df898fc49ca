"""
Who asks, and by which scheme: the only reader of forwarding headers.

Only ``X-Forwarded-For`` and ``X-Forwarded-Proto`` count, and only from a peer that
``TRUSTED_PROXY_CIDRS`` names.  docs/reference/proxy-trust.md has the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_ADDRESS_CHARS = 53  # [six groups of IPv6 and four numbers of IPv4]:65535
_OWS = b" \t"  # RFC 9110, 5.6.3
_WITH_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?")
_PREFIX = re.compile(r"0|[1-9][0-9]{0,2}")
_MAPPED_BITS = 96  # ::ffff:0:0/96, RFC 4291, 2.5.5.2


class ProxyListError(ValueError):
    """
    An item of ``TRUSTED_PROXY_CIDRS`` that names no proxy.

    Attributes:
        position: of the item in the list, from 1, empty items not counted.
        reason: what is wrong with it, without the item.
    """

    def __init__(self, item: str, position: int, reason: str, hint: str = "") -> None:
        super().__init__(f"{item!r} {reason}{hint}")
        self.position = position
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """
    The addresses whose forwarding headers are believed; nobody's by default.
    """

    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> TrustedProxies:
        """
        Read a list of addresses and CIDRs, parted by commas.

        Raises:
            ProxyListError: at the first item that is anything else, or everybody.
        """
        items = [item.strip() for item in text.split(",")]
        found = [
            _network(item, position)
            for position, item in enumerate(filter(None, items), 1)
        ]
        v4 = [network for network in found if isinstance(network, IPv4Network)]
        v6 = [network for network in found if isinstance(network, IPv6Network)]
        networks: tuple[Network, ...] = (
            *collapse_addresses(v4),
            *collapse_addresses(v6),
        )
        if any(network.prefixlen == 0 for network in networks):
            raise ProxyListError(text.strip(), len(found), "together trusts everybody")
        return cls(networks)

    def __bool__(self) -> bool:
        return bool(self.networks)

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def __str__(self) -> str:
        return ",".join(map(str, self.networks))


@dataclass(frozen=True, slots=True)
class Client:
    """
    Who asks.

    Attributes:
        address: canonical text of an IP address (RFC 5952; IPv4-mapped as IPv4, without
            zone), or None where the peer has none.
        scheme: http, https, ws or wss, as the client used it.
        peer_trusted: whether the peer's headers were looked at.
        malformed: whether an element of X-Forwarded-For could not be read; nothing to
            the left of it was believed.
    """

    address: str | None
    scheme: str
    peer_trusted: bool
    malformed: bool


def resolve(
    peer: str | None,
    headers: Iterable[tuple[bytes, bytes]],
    trusted: TrustedProxies,
    *,
    transport_scheme: str = "http",
) -> Client:
    """
    Find the client of a request; raises nothing, whatever the headers hold.

    Args:
        peer: address at the other end of the connection, None for a Unix socket.
        headers: all field lines in order, names in any case.
        transport_scheme: http, https, ws or wss: what the connection itself is.
    """
    address = None if peer is None else _address(peer)
    if address is None or address not in trusted:
        text = None if address is None else str(address)
        return Client(text, transport_scheme, peer_trusted=False, malformed=False)
    forwarded_for: list[bytes] = []
    forwarded_proto: list[bytes] = []
    for name, value in headers:
        match name.lower():
            case b"x-forwarded-for":
                forwarded_for.append(value)
            case b"x-forwarded-proto":
                forwarded_proto.append(value)
    client, malformed = _walk(address, forwarded_for, trusted)
    scheme = transport_scheme
    if forwarded_proto:
        scheme = _stated_scheme(forwarded_proto, transport_scheme)
    return Client(str(client), scheme, peer_trusted=True, malformed=malformed)


def _walk(
    peer: Address, lines: list[bytes], trusted: TrustedProxies
) -> tuple[Address, bool]:
    """From the right to the first hop that is not ours, or that cannot be read."""
    hop = peer
    for element in reversed(list(_elements(lines))):
        address = _element_address(element)
        if address is None:
            return hop, True
        hop = address
        if address not in trusted:
            break
    return hop, False


def _stated_scheme(lines: list[bytes], transport_scheme: str) -> str:
    """Secure only where each proxy says so."""
    web_socket = transport_scheme in ("ws", "wss")
    secure = {b"https", b"wss"} if web_socket else {b"https"}
    stated = {element.lower() for element in _elements(lines)}
    if stated and stated <= secure:
        return "wss" if web_socket else "https"
    return "ws" if web_socket else "http"


def _elements(lines: list[bytes]) -> Iterator[bytes]:
    """The elements of all field lines, in order; empty ones are none."""
    for line in lines:
        for element in line.split(b","):
            stripped = element.strip(_OWS)
            if stripped:
                yield stripped


def _element_address(element: bytes) -> Address | None:
    """IPv4, IPv4:port, IPv6, [IPv6] or [IPv6]:port; None for anything else."""
    if len(element) > MAX_ADDRESS_CHARS or not element.isascii() or b"%" in element:
        return None
    text = element.decode("ascii")
    parts = _WITH_PORT.fullmatch(text)
    if parts is None:
        return _address(text)
    v6, v4, port = parts.groups()
    address = _address(v6 or v4)
    if port is not None and int(port) > 0xFFFF:
        return None
    if v6 is not None and ":" not in v6:
        return None
    return address


def _address(text: str) -> Address | None:
    """The address *text* is, IPv4-mapped as IPv4, without its zone."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


def _network(item: str, position: int) -> Network:
    """One item as a network that is not everybody."""
    _, slash, prefix = item.partition("/")
    if "%" in item or (slash and not _PREFIX.fullmatch(prefix)):
        raise ProxyListError(item, position, "is not an address or CIDR")
    try:
        network = ip_network(item, strict=False)
    except ValueError:
        raise ProxyListError(item, position, "is not an address or CIDR") from None
    exact = _address(item.partition("/")[0])
    if int(network.network_address) != int(ip_address(item.partition("/")[0])):
        hint = f": write {network} or {exact}/{exact.max_prefixlen if exact else 0}"
        raise ProxyListError(item, position, "has host bits set", hint)
    mapped = isinstance(network, IPv6Network) and network.network_address.ipv4_mapped
    if mapped and network.prefixlen >= _MAPPED_BITS:
        network = IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    if network.prefixlen == 0:
        raise ProxyListError(item, position, "trusts everybody")
    return network
