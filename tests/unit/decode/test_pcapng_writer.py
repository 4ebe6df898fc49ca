"""Frames written as pcapng."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from tests.support.air import Air, beacon, deauth
from tests.support.run import packets_in

from sentinel_netlab.decode.pcapng_writer import PcapngWriter


def written(comment: str | None = "WD101: why") -> tuple[Air, bytes]:
    air = Air()
    air.send(beacon())
    air.send(deauth(), after_us=1_234_567)
    [frames] = air.frames()
    writer = PcapngWriter()
    parts = [writer.packet_block(frames, row, comment) for row in range(2)]
    return air, b"".join(parts)


@pytest.mark.parametrize("comment", ["WD101: why", None, "ü" * 5000])
def test_packets_come_back(comment):
    """Bytes, times and link type are those of the capture."""
    air, content = written(comment)
    [packets] = packets_in(content)

    assert packets.ts_us.tolist() == [time_us for time_us, _ in air.packets]
    assert packets.linktype.tolist() == [127, 127]
    for row, (_, packet) in enumerate(air.packets):
        start = int(packets.start[row])
        assert packets.raw[start : start + len(packet)].tobytes() == packet


def test_output_is_deterministic():
    """The same frames give the same bytes."""
    assert written()[1] == written()[1]


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_it(tmp_path):
    """Wireshark opens it and shows the comment."""
    path = tmp_path / "evidence.pcapng"
    path.write_bytes(written()[1])
    command = ["tshark", "-r", str(path), "-T", "fields"]
    fields = ["-e", "frame.comment", "-e", "wlan.fc.type_subtype"]
    done = subprocess.run(
        [*command, *fields], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == ["WD101: why\t0x0008", "WD101: why\t0x000c"]
