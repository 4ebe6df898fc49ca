"""
A line of JSON for each notice, appended to a file and synchronised.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import msgspec

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.notify.message import Message, NotifyError

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_MODE = 0o640


class JsonlChannel:
    """Appends; opens anew when the file was renamed or removed."""

    name = "jsonl"
    quiet_s = 0.0
    least_severity = Severity.INFO

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None
        self._torn = False

    async def send(self, message: Message) -> None:
        """Append a line each; on return they are on the disk."""
        lines = b"".join(_line(message, notice) for notice in message.notices)
        try:
            await asyncio.to_thread(self._append, lines)
        except OSError as error:
            await self.close()
            raise NotifyError(f"{type(error).__name__}: {error.strerror}") from None

    async def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _append(self, lines: bytes) -> None:
        file = self._opened()
        # What a full disk cut off must not run into the next line.
        rest = b"\n" + lines if self._torn else lines
        while rest:
            written = os.write(file, rest)
            rest = rest[written:]
            self._torn = bool(rest)
        os.fsync(file)

    def _opened(self) -> int:
        if self._file is not None and not self._is_current(self._file):
            os.close(self._file)
            self._file = None
        if self._file is None:
            self._file = os.open(self._path, _FLAGS, _MODE)
        return self._file

    def _is_current(self, file: int) -> bool:
        """Whether the path still names the file that is open."""
        try:
            return os.path.samestat(os.fstat(file), os.stat(self._path))  # noqa: PTH116
        except FileNotFoundError:
            return False


def _line(message: Message, notice: Mapping[str, Any]) -> bytes:
    entry = {"id": message.id, "created_at": message.created_at, **notice}
    return msgspec.json.encode(entry) + b"\n"
