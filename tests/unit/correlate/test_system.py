"""News of the sensors: silence, drops, clocks."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.alert_states import fold
from sentinel_netlab.core.wire import Batch, Health, decode_batch, encode_batch
from sentinel_netlab.correlate.system import (
    CLOCK,
    DROPS,
    SILENT,
    SILENT_US,
    SensorState,
    judge_health,
    watch,
)

NOW_US = 1_700_000_000_000_000
LONG_AGO_US = NOW_US - 10 * SILENT_US


def silence(heard_us: int | None, status: str = "online", **values: object):
    """What a look at one sensor gives."""
    values = {"watching_since_us": LONG_AGO_US, "now_us": NOW_US, **values}
    known = values.pop("silent", None)
    return watch([SensorState("roof", status, heard_us, known)], **values)


def test_three_windows_of_silence_are_allowed():
    """The sensor is offline after them, not before."""
    [change] = silence(NOW_US - SILENT_US - 1)

    assert silence(NOW_US - SILENT_US) == []
    assert change.status == "offline"
    assert change.alert.code == SILENT
    assert change.alert.first_us == NOW_US - SILENT_US - 1


def test_silent_sensor_is_told_of_once():
    """One that is offline is not accused again."""
    assert silence(NOW_US - 2 * SILENT_US, "offline") == []


def test_return_closes_the_alert():
    """The sensor is online; both states merge to a closed alert."""
    [gone] = silence(NOW_US - SILENT_US - 1)
    [back] = silence(NOW_US, "offline", silent=gone.alert, now_us=NOW_US + 1)

    [state] = fold([back.alert, gone.alert])

    assert back.status == "online"
    assert state.closed
    assert state.last_us == NOW_US


def test_return_that_the_heartbeat_saw_first_closes_too():
    """The status may be right already while the alert is still open."""
    [gone] = silence(NOW_US - SILENT_US - 1)
    [back] = silence(NOW_US, "online", silent=gone.alert)

    assert back.status is None
    assert back.alert.closed


def test_second_silence_is_another_alert():
    """Ids follow from the onset."""
    [one] = silence(NOW_US - SILENT_US - 1)
    [two] = silence(NOW_US, now_us=NOW_US + 2 * SILENT_US)

    assert one.alert.id != two.alert.id


def test_server_that_was_away_accuses_nobody():
    """Silence counts from when the server could hear."""
    assert silence(LONG_AGO_US, watching_since_us=NOW_US - SILENT_US) == []


@pytest.mark.parametrize(
    ("heard_us", "status"),
    [(None, "enrolled"), (LONG_AGO_US, "disabled"), (NOW_US, "disabled")],
)
def test_sensors_that_need_not_speak(heard_us, status):
    """Never heard, or disabled."""
    assert silence(heard_us, status) == []


def test_disabling_a_silent_sensor_closes_its_alert():
    """Whoever took it out knows why nothing is heard of it."""
    [gone] = silence(NOW_US - SILENT_US - 1)
    [change] = silence(NOW_US - SILENT_US - 1, "disabled", silent=gone.alert)

    assert (change.status, change.alert.closed) == (None, True)
    assert change.alert.id == gone.alert.id


def test_first_sign_of_life_makes_it_online():
    """Without an alert."""
    [change] = silence(NOW_US, "enrolled")

    assert (change.status, change.alert) == ("online", None)


def judged(known=(), **health: object):
    """What a report of health gives."""
    open_alerts = {one.code: one for one in known}
    return judge_health("roof", Health(**health), open_alerts, NOW_US)


def test_drops_above_one_percent_raise():
    """One in a hundred is allowed."""
    [alert] = judged(frames=989, dropped_frames=11)

    assert judged(frames=990, dropped_frames=10) == []
    assert alert.code == DROPS
    assert alert.evidence == {"dropped_part": 0.011, "threshold_part": 0.01}


def test_drops_of_few_frames_say_nothing():
    """One of ten is chance."""
    assert judged(frames=9, dropped_frames=1) == []


def test_clock_more_than_five_seconds_off_raises():
    """Ahead or behind."""
    [alert] = judged(clock_offset_s=-5.1)

    assert judged(clock_offset_s=5.0) == []
    assert judged() == []
    assert alert.code == CLOCK
    assert alert.summary == "The clock of roof is 5.1 s behind."


def test_what_lasts_is_one_alert_that_counts():
    """The second report updates the first; good news close it."""
    [first] = judged(clock_offset_s=9.0)
    [second] = judged([first], clock_offset_s=8.0)
    [closed] = judged([second], clock_offset_s=0.1)

    assert first.id == second.id == closed.id
    assert second.count == 2
    assert closed.closed


def test_system_alerts_are_valid_on_the_wire():
    """They have the form of every other alert."""
    alerts = [
        silence(NOW_US - SILENT_US - 1)[0].alert,
        *judged(clock_offset_s=9.0, frames=1, dropped_frames=500),
    ]
    batch = Batch("0" * 32, "roof", "1", 0, NOW_US, alerts=alerts)

    assert decode_batch(encode_batch(batch)).alerts == alerts
