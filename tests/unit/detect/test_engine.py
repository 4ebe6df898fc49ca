"""The engine makes alerts and survives broken detectors."""

from __future__ import annotations

import pytest
from tests.support.air import AP, Air, beacon, deauth
from tests.support.run import run

from sentinel_netlab.detect import BUILTIN
from sentinel_netlab.detect.engine import Engine, key_text
from sentinel_netlab.detect.rules.deauth_flood import DeauthFlood


class Broken(DeauthFlood):
    """Fails at its first frame."""

    code = "WD100"

    def inspect(self, frames):
        raise RuntimeError(str(len(frames)))


def flood() -> list:
    air = Air()
    for number in range(30):
        air.send(deauth(sequence=number), after_us=10_000)
    return air.frames()


def test_broken_detector_is_left_out():
    """The others go on, and it is known why the one did not."""
    result = run(flood(), [Broken(), DeauthFlood()])

    assert "RuntimeError" in result.broken["WD100"]
    assert [alert.code for alert in result.alerts] == ["WD101"]


def test_ids_differ_by_sensor_only_where_asked():
    """The same frames on another sensor are another alert."""
    ids = set()
    for sensor in ("", "roof"):
        engine = Engine([DeauthFlood()], sensor=sensor)
        for frames in flood():
            engine.inspect(frames)
        ids |= {alert.id for alert in engine.finish()}

    assert len(ids) == 2


def test_time_closes_alerts():
    """A frame of another kind long after the attack closes its alert."""
    engine = Engine([DeauthFlood()])
    for frames in flood():
        engine.inspect(frames)
    air = Air()
    air.send(beacon(), after_us=60_000_000)
    [closed] = [alert for frames in air.frames() for alert in engine.inspect(frames)]

    assert closed.closed
    assert engine.finish() == []


def test_empty_block_is_allowed():
    """A silent channel is no frames."""
    engine = Engine([rule() for rule in BUILTIN])
    [frames] = Air(packets=[(0, b"")]).frames()

    assert engine.inspect(frames) == []


@pytest.mark.parametrize(
    ("names", "key", "text"),
    [
        (
            ("bssid", "receiver"),
            (AP, 2**48 - 1),
            "bssid=02:00:00:00:00:01,receiver=ff:ff:ff:ff:ff:ff",
        ),
        (("ssid",), (b"a\x00",), r"ssid=a\x00"),
        (("channel", "told_by"), (6, "commits"), "channel=6,told_by=commits"),
    ],
)
def test_key_as_text(names, key, text):
    """Addresses, names and numbers are written as people write them."""
    assert key_text(names, key) == text
