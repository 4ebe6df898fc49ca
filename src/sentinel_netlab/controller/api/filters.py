"""
Filters that several lists share, and values as all answers write them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from litestar.params import PathParameter, QueryParameter

from sentinel_netlab.controller.api.paging import Connection
from sentinel_netlab.controller.auth import person_of
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.core.addresses import format_mac, parse_mac
from sentinel_netlab.core.alerts import Severity

READ = {"role": "viewer", "sites": True}
"""Everybody may; who is bound to a site gets what belongs to it."""
MAC_PATTERN = "^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$"

Mac = Annotated[
    str | None,
    QueryParameter(
        pattern=MAC_PATTERN, description="MAC address, `02:00:00:00:00:0a`."
    ),
]
MacInPath = Annotated[
    str, PathParameter(pattern=MAC_PATTERN, description="MAC address.")
]
Name = Annotated[str | None, QueryParameter(min_length=1, max_length=64)]
Text = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=100, description="Part of it, in any case."
    ),
]
Channel = Annotated[int | None, QueryParameter(ge=0, le=65_535)]


class Direction(StrEnum):
    """Which end of a list comes first."""

    ASC = "asc"
    DESC = "desc"


class SeverityWord(StrEnum):
    """How bad it would be."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> Severity:
        """It as it is compared."""
        return Severity.parse(self.value)


def not_found(what: str) -> Problem:
    """404: there is no such thing, or it is not theirs to see."""
    return Problem(404, "not_found", "Not Found", f"no such {what}")


def site_for(connection: Connection, asked: str | None) -> str | None:
    """
    The site whose things a person gets who asked for those of *asked*; None: all.

    Raises:
        Problem: 403 ``site_scoped``: it is another site's.
    """
    own = person_of(connection).site_id
    if own is None or asked is None or asked == own:
        return own or asked
    raise Problem(403, "site_scoped", "Forbidden", "this token sees one site only")


def address_in(text: str | None) -> int | None:
    """The address that a parameter gives, whose form was checked."""
    return None if text is None else parse_mac(text)


def mac(address: int | None) -> str | None:
    """*address* as answers write it."""
    return None if address is None else format_mac(address)


def hexadecimal(octets: bytes | None) -> str | None:
    """*octets* of an SSID as answers write them."""
    return None if octets is None else octets.hex()


def severity_word(stored: str | None) -> str | None:
    """A severity as answers write it; adopted ones are stored in upper case."""
    return None if stored is None else stored.lower()


def same(row: Any, *names: str) -> dict[str, Any]:
    """Values of *row* that an answer gives as they are stored."""
    return {name: row[name] for name in names}
