"""
Hostile bytes: nothing raises, hangs, or makes NumPy warn, whatever the file holds.

Warnings are errors in this suite, so a NumPy warning fails a test like an exception.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from tests.support.formats import compressed_files, small_files
from tests.support.run import Result, decoded, packets_in, packets_of, run
from tests.support.shared import ROOT, SHARED_MARKS, shared_files

from sentinel_netlab.decode.records import NotACapture
from sentinel_netlab.sensor.capture.reader import CaptureError

SHIPPED = sorted((ROOT / "tests").glob("scenarios/*/*/*.pcap.gz"))
NAMES = [f"{path.parent.parent.name}/{path.parent.name}" for path in SHIPPED]
SMALL = small_files()
SHARED_FILES = shared_files()
PCAP_HEADER_BYTES, RECORD_HEADER_BYTES = 24, 16
FLIPS = 12
LONG_BYTES = 64 * 1024

each_shipped = pytest.mark.parametrize("path", SHIPPED, ids=NAMES)
each_small = pytest.mark.parametrize("name", SMALL)


@cache
def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def analysed(data: bytes) -> Result | None:
    """What becomes of *data*; None where it is no capture."""
    try:
        blocks = packets_in(data)
    except NotACapture:
        return None
    result = run(decoded(blocks))
    assert result.broken == {}
    return result


def record_offsets(data: bytes) -> list[int]:
    """Where the records of the little-endian pcap *data* begin, and its end."""
    offsets, at = [], PCAP_HEADER_BYTES
    while at + RECORD_HEADER_BYTES <= len(data):
        offsets.append(at)
        size = int.from_bytes(data[at + 8 : at + 12], "little")
        at += RECORD_HEADER_BYTES + size
    return [*offsets, at]


def flipped(data: bytes, seed: int, changes: int) -> bytes:
    """*data* with random bytes behind the file header replaced."""
    dice, broken = random.Random(seed), bytearray(data)
    for _ in range(changes):
        broken[dice.randrange(PCAP_HEADER_BYTES, len(data))] = dice.randrange(256)
    return bytes(broken)


def frames_read(data: bytes, cuts: Iterable[int]) -> list[int]:
    """How many frames are read of *data* cut at each offset."""
    counts = []
    for cut in cuts:
        result = analysed(data[:cut])
        counts.append(result.counts.frames if result else 0)
    return counts


@each_small
def test_small_file_is_read_whole(name: str) -> None:
    """Each format and link type gives all ten frames, none damaged."""
    result = analysed(SMALL[name])

    assert result is not None
    assert (result.counts.frames, result.counts.malformed) == (10, 0)


@each_small
def test_truncation_at_every_offset(name: str) -> None:
    """A file that ends anywhere gives the frames in front of the end, in order."""
    data = SMALL[name]

    counts = frames_read(data, range(len(data) + 1))

    assert counts == sorted(counts)
    assert counts[-1] == 10


@pytest.mark.parametrize(("name", "data"), compressed_files().items())
def test_truncated_compressed_file(name: str, data: bytes, tmp_path: Path) -> None:
    """A compressed file that ends anywhere is read as far as it goes, or refused."""
    for cut in range(len(data) + 1):
        path = tmp_path / f"cut.{name}"
        path.write_bytes(data[:cut])
        try:
            result = run(path)
        except CaptureError:
            continue
        assert result.broken == {}


@each_small
def test_every_byte_changed(name: str) -> None:
    """Any single byte of a file may be anything."""
    data = SMALL[name]
    dice = random.Random(name)

    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= dice.randrange(1, 256)
        analysed(bytes(broken))


@each_shipped
def test_truncation_around_record_boundaries(path: Path) -> None:
    """A cut ±3 bytes around a record boundary loses that record and no other."""
    data = content(path)
    offsets = record_offsets(data)
    dice = random.Random(path.parent.name)
    chosen = sorted({0, len(offsets) - 1, *dice.sample(range(len(offsets)), 3)})

    for number in chosen:
        cuts = range(offsets[number] - 3, offsets[number] + 4)
        whole = [number - 1 if number else 0] * 3 + [number] * 4
        assert frames_read(data, cuts) == whole


@each_shipped
@pytest.mark.parametrize("rate", [0.0005, 0.01])
def test_random_bytes_changed(path: Path, rate: float) -> None:
    """A scenario with random bytes replaced breaks no detector."""
    data = content(path)
    for seed in range(3):
        analysed(flipped(data, seed, max(1, round(len(data) * rate))))


@each_shipped
def test_random_bytes_changed_inside_frames(path: Path) -> None:
    """The same with sound records, so that all of the damage reaches the decoder."""
    data = content(path)
    offsets = record_offsets(data)
    dice, broken = random.Random(7), bytearray(data)
    for start, end in pairwise(offsets):
        for _ in range(dice.randrange(4)):
            at = dice.randrange(start + RECORD_HEADER_BYTES, end)
            broken[at] = dice.randrange(256)

    result = analysed(bytes(broken))

    assert result is not None
    assert result.counts.frames == len(offsets) - 1


@pytest.mark.long
@each_shipped
def test_truncation_at_all_record_boundaries(path: Path) -> None:
    """Every record boundary ±3 bytes."""
    data = content(path)
    offsets = record_offsets(data)

    cuts = [offset + shift for offset in offsets for shift in range(-3, 4)]
    counts = frames_read(data, cuts)

    assert counts == sorted(counts)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_truncation_at_all_offsets_of_64_kib() -> None:
    """Every offset of the first 64 KiB of a scenario."""
    data = content(SHIPPED[0])[:LONG_BYTES]

    counts = frames_read(data, range(len(data) + 1))

    assert counts == sorted(counts)


class TestSharedFiles:
    """Files that others broke on purpose, and their neighbours."""

    pytestmark = SHARED_MARKS

    @pytest.mark.parametrize(
        "path", SHARED_FILES, ids=[f"{p.parent.name}/{p.name}" for p in SHARED_FILES]
    )
    def test_any_file_gives_frames_or_one_clear_error(self, path: Path) -> None:
        """Captures are read, everything else is refused in one line."""
        try:
            blocks = packets_of(path)
        except CaptureError as error:
            refused = str(error)
        else:
            result = run(decoded(blocks))
            assert result.broken == {}
            refused = "" if result.counts.frames else "nothing was read"

        assert "\n" not in refused
        assert refused != "nothing was read"
