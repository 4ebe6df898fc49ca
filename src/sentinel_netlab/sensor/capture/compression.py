"""
Decompress while reading; the format is told by magic bytes, not by the file's name.
"""

from __future__ import annotations

import gzip
import io
import lzma
import sys
import zlib
from typing import IO, Any, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP, XZ, ZSTD = b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
SKIPPABLE = tuple(bytes((0x50 + user,)) + b"\x2a\x4d\x18" for user in range(16))
"""Frames of other content that may stand in front of zstd's (RFC 8878, 3.1.2)."""
PACKED = (GZIP, XZ, ZSTD, *SKIPPABLE)
MAGIC_BYTES = 6
MOST_XZ_BYTES = 256 << 20
"""Memory for one xz stream; `xz -9` takes 65 MiB, a hostile file asks for 4 GiB."""

_CHUNK_BYTES, _STEP_BYTES = 1 << 16, 1 << 13

DECOMPRESSION_ERRORS: tuple[type[Exception], ...] = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zstd.ZstdError,
    gzip.BadGzipFile,
)
"""What reading damaged compressed data raises."""


class Source(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most *size* bytes; empty at the end."""


class _Prefixed(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self._head:
            part, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            part = self._stream.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


class _Xz:
    """
    The streams of an xz file, one behind the other, with padding of zeros.

    `lzma.LZMAFile` drops without a word what stands behind padding.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder: lzma.LZMADecompressor | None = None
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """At most *size* bytes of content; raises `DECOMPRESSION_ERRORS`."""
        # What a step has found is lost where it meets damage, so steps are short.
        most = size if 0 <= size < _STEP_BYTES else _STEP_BYTES
        while most:
            decoder = self._decoder
            if decoder is None:
                decoder = self._decoder = self._next_stream()
            if decoder is None:
                return b""
            found = decoder.decompress(self._input(decoder), most)
            if decoder.eof:
                self._rest, self._decoder = decoder.unused_data, None
            if found:
                return found
        return b""

    def _next_stream(self) -> lzma.LZMADecompressor | None:
        """The decoder of the next stream; None at the end of the file."""
        while not (rest := self._rest.lstrip(b"\0")):
            self._rest = self._stream.read(_CHUNK_BYTES)
            if not self._rest:
                return None
        self._rest = rest
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, MOST_XZ_BYTES)

    def _input(self, decoder: lzma.LZMADecompressor) -> bytes:
        if not decoder.needs_input:
            return b""
        chunk, self._rest = self._rest or self._stream.read(_CHUNK_BYTES), b""
        if not chunk:
            msg = "the file ends inside a compressed stream"
            raise EOFError(msg)
        return chunk


def decompressed(stream: IO[bytes]) -> Source:
    """A stream of what *stream* holds: itself, or its gzip, xz or zstd content."""
    head = b""
    while len(head) < MAGIC_BYTES:
        part = stream.read(MAGIC_BYTES - len(head))
        if not part:
            break
        head += part
    if not head.startswith(PACKED) and stream.seekable():
        stream.seek(0)  # read on without a copy in between
        return stream
    whole = io.BufferedReader(_Prefixed(head, stream), 1 << 16)
    if head.startswith(GZIP):
        return gzip.GzipFile(fileobj=whole, mode="rb")
    if head.startswith(XZ):
        return _Xz(whole)
    if head.startswith((ZSTD, *SKIPPABLE)):
        options = {int(zstd.DecompressionParameter.window_log_max): 27}
        return zstd.ZstdFile(whole, options=options)
    return whole
