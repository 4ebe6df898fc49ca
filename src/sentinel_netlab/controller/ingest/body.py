"""
Read a request's body, bounded by what its route takes.

How long it may take is bounded for every route (`controller.gate`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class BodyError(Exception):
    """
    A body that was not received.

    Attributes:
        code: ``content_too_large`` or ``body_incomplete``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def read_body(receive: Receive, *, limit_bytes: int) -> bytes:
    """
    The body that *receive* gives (ASGI ``http.request`` messages).

    Raises:
        BodyError: it is larger than *limit_bytes*, or the sender went away.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyError("body_incomplete")
        part = message.get("body", b"")
        size += len(part)
        if size > limit_bytes:
            raise BodyError("content_too_large")
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def declared_bytes(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The largest Content-Length among *headers*; 0 where there is none."""
    lengths = [value for name, value in headers if name.lower() == b"content-length"]
    numbers = [int(value) for value in lengths if value.isdigit() and len(value) < 20]
    return max(numbers, default=0)
