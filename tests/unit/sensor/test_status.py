"""What `sentinel sensor status` reads."""

from __future__ import annotations

import msgspec
import pytest

from sentinel_netlab.core.wire import Health
from sentinel_netlab.sensor.status import (
    FILE,
    STALE_S,
    Status,
    is_running,
    read,
    rows,
    write,
)

NOW_US = 1_000_000_000
STATUS = Status(
    at_us=NOW_US,
    sensor_id="roof",
    controller="https://wids.example",
    pid=7,
    uplink="stopped",
    uplink_why="403 sensor_disabled",
    sent=3,
    aside=1,
    waiting=5,
    heartbeat="",
    problem="",
    health=Health(interface="wlan0", interface_state="listening", clock_offset_s=-0.5),
)


def test_status_comes_back(tmp_path):
    """Whole, and nothing else is left in the folder."""
    write(tmp_path, STATUS)

    assert read(tmp_path) == STATUS
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_no_status(tmp_path, content):
    """Nobody ran there, or the file is damaged."""
    if content is not None:
        (tmp_path / FILE).write_bytes(content)

    assert read(tmp_path) is None


@pytest.mark.parametrize(
    ("later_s", "running"), [(0, True), (STALE_S - 1, True), (STALE_S + 1, False)]
)
def test_silent_agent_does_not_run(later_s, running):
    """A running agent writes every two seconds."""
    assert is_running(STATUS, NOW_US + int(later_s * 1e6)) is running


def test_lines_say_what_matters():
    """The uplink's reason, the spool, the clock."""
    lines = dict(rows(STATUS, NOW_US))

    assert lines["uplink"] == "stopped 403 sensor_disabled"
    assert lines["batches"] == "3 sent, 5 waiting, 1 set aside"
    assert lines["clock"] == "-0.500 s to the controller"
    assert lines["interface"] == "wlan0 listening"


def test_clock_that_nobody_compared():
    """Before the first heartbeat was answered."""
    unknown = msgspec.structs.replace(STATUS, health=Health())

    assert dict(rows(unknown, NOW_US))["clock"] == "unknown"
