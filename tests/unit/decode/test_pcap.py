"""pcap files and their variants."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.parse import parsed

from sentinel_netlab.decode.pcap import layout_of
from sentinel_netlab.decode.records import MOST_PACKET_BYTES, NotACapture, open_records

MICROSECONDS, NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D
KUZNETZOV, IXIA_HARDWARE, IXIA_SOFTWARE = 0xA1B2CD34, 0x1C0001AC, 0x1C0001AB
PACKETS = [b"first", b"", b"the third one"]


def header(
    order: str = "<",
    magic: int = MICROSECONDS,
    *,
    version: tuple[int, int] = (2, 4),
    snaplen: int = 65535,
    linktype: int = 105,
) -> bytes:
    return struct.pack(f"{order}IHHiIII", magic, *version, 0, 0, snaplen, linktype)


def record(
    packet: bytes,
    order: str = "<",
    *,
    fraction: int = 7,
    size: int | None = None,
    original: int | None = None,
    extra: bytes = b"",
) -> bytes:
    size = len(packet) if size is None else size
    said = size if original is None else original
    return struct.pack(f"{order}IIII", 1000, fraction, size, said) + extra + packet


def capture(order: str = "<", magic: int = MICROSECONDS) -> bytes:
    """`PACKETS` in the variant that *magic* says."""
    extra = bytes(8 if magic == KUZNETZOV else 0)
    behind = bytes(4 if magic in {IXIA_HARDWARE, IXIA_SOFTWARE} else 0)
    records = [record(one, order, extra=extra) for one in PACKETS]
    return header(order, magic) + behind + b"".join(records)


@pytest.mark.parametrize("order", "<>")
def test_byte_order_is_told_by_the_magic_number(order):
    """Packets, times, numbers and link type are the same in either order."""
    found = parsed(capture(order))

    assert found.packets == PACKETS
    assert found.ts_us == [1_000_000_007] * 3
    assert found.number == [1, 2, 3]
    assert found.linktype == [105] * 3
    assert found.damage == []


@pytest.mark.parametrize("order", "<>")
def test_nanoseconds_are_rounded_down(order):
    """1999 ns are 1 µs."""
    content = header(order, NANOSECONDS) + record(b"x", order, fraction=1999)

    assert parsed(content).ts_us == [1_000_000_001]


@pytest.mark.parametrize("order", "<>")
def test_kuznetzov_records_are_eight_bytes_longer(order):
    """Interface, protocol and packet type behind the lengths are skipped."""
    records = [record(one, order, extra=b"\xff" * 8) for one in PACKETS]
    found = parsed(header(order, KUZNETZOV) + b"".join(records))

    assert found.packets == PACKETS
    assert found.damage == []


@pytest.mark.parametrize("magic", [IXIA_HARDWARE, IXIA_SOFTWARE])
def test_ixia_header_is_four_bytes_longer(magic):
    """The file's length behind the header is skipped; times are µs, as in Wireshark."""
    content = header(magic=magic) + bytes(4) + record(b"ixia", fraction=5000)
    found = parsed(content)

    assert found.packets == [b"ixia"]
    assert found.ts_us == [1_000_005_000]


@pytest.mark.parametrize("version", [(2, 0), (2, 2), (543, 0)])
def test_lengths_of_old_versions_are_exchanged(version):
    """Before version 2.3, and in DG/UX, the original length came first."""
    content = header(version=version) + record(b"old", size=90, original=3) * 2
    found = parsed(content)

    assert found.packets == [b"old", b"old"]
    assert found.wire_length == [90, 90]


@pytest.mark.parametrize("lengths", [(3, 90), (90, 3)])
def test_captured_length_of_version_2_3_is_the_smaller(lengths):
    """Writers of that version had the two lengths in either order."""
    size, original = lengths
    content = header(version=(2, 3)) + record(b"old", size=size, original=original)

    assert parsed(content).packets == [b"old"]


def test_original_length_is_kept():
    """A packet that was cut while captured says how long it was."""
    found = parsed(header() + record(b"cut", original=1500))

    assert (found.packets, found.wire_length) == ([b"cut"], [1500])


def test_original_length_is_at_least_the_captured_one():
    """A record that says the packet was shorter than captured is not believed."""
    assert parsed(header() + record(b"whole", original=2)).wire_length == [5]


def test_record_longer_than_snaplen_is_whole():
    """Snaplen is often wrong, so it cuts nothing."""
    found = parsed(header(snaplen=2) + record(b"longer"))

    assert (found.packets, found.damage) == ([b"longer"], [])


@pytest.mark.parametrize(
    ("word", "fcs_bytes"), [(105, 0), (0x24000000 | 105, 4), (0x20000000 | 105, 0)]
)
def test_fcs_length_is_above_the_link_type(word, fcs_bytes):
    """The highest four bits count 16-bit words, if bit 26 says that they are set."""
    found = parsed(header(linktype=word) + record(b"frame"))

    assert (found.linktype, found.fcs_bytes) == ([105], [fcs_bytes])


def test_times_behind_2038_are_unsigned():
    """Seconds go on to the year 2106."""
    content = header() + struct.pack("<IIII", 0xFFFFFFFF, 1, 0, 0)

    assert parsed(content).ts_us == [0xFFFFFFFF * 1_000_000 + 1]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("size", [MOST_PACKET_BYTES + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_impossible_record_ends_the_walk(order, size):
    """What lies before it is kept; the damage names the record's offset."""
    good = header(order) + record(b"kept", order)
    found = parsed(good + record(b"bad", order, size=size) + record(b"lost", order))

    assert found.packets == [b"kept"]
    what = f"a record of {size} bytes is impossible"
    assert found.damage == [f"{what} (byte {len(good)})"]


def test_longest_record_is_read():
    """A packet of the most bytes that are believed is no damage."""
    found = parsed(header() + record(bytes(MOST_PACKET_BYTES)) + record(b"next"))

    assert [len(packet) for packet in found.packets] == [MOST_PACKET_BYTES, 4]


@pytest.mark.parametrize("lost", [1, 5, 20])
def test_truncated_record_is_damage_at_its_offset(lost):
    """A file that ends inside a record or its header gives the ones before."""
    good = header() + record(b"kept")
    content = good + record(b"truncated")
    found = parsed(content[:-lost])

    assert found.packets == [b"kept"]
    assert found.damage == [f"the file ends inside a record (byte {len(good)})"]


def test_truncated_header_is_damage():
    """A file with a magic number and little else has no packets."""
    assert parsed(header()[:23]).damage == ["the file ends inside its header (byte 0)"]


def test_header_alone_is_an_empty_capture():
    """No packet is no damage."""
    found = parsed(header())

    assert (found.packets, found.damage) == ([], [])


@pytest.mark.parametrize("order", "<>")
def test_version_1_is_refused(order):
    """The records of version 1 were others."""
    with pytest.raises(NotACapture, match=r"pcap version 1\.9 is not supported"):
        layout_of(header(order, version=(1, 9)))


@pytest.mark.parametrize("head", [b"", b"\xd4\xc3\xb2", b"\xd4\xc3\xb2\xa2", b"text"])
def test_other_bytes_have_no_layout(head):
    """They may be of another format."""
    assert layout_of(head) is None


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([MICROSECONDS, NANOSECONDS, KUZNETZOV, IXIA_SOFTWARE]),
    st.lists(st.integers(1, 120), max_size=12),
    st.integers(1, 4),
)
def test_cuts_change_nothing(magic, cuts, block_frames):
    """Whatever pieces a file comes in, and whatever its variant."""
    content = capture(magic=magic) + b"junk"
    found = parsed(content, cuts, block_frames)

    assert found.packets == PACKETS
    assert found == parsed(content)


def test_announced_length_is_not_allocated():
    """A long record that never comes costs the bytes that came."""
    records = open_records(header())
    content = header() + record(b"", size=MOST_PACKET_BYTES)
    blocks = list(records.feed(content))
    for _ in range(5):
        blocks += list(records.feed(b"some"))

    assert blocks == []
    assert records.offset == len(header())


def test_nothing_is_held_behind_damage():
    """Bytes behind the place where the walk stopped are dropped, however many."""
    content = header() + record(b"", size=MOST_PACKET_BYTES + 1)
    records = open_records(content)
    list(records.feed(content))
    for _ in range(3):
        assert list(records.feed(bytes(1 << 16))) == []

    assert len(records.damage) == 1
    assert records.offset == len(header())
