"""
Read a capture file as packets, block by block, in memory that does not grow.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.decode.records import NotACapture, Records, open_records
from sentinel_netlab.sensor.capture.compression import (
    DECOMPRESSION_ERRORS,
    Source,
    decompressed,
)
from sentinel_netlab.sensor.capture.files import STANDARD_INPUT

CHUNK_BYTES = 8 << 20
BLOCK_FRAMES = 65_536
"""Packets in a block of a file: nobody waits for them, and the fixed cost is less."""
HEAD_BYTES = 24

_LARGEST_PIECE_BYTES = (32 << 20) - (64 << 10)

ReadInto = Callable[[memoryview], int | None]


class CaptureError(Exception):
    """A file that cannot be read as a capture; the text is one clear line."""


class CaptureReader:
    """
    One capture file, or standard input for ``-``.

    Args:
        block_frames: packets in a block at most.

    Attributes:
        warnings: what is wrong with the file, one sentence each with a byte offset;
            grows while blocks are read.
        size_bytes: size of the file on disk, None where it has none.
        read_bytes: bytes read of the file on disk.

    Raises:
        CaptureError: the file cannot be opened.
    """

    def __init__(self, path: str, *, block_frames: int = BLOCK_FRAMES) -> None:
        self.path = path
        self.warnings: list[str] = []
        self.size_bytes: int | None = None
        self._block_frames = block_frames
        self._stream = self._opened()
        self._produced_bytes = 0
        self._broken = False

    @property
    def read_bytes(self) -> int:
        """Bytes read so far of the file as it lies on disk."""
        return self._stream.tell() if self.size_bytes is not None else 0

    def blocks(self) -> Iterator[Packets]:
        """
        The packets of the file, in order.

        Raises:
            CaptureError: the file is no capture, or cannot be read at all.
        """
        try:
            read_into = _reader_into(decompressed(self._stream))
        except OSError as error:
            raise self._unreadable(error) from None
        place = memoryview(bytearray(HEAD_BYTES))
        head = bytes(place[: self._read(read_into, place)])
        try:
            records = open_records(head, self._block_frames)
        except NotACapture as error:
            told = self.warnings and not head
            why = self.warnings[0] if told else f"{self.path}: {error}"
            raise CaptureError(why) from None
        yield from self._walk(read_into, records, head)
        self.warnings += [f"{self.path}: {damage}" for damage in records.damage]

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self.path != STANDARD_INPUT:
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _walk(
        self, read_into: ReadInto, records: Records, head: bytes
    ) -> Iterator[Packets]:
        _keep_freed_memory()
        yield from records.feed(head)
        while count := self._read(read_into, records.room(CHUNK_BYTES)):
            yield from records.filled(count)
        yield from records.filled(0, last=True)

    def _read(self, read_into: ReadInto, place: memoryview) -> int:
        """Fill *place*, or what there is before the end or damage; how many bytes."""
        found, broken = 0, ""
        while found < len(place) and not self._broken and not broken:
            try:
                count = read_into(place[found:])
            except DECOMPRESSION_ERRORS as error:
                broken = f"the compressed data is damaged: {error}"
            except OSError as error:
                broken = f"cannot be read further: {error}"
            else:
                if not count:
                    break
                found += count
        self._produced_bytes += found
        if broken:
            self._broken = True
            text = f"{self.path}: {broken} (byte {self._produced_bytes})"
            self.warnings.append(text)
        return found

    def _opened(self) -> IO[bytes]:
        if self.path == STANDARD_INPUT:
            return sys.stdin.buffer
        try:
            stream = Path(self.path).open("rb", buffering=0)  # noqa: SIM115  # see `close`
            found = os.fstat(stream.fileno())
        except OSError as error:
            raise self._unreadable(error) from None
        # A FIFO or a device has no size and no position.
        self.size_bytes = found.st_size if stat.S_ISREG(found.st_mode) else None
        return stream

    def _unreadable(self, error: OSError) -> CaptureError:
        return CaptureError(f"{self.path}: {error.strerror or error}")


def _reader_into(source: Source) -> ReadInto:
    """What reads from *source* into a place; gives how many bytes, 0 at the end."""
    if isinstance(source, io.RawIOBase):
        return source.readinto
    # `read1` gives what damaged compressed data holds before it fails.
    read = getattr(source, "read1", source.read)

    def read_into(place: memoryview) -> int:
        part = read(len(place))
        place[: len(part)] = part
        return len(part)

    return read_into


def _keep_freed_memory() -> None:
    """
    Let the C library keep what we free, for the next block.

    From which size on glibc gives memory back to the kernel follows the largest piece
    freed so far, up to 32 MiB; to get it again, page by page, was a tenth of decoding.
    """
    np.empty(_LARGEST_PIECE_BYTES, np.uint8)
