"""
Time stamps, lengths and numbers of odd capture files equal those of tshark.
"""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest
from tests.support.air import START_US, beacon
from tests.support.blocks import Blocks
from tests.support.parse import parsed
from tests.support.tshark import TSHARK

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(TSHARK is None, reason="needs tshark"),
]

PACKET = beacon()
SIZE = len(PACKET)
START_S = START_US // 1_000_000
IXIA_BYTES = bytes(4)
"""IXIA's length of all records, which nobody needs."""
LITTLE, BIG = Blocks("<"), Blocks(">")


def pcap(
    order: str, magic: int, behind: bytes, extra: bytes, times: list[int]
) -> bytes:
    head = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, 105)
    records = [
        struct.pack(f"{order}IIII", START_S, time, SIZE, SIZE + 9) + extra + PACKET
        for time in times
    ]
    return head + behind + b"".join(records)


def clocks(some: Blocks, *clocks: tuple[int, int, int]) -> bytes:
    """A section with an interface for each (resolution, offset in s, ticks)."""
    interfaces = [
        some.interface(options=some.clock(resolution, offset_s))
        for resolution, offset_s, _ in clocks
    ]
    packets = [
        some.enhanced(PACKET, ticks, interface=number, original=SIZE + number)
        for number, (_, _, ticks) in enumerate(clocks)
    ]
    return some.section() + b"".join(interfaces + packets)


FILES = {
    "pcap_ns_big_endian": pcap(">", 0xA1B23C4D, b"", b"", [1999, 999_999_999]),
    "pcap_kuznetzov": pcap("<", 0xA1B2CD34, b"", bytes(8), [1, 999_999]),
    "pcap_ixia_hardware": pcap("<", 0x1C0001AC, IXIA_BYTES, b"", [1, 999_999]),
    "pcap_ixia_software": pcap(">", 0x1C0001AB, IXIA_BYTES, b"", [1, 999_999]),
    "pcapng_decimal": clocks(
        LITTLE,
        (9, 0, START_US * 1000 + 1999),
        (6, 0, START_US),
        (3, 5, START_US // 1000),
        (0, -5, START_S),
        (7, 0, START_US * 10 + 19),
    ),
    "pcapng_binary": clocks(
        BIG, (0x94, 0, (START_S << 20) + 77_777), (0x8A, -3600, (START_S << 10) + 513)
    ),
    "pcapng_two_sections": clocks(LITTLE, (9, 0, START_US * 1000))
    + clocks(BIG, (6, 1, START_US)),
    "pcapng_obsolete_and_others": BIG.section()
    + BIG.interface(options=BIG.clock(9))
    + BIG.obsolete(PACKET, START_US * 1000 + 1999)
    + BIG.block(5, bytes(12))
    + BIG.obsolete(PACKET, START_US * 1000 + 2000),
}


def of_tshark(path: Path) -> list[list[int]]:
    """Number, µs, captured and original length of each packet."""
    names = ("number", "time_epoch", "cap_len", "len")
    fields = [part for name in names for part in ("-e", f"frame.{name}")]
    done = subprocess.run(
        ["tshark", "-r", str(path), "-T", "fields", *fields],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [[int(n), _us(time), int(cap), int(size)] for n, time, cap, size in rows]


def _us(text: str) -> int:
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6])


@pytest.mark.parametrize("name", FILES)
def test_records_equal_those_of_tshark(name: str, tmp_path: Path) -> None:
    """Numbers, time stamps and both lengths of each packet."""
    path = tmp_path / name
    path.write_bytes(FILES[name])
    ours = parsed(FILES[name])
    lengths = [len(packet) for packet in ours.packets]

    assert [
        list(row)
        for row in zip(ours.number, ours.ts_us, lengths, ours.wire_length, strict=True)
    ] == of_tshark(path)
    assert ours.damage == []
