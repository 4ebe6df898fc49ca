"""
Names of hosts, as certificates and people write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")  # RFC 1123, 2.1
_MAX_NAME_CHARS = 253
Address = IPv4Address | IPv6Address


def read_names(texts: Iterable[str]) -> tuple[str, ...]:
    """
    The host names and addresses in *texts*, each once, in lower case.

    A text may hold several, parted by commas, or none.

    Raises:
        ValueError: one of them is neither.
    """
    names = [part.strip() for text in texts for part in text.split(",")]
    return tuple(dict.fromkeys(_normal(name) for name in names if name))


def address_of(name: str) -> Address | None:
    """*name* as an address; None if it is a host name."""
    try:
        return ip_address(name)
    except ValueError:
        return None


def is_covered(name: str, by: Iterable[str]) -> bool:
    """Whether a certificate of the names *by* is good for *name* (RFC 9525, 6.3)."""
    names = frozenset(by)
    if name in names:
        return True
    _, dot, parent = name.partition(".")
    return bool(dot) and address_of(name) is None and f"*.{parent}" in names


def _normal(name: str) -> str:
    address = address_of(name)
    if address is not None:
        return str(address)
    host = name.lower().removesuffix(".")
    labels = host.split(".")
    is_host = all(_LABEL.fullmatch(label) for label in labels)
    if not is_host or len(host) > _MAX_NAME_CHARS or labels[-1].isdecimal():
        raise ValueError(
            f"{name!a} is neither a host name (in its ASCII form) nor an address"
        )
    return host
