"""
Frames from a monitor interface, through the kernel's ring of blocks.

The kernel fills a block and hands it over when it is full or `RETIRE_MS` old; each is
copied out once and given back, so that nothing refers to memory that is written again.
The process needs CAP_NET_RAW to open the socket, and nothing to read it.

Source: packet(7); Linux, Documentation/networking/packet_mmap.rst.
"""

from __future__ import annotations

import errno
import mmap
import select
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sentinel_netlab.decode.gather import PAD
from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.sensor.capture.ring import (
    OF_USER,
    STATUS_AT,
    BlockHeader,
    packets_in,
)

# linux/if_packet.h
SOL_PACKET = 263
PACKET_RX_RING = 5
PACKET_STATISTICS = 6
PACKET_VERSION = 10
PACKET_IGNORE_OUTGOING = 23
TPACKET_V3 = 2
ETH_P_ALL = 3

LINKTYPES = {803: 127, 802: 119, 801: 105}
"""Link type by the kernel's ARPHRD_ number of a monitor interface."""

BLOCK_BYTES = 1 << 20
BLOCKS = 16
RETIRE_MS = 100
_FRAME_BYTES = 2048  # only a divisor to TPACKET_V3
_STATUS = struct.Struct("=I")
_STATISTICS = struct.Struct("=III")
_GONE = frozenset({errno.ENETDOWN, errno.ENODEV, errno.ENXIO})


class InterfaceError(Exception):
    """
    An interface that cannot be listened to; the text says what to do.

    Attributes:
        lost: it could be listened to before, and may come back.
    """

    def __init__(self, text: str, *, lost: bool = False) -> None:
        super().__init__(text)
        self.lost = lost


@dataclass(slots=True)
class Dropped:
    """
    What the kernel counted since the ring was opened.

    Attributes:
        packets: that reached the socket, lost ones included.
        lost: that found no room in the ring.
    """

    packets: int = 0
    lost: int = 0


class LiveCapture:
    """
    One monitor interface; a context manager.

    Args:
        interface: name, as in ``ip link``.
        block_bytes, blocks: size of the ring; what it holds is what a busy process
            may be late.

    Attributes:
        linktype: of all packets.
        dropped: brought up to date by `statistics`.

    Raises:
        InterfaceError: there is no such interface, it is not in monitor mode, or the
            process may not listen to it.
    """

    def __init__(
        self, interface: str, *, block_bytes: int = BLOCK_BYTES, blocks: int = BLOCKS
    ) -> None:
        self.interface = interface
        self.dropped = Dropped()
        self._block_bytes, self._blocks = block_bytes, blocks
        self._next = 0
        self._number = 1
        self._socket = _opened(interface)
        try:
            self.linktype = _linktype_of(self._socket, interface)
            self._ring = self._mapped()
            self._listen()
        except BaseException:
            self._socket.close()
            raise
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN | select.POLLERR)

    def fileno(self) -> int:
        """The socket, to wait on beside others; readable when a block is full."""
        return self._socket.fileno()

    def wait(self, timeout_s: float) -> bool:
        """
        Wait for a block, or *timeout_s*; whether there is one.

        Raises:
            InterfaceError: the interface is gone or down.
        """
        if self._is_full():
            return True
        if self._poll.poll(timeout_s * 1000):
            self._check()
        return self._is_full()

    def ready(self) -> Iterator[Packets]:
        """The packets of all full blocks, a block each, none of them empty."""
        # A full round at most, so that a flood cannot keep the caller here.
        for _ in range(self._blocks):
            if not self._is_full():
                return
            packets = self._take()
            if len(packets):
                yield packets

    def statistics(self) -> Dropped:
        """Add what the kernel counted since the last call, and give the totals."""
        raw = self._socket.getsockopt(
            SOL_PACKET, PACKET_STATISTICS, _STATISTICS.size
        )  # the kernel counts from 0 again
        packets, lost, _ = _STATISTICS.unpack(raw)
        self.dropped.packets += packets
        self.dropped.lost += lost
        return self.dropped

    def close(self) -> None:
        """Close the socket and let go of the ring."""
        self._ring.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _mapped(self) -> mmap.mmap:
        frames = self._block_bytes // _FRAME_BYTES * self._blocks
        request = struct.pack(
            "=7I",
            self._block_bytes,
            self._blocks,
            _FRAME_BYTES,
            frames,
            RETIRE_MS,
            0,
            0,
        )
        self._socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        self._socket.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
        self._socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        return mmap.mmap(self._socket.fileno(), self._block_bytes * self._blocks)

    def _listen(self) -> None:
        self._socket.bind((self.interface, ETH_P_ALL))
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._ring.close()
            raise InterfaceError(f"{self.interface} is down: bring it up")

    def _at(self) -> int:
        return self._next * self._block_bytes

    def _is_full(self) -> bool:
        (status,) = _STATUS.unpack_from(self._ring, self._at() + STATUS_AT)
        return bool(status & OF_USER)

    def _take(self) -> Packets:
        at = self._at()
        header = BlockHeader.read(self._ring, at)
        used = min(header.used_bytes, self._block_bytes)
        block = self._ring[at : at + used] + bytes(PAD)
        _STATUS.pack_into(self._ring, at + STATUS_AT, 0)
        self._next = (self._next + 1) % self._blocks
        packets = packets_in(
            block, header, linktype=self.linktype, first_number=self._number
        )
        self._number += len(packets)
        return packets

    def _check(self) -> None:
        """What the socket complains of."""
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code in _GONE:
            raise InterfaceError(
                f"{self.interface} went away or was taken down", lost=True
            )
        if code:
            raise InterfaceError(
                f"{self.interface}: {errno.errorcode.get(code, code)}", lost=True
            )


def _opened(interface: str) -> socket.socket:
    try:
        # Bound to no protocol until the ring is there: nothing is missed or mixed in.
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError:
        raise InterfaceError(
            f"listening to {interface} needs CAP_NET_RAW: run as root, or give the "
            "service that capability"
        ) from None
    try:
        opened.bind((interface, 0))
    except OSError as error:
        opened.close()
        if error.errno in _GONE:
            raise InterfaceError(f"there is no interface {interface}") from None
        raise InterfaceError(f"{interface}: {error.strerror}") from None
    return opened


def _linktype_of(bound: socket.socket, interface: str) -> int:
    kind = bound.getsockname()[3]
    if kind not in LINKTYPES:
        raise InterfaceError(
            f"{interface} is not a monitor interface (its type is {kind}): "
            "`sentinel sensor interfaces` lists what could be one"
        )
    return LINKTYPES[kind]
