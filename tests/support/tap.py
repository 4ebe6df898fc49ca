"""
A network interface that looks like a monitor interface: a TAP device of that type.

What is written into it arrives at packet sockets as if a radio had heard it.  Needs the
right to make interfaces (root, or CAP_NET_ADMIN).
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Self

# linux/if_tun.h, linux/if_arp.h, linux/sockios.h
TUNSETIFF = 0x400454CA
TUNSETLINK = 0x400454CD
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
RADIOTAP, ETHERNET = 803, 1
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
_numbers = count(1)


class Tap:
    """An interface, up; frames are heard by `hear`."""

    def __init__(self, kind: int = RADIOTAP) -> None:
        self.name = f"snl{os.getpid() % 100_000}n{next(_numbers)}"
        self._file = os.open("/dev/net/tun", os.O_RDWR)
        request = struct.pack("16sH22x", self.name.encode(), IFF_TAP | IFF_NO_PI)
        fcntl.ioctl(self._file, TUNSETIFF, request)
        fcntl.ioctl(self._file, TUNSETLINK, kind)
        self.up()

    def hear(self, packet: bytes) -> None:
        """A packet of at least 14 bytes arrives."""
        os.write(self._file, packet)

    def hear_all(self, packets: Iterable[bytes]) -> None:
        """One behind the other."""
        for packet in packets:
            self.hear(packet)

    def up(self) -> None:
        """Take it up."""
        self._flags(IFF_UP)

    def down(self) -> None:
        """Take it down."""
        self._flags(0)

    def remove(self) -> None:
        """As if it were unplugged."""
        with suppress(OSError):
            os.close(self._file)

    def _flags(self, flags: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            request = struct.pack("16sH22x", self.name.encode(), flags)
            fcntl.ioctl(control, SIOCSIFFLAGS, request)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()


def missing() -> str | None:
    """Why no interface can be made here; None: it can."""
    try:
        with Tap():
            return None
    except OSError as error:
        return f"no interface can be made: {error.strerror}"
