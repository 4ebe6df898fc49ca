"""
Syslog messages (RFC 5424), octet-counted (RFC 6587, 3.4.1; RFC 5425, 4.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.notify.message import severity_of

FACILITY = 4
"""Security messages (RFC 5424, 6.2.1, table 1)."""
SEVERITIES = {
    Severity.CRITICAL: 2,  # critical
    Severity.HIGH: 3,  # error
    Severity.MEDIUM: 4,  # warning
    Severity.LOW: 5,  # notice
    Severity.INFO: 6,  # informational
}
"""RFC 5424, 6.2.1, table 2."""
SD_ID = "sentinel@32473"
"""RFC 5612 reserves this number for those who have none of their own."""
MAX_VALUE_CHARS = 1_000
_PARAMS = (
    "id", "code", "severity", "confidence", "site_id", "sensor_id", "incident_id",
    "bssid", "ssid_text", "station", "transmitter", "channel", "count", "first_seen",
    "last_seen", "mitre_attack",
)  # fmt: skip
_BOM = "\ufeff"


def frame(line: str) -> bytes:
    """*line* as it is sent: the number of its octets, a space, the octets."""
    data = line.encode(errors="backslashreplace")
    return b"%d " % len(data) + data


def format_notice(
    notice: Mapping[str, Any], *, host: str, process: int, created_at: datetime
) -> str:
    """One message for *notice*; nothing in it breaks a line or a value."""
    alert: Mapping[str, Any] = notice.get("alert") or {}
    what = str(notice.get("what", ""))
    priority = FACILITY * 8 + SEVERITIES[severity_of(notice)]
    time = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    header = (
        f"<{priority}>1 {time} {_name(host, 255)} sentinel {process} "
        f"{_name(str(alert.get('code') or ''), 32)}"
    )
    given = {"what": what, **{name: alert.get(name) for name in _PARAMS}}
    params = "".join(
        f' {name}="{escape(str(value))}"'
        for name, value in given.items()
        if value is not None
    )
    text = f"{alert.get('title', '')} ({what}): {alert.get('description', '')}"
    return f"{header} [{SD_ID}{params}] {_BOM}{_visible(text)}"


def escape(value: str) -> str:
    r"""*value* for structured data: ``"``, ``\`` and ``]`` escaped (6.3.3)."""
    text = _visible(value[:MAX_VALUE_CHARS])
    for character in '\\"]':
        text = text.replace(character, f"\\{character}")
    return text


def _visible(text: str) -> str:
    """*text* in one line; what cannot be printed as its code."""
    return "".join(one if one.isprintable() else f"<{ord(one):02x}>" for one in text)


def _name(text: str, size: int) -> str:
    """A field of the header: printable ASCII, ``-`` for nothing (6.2.4)."""
    return "".join(one for one in text[:size] if "!" <= one <= "~") or "-"
