"""`sentinel networks` as a user runs it."""

from __future__ import annotations

import json

import pytest
from tests.support.air import Air, beacon, data
from tests.unit.cli.test_analyze import sentinel


@pytest.fixture
def capture(tmp_path):
    """A network with a station and a hidden one."""
    air = Air()
    air.send(beacon())
    air.send(data(b"x"))
    air.send(beacon(bssid=0x020000000002, ssid=b""))
    path = tmp_path / "net.pcap"
    path.write_bytes(air.pcap())
    return path


def test_table_names_networks(capture):
    """BSSID, name, security; a hidden one says so."""
    done = sentinel("networks", str(capture))

    assert done.returncode == 0
    assert "02:00:00:00:00:01  net" in done.stdout
    assert "WPA2-PSK-CCMP" in done.stdout
    assert "<hidden>" in done.stdout


def test_jsonl_lists_stations(capture):
    """One object per network, its stations inside."""
    done = sentinel("networks", str(capture), "--format", "jsonl")
    first, second = (json.loads(line) for line in done.stdout.splitlines())

    assert first["ssid"] == "net"
    assert [one["station"] for one in first["stations"]] == ["02:00:00:00:00:0a"]
    assert second["hidden"]


@pytest.mark.parametrize("ssid", [b"\x1b[31mred", b"\xff\xfe", "\u202egnirts".encode()])
def test_names_cannot_talk_to_the_terminal(tmp_path, ssid):
    """Control, bidirectional and broken characters are escaped."""
    air = Air()
    air.send(beacon(ssid=ssid))
    path = tmp_path / "evil.pcap"
    path.write_bytes(air.pcap())
    shown = sentinel("networks", str(path)).stdout

    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown
    assert "\\x" in shown


def test_unusable_input_makes_status_2(tmp_path):
    """As for analyze."""
    done = sentinel("networks", str(tmp_path))

    assert done.returncode == 2
    assert "no capture files" in done.stderr
