"""
Requests through proxies, and what is expected of them.

`proxy_vectors.json` is the shared half of the vectors of the design.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("proxy_vectors.json").read_text()
)
HEALTH = {"/healthz", "/readyz", "/api/v1/health"}


def transport_of(asked: dict[str, Any]) -> str:
    """The scheme of the connection itself."""
    names = ("https", "http") if asked["protocol"] == "http" else ("wss", "ws")
    return names[0] if asked["transport_tls"] else names[1]


def headers_of(asked: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """Header lines as a server hands them over, names as they were sent."""
    return [
        (name.encode(), value.encode("latin-1")) for name, value in asked["headers"]
    ]
