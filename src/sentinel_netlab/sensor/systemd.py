"""
What the service manager is told: ready, alive, ending.

Source: sd_notify(3).  Nothing happens where no service manager asked for it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class ServiceManager:
    """
    The socket that ``NOTIFY_SOCKET`` names.

    Attributes:
        watchdog_s: how often it wants to hear that we live; None: never.
    """

    def __init__(self, environ: Mapping[str, str], pid: int | None = None) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]
        self.watchdog_s = _watchdog_s(environ, os.getpid() if pid is None else pid)

    def ready(self, status: str) -> None:
        """The service works."""
        self._send(f"READY=1\nSTATUS={status}")

    def alive(self) -> None:
        """The service still works; to be called twice within `watchdog_s`."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``."""
        self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """The service ends."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        with (
            suppress(OSError),
            socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
            ) as channel,
        ):
            channel.sendto(text.replace("\0", "").encode(), self._address)


def _watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    asked = environ.get("WATCHDOG_USEC", "")
    whose = environ.get("WATCHDOG_PID", "")
    if not asked.isdigit() or (whose and whose != str(pid)):
        return None
    return int(asked) / 1e6 or None
