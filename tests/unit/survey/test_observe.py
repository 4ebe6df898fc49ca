"""Observations per transmitter, channel and window."""

from __future__ import annotations

import pytest
from tests.support.air import AP, STATION, Air, beacon, data, deauth
from tests.support.run import run

from sentinel_netlab.core.observations import WINDOW_US
from sentinel_netlab.survey import observe


def test_counts_by_type():
    """Management, data, retries and octets are told apart."""
    air = Air()
    air.send(beacon(), signal_dbm=-40)
    air.send(data(b"x" * 10, from_ap=True, flags=8), signal_dbm=-50)
    air.send(deauth(), signal_dbm=-60)
    [seen] = run(air.frames(), []).observations

    assert (seen.transmitter, seen.channel, seen.frequency_mhz) == (AP, 6, 2437)
    assert (seen.frames, seen.management, seen.data, seen.beacons) == (3, 2, 1, 1)
    assert seen.retries == 1
    assert (seen.signal_min_dbm, seen.signal_max_dbm) == (-60, -40)
    assert seen.signal_mean_dbm == -50
    assert (seen.bssid, seen.ssid, seen.security) == (AP, b"net", "WPA2-PSK-CCMP")


def test_windows_are_aligned_to_event_time():
    """A window begins at a multiple of 10 s."""
    air = Air()
    for _ in range(25):
        air.send(beacon(), after_us=1_000_000)
    windows = run(air.frames(), []).observations

    assert [seen.window_us % WINDOW_US for seen in windows] == [0] * len(windows)
    assert sum(seen.frames for seen in windows) == 25
    assert len({seen.window_us for seen in windows}) == len(windows)


def test_transmitters_and_channels_are_kept_apart():
    """One observation for each."""
    air = Air()
    air.send(beacon())
    air.send(beacon(), frequency_mhz=2462)
    air.send(data(b"x"))
    seen = run(air.frames(), []).observations

    assert {(one.transmitter, one.channel) for one in seen} == {
        (AP, 6),
        (AP, 11),
        (STATION, 6),
    }


def test_flood_of_transmitters_is_bounded(monkeypatch):
    """Beyond the bound frames are counted, not kept."""
    monkeypatch.setattr(observe, "MOST_IN_WINDOW", 3)
    air = Air()
    for number in range(5):
        air.send(beacon(bssid=AP + number))
    survey = observe.Survey()
    for frames in air.frames():
        survey.add(frames)

    assert len(survey.finish()) == 3
    assert survey.left_out == 2


@pytest.mark.parametrize("signal", [0])
def test_unknown_signal_is_none(signal):
    """0 dBm is what drivers say for unknown."""
    air = Air()
    air.send(beacon(), signal_dbm=signal)
    [seen] = run(air.frames(), []).observations

    assert seen.signal_frames == 0
    assert seen.signal_mean_dbm is None
