"""Reading captures."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import random
import re
import sys
import threading

import pytest
from tests.support.air import Air, beacon

from sentinel_netlab.sensor.capture.reader import CaptureError, CaptureReader

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKERS = {"gzip": gzip.compress, "xz": lzma.compress, "zstd": zstd.compress}
each_packer = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


def capture(frames: int = 10) -> bytes:
    air = Air()
    for number in range(frames):
        air.send(beacon(sequence=number), after_us=1000)
    return air.pcap()


def read(path, content: bytes, **options) -> tuple[list[int], list[str]]:
    """Packets of each block, and warnings."""
    path.write_bytes(content)
    with CaptureReader(str(path), **options) as reader:
        blocks = [len(packets) for packets in reader.blocks()]
        return blocks, reader.warnings


def test_blocks_have_the_size_that_is_asked(tmp_path):
    """The last one may be smaller."""
    blocks, warnings = read(tmp_path / "a.pcap", capture(), block_frames=4)

    assert blocks == [4, 4, 2]
    assert warnings == []


def test_compressed_capture_is_read(tmp_path):
    """By its content, whatever its name."""
    blocks, _ = read(tmp_path / "a.pcap", gzip.compress(capture()))

    assert sum(blocks) == 10


def test_truncation_is_a_warning_with_an_offset(tmp_path):
    """What can be read is read."""
    content = capture()
    blocks, [warning] = read(tmp_path / "a.pcap", content[:-5])
    last = len(content) - (len(content) - 24) // 10

    assert sum(blocks) == 9
    assert f"byte {last}" in warning


def test_damaged_compression_is_a_warning(tmp_path):
    """A gzip file that ends early gives what was in it."""
    packed = gzip.compress(capture(2000))
    blocks, warnings = read(tmp_path / "a.pcap.gz", packed[: len(packed) // 2])

    assert sum(blocks) > 0
    assert "byte" in warnings[0]


@pytest.mark.parametrize("content", [b"", b"hello, world"])
def test_no_capture_is_an_error(tmp_path, content):
    """One clear line."""
    with pytest.raises(CaptureError, match=r"a\.pcap: "):
        read(tmp_path / "a.pcap", content)


def test_missing_file_is_an_error(tmp_path):
    """The path and the reason are named."""
    with pytest.raises(CaptureError, match="No such file"):
        CaptureReader(str(tmp_path / "nowhere.pcap"))


def test_folder_is_an_error(tmp_path):
    """A folder is no file."""
    with pytest.raises(CaptureError, match="directory"):
        CaptureReader(str(tmp_path))


def noisy_capture(frames: int = 12_000) -> bytes:
    """A capture that does not get much smaller."""
    air, dice = Air(), random.Random(1)
    for number in range(frames):
        air.send(beacon(ssid=dice.randbytes(30), sequence=number), after_us=1000)
    return air.pcap()


def offset_in(warning: str) -> int:
    found = re.search(r"\(byte (\d+)\)$", warning)
    assert found
    return int(found[1])


@each_packer
def test_damage_in_the_middle_keeps_what_was_before(tmp_path, pack):
    """Packets in front of it are read; the warning names a byte of the content."""
    content = noisy_capture()
    packed = bytearray(pack(content))
    middle = len(packed) // 2
    packed[middle : middle + 40] = bytes(40)
    blocks, warnings = read(tmp_path / "a", bytes(packed))

    assert 12_000 // 4 < sum(blocks) < 12_000
    assert "the compressed data is damaged" in warnings[0]
    assert offset_in(warnings[0]) > len(content) // 4


@each_packer
def test_truncated_compression_keeps_what_was_before(tmp_path, pack):
    """Nearly all of what the bytes that are there hold."""
    content = noisy_capture()
    packed = pack(content)
    blocks, warnings = read(tmp_path / "a", packed[: len(packed) // 2])

    assert 12_000 // 3 < sum(blocks) < 12_000
    assert len(content) // 3 < offset_in(warnings[0]) < len(content)


@each_packer
def test_garbage_behind_compressed_data_is_a_warning(tmp_path, pack):
    """All packets are read; the warning names the end of the content."""
    content = capture()
    blocks, [warning] = read(tmp_path / "a", pack(content) + b"garbage behind it")

    assert sum(blocks) == 10
    assert offset_in(warning) == len(content)


@each_packer
def test_concatenated_parts_are_one_capture(tmp_path, pack):
    """As `cat` of the pieces of a capture makes it."""
    content = capture()
    packed = pack(content[:200]) + pack(content[200:])

    assert read(tmp_path / "a", packed) == ([10], [])


@each_packer
@pytest.mark.parametrize("size", [7, 12])
def test_compressed_beginning_is_one_clear_error(tmp_path, pack, size):
    """The path stands once in front of the reason."""
    with pytest.raises(CaptureError) as caught:
        read(tmp_path / "a.pcap", pack(capture())[:size])

    assert str(caught.value).count("a.pcap") == 1
    assert "compressed" in str(caught.value)


def test_few_zeros_behind_a_capture_are_damage(tmp_path):
    """Its packets are read; half a record header is none."""
    blocks, warnings = read(tmp_path / "a", capture() + bytes(10))

    assert sum(blocks) == 10
    assert offset_in(warnings[0]) == len(capture())


def test_size_and_position_of_a_file(tmp_path):
    """For progress: of the file as it lies on disk."""
    packed = gzip.compress(capture())
    path = tmp_path / "a"
    path.write_bytes(packed)
    with CaptureReader(str(path)) as reader:
        list(reader.blocks())

        assert (reader.size_bytes, reader.read_bytes) == (len(packed), len(packed))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_fifo_is_read(tmp_path, pack):
    """A named pipe has no size and no position."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(pack(capture()),))
    writer.start()
    with CaptureReader(str(path)) as reader:
        blocks = [len(packets) for packets in reader.blocks()]
        position = reader.size_bytes, reader.read_bytes
    writer.join()

    assert (blocks, reader.warnings) == ([10], [])
    assert position == (None, 0)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_standard_input_is_read_and_stays_open(monkeypatch, pack):
    """It is called ``-``."""
    source = io.BufferedReader(io.BytesIO(pack(capture())))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(source))
    with CaptureReader("-") as reader:
        blocks = [len(packets) for packets in reader.blocks()]

    assert (blocks, reader.warnings) == ([10], [])
    assert (reader.size_bytes, source.closed) == (None, False)
