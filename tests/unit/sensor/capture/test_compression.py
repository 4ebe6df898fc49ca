"""Compressed captures."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import sys
import zlib

import pytest

from sentinel_netlab.sensor.capture.compression import (
    DECOMPRESSION_ERRORS,
    MOST_XZ_BYTES,
    decompressed,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CONTENT = bytes(range(256)) * 5000
FRONT, BACK = CONTENT[:99_999], CONTENT[99_999:]
SKIPPABLE = struct.pack("<II", 0x184D2A5F, 7) + b"skipped"


class Pipe(io.BytesIO):
    """Bytes that come once, as from a pipe."""

    def seekable(self) -> bool:
        return False


def content(packed: bytes) -> bytes:
    source = decompressed(io.BytesIO(packed))
    return b"".join(iter(lambda: source.read(1000), b""))


@pytest.mark.parametrize(
    "packed",
    [CONTENT, gzip.compress(CONTENT), lzma.compress(CONTENT), zstd.compress(CONTENT)],
    ids=["plain", "gzip", "xz", "zstd"],
)
@pytest.mark.parametrize("kind", [io.BytesIO, Pipe])
def test_content_is_told_by_magic(packed, kind):
    """Whatever the file is called, and also from a pipe."""
    source = decompressed(kind(packed))

    assert b"".join(iter(lambda: source.read(1000), b"")) == CONTENT


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstd.compress])
def test_concatenation_is_read_whole(pack):
    """Several members, streams or frames are one file."""
    assert content(pack(FRONT) + pack(BACK)) == CONTENT


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("padding", [4, 512, 70_000])
def test_zero_padding_is_skipped(pack, padding):
    """Between parts and behind them, as tapes and xz have it."""
    zeros = bytes(padding)

    assert content(pack(FRONT) + zeros + pack(BACK) + zeros) == CONTENT


@pytest.mark.parametrize("place", range(3))
def test_skippable_frames_of_zstd_are_skipped(place):
    """In front, in between and behind."""
    parts = [zstd.compress(FRONT), zstd.compress(BACK)]
    parts.insert(place, SKIPPABLE)

    assert content(b"".join(parts)) == CONTENT


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstd.compress])
@pytest.mark.parametrize("garbage", [b"xyz", b"garbage " * 10])
def test_garbage_behind_is_an_error_after_the_content(pack, garbage):
    """It is not dropped without a word."""
    source = decompressed(io.BytesIO(pack(CONTENT) + garbage))
    read = getattr(source, "read1", source.read)
    found: list[bytes] = []
    with pytest.raises(DECOMPRESSION_ERRORS):
        found.extend(iter(lambda: read(5000), b""))

    assert b"".join(found) == CONTENT


def test_xz_memory_is_bounded():
    """A stream that wants a dictionary of 1.5 GiB is refused."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 16}]
    packed = bytearray(lzma.compress(b"small", filters=filters))
    # Block header: size, flags, filter, size of its properties, dictionary; CRC.
    packed[16] = 39
    packed[20:24] = struct.pack("<I", zlib.crc32(packed[12:20]))

    assert MOST_XZ_BYTES < 3 << 29
    with pytest.raises(lzma.LZMAError, match=r"[Mm]emory"):
        content(bytes(packed))


def test_reading_nothing_gives_nothing():
    """Also from xz."""
    assert decompressed(io.BytesIO(lzma.compress(CONTENT))).read(0) == b""


@pytest.mark.parametrize("short", [b"", b"x", b"\x1f"])
def test_short_files_are_plain(short):
    """Fewer bytes than a magic number are given as they are."""
    assert decompressed(io.BytesIO(short)).read(100) == short
