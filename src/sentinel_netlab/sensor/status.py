"""
What `sentinel sensor status` shows: a file that the agent keeps up to date.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from sentinel_netlab.core.wire import Health

FILE = "status.json"
PERIOD_S = 2.0
STALE_S = 15.0


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """
    How the agent is.

    Attributes:
        at_us: the sensor's clock when this was written; a running agent writes it
            every two seconds.
        uplink, uplink_why: as `uplink.Link` has them.
        sent, aside: batches since the start, taken and refused.
        waiting: batches in the spool.
        heartbeat: "" or why the last one was not answered.
        problem: why the wanted configuration was not taken, the spool did not take a
            batch, or detectors are left out; "" if all is well.
    """

    at_us: int
    sensor_id: str
    controller: str
    pid: int
    uplink: str
    uplink_why: str
    sent: int
    aside: int
    waiting: int
    heartbeat: str
    problem: str
    health: Health


def write(folder: Path, status: Status) -> None:
    """
    Put *status* into *folder*, whole.

    Raises:
        OSError: it could not be written.
    """
    new = folder / f"{FILE}.new"
    new.write_bytes(msgspec.json.encode(status))
    new.replace(folder / FILE)


def read(folder: Path) -> Status | None:
    """The status in *folder*; None: no agent ever ran there, or it is damaged."""
    try:
        content = (folder / FILE).read_bytes()
        return msgspec.json.decode(content, type=Status)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def is_running(status: Status, now_us: int) -> bool:
    """Whether the agent that wrote *status* still does."""
    return abs(now_us - status.at_us) <= STALE_S * 1e6


def rows(status: Status, now_us: int) -> list[tuple[str, str]]:
    """*status* as lines for people."""
    health = status.health
    batches = f"{status.sent} sent, {status.waiting} waiting, {status.aside} set aside"
    lost = f"{health.lost_observations} observations, {health.lost_alerts} alerts"
    dropped = f"{health.dropped_frames} of {health.frames} frames since the last batch"
    clock = "unknown"
    if health.clock_offset_s is not None:
        clock = f"{health.clock_offset_s:+.3f} s to the controller"
    return [
        ("agent", "running" if is_running(status, now_us) else "not running"),
        ("sensor", f"{status.sensor_id} at {status.controller}"),
        ("interface", f"{health.interface} {health.interface_state}"),
        ("uplink", " ".join(filter(None, (status.uplink, status.uplink_why)))),
        ("batches", batches),
        ("spool", f"{health.spool_bytes} bytes, oldest {health.spool_age_s:.0f} s"),
        ("lost", lost),
        ("dropped", dropped),
        ("clock", clock),
        ("heartbeat", status.heartbeat or "answered"),
        ("problem", status.problem or "none"),
    ]
