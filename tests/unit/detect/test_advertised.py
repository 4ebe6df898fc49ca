"""What access points advertise."""

from __future__ import annotations

from tests.support.air import AP, Air, beacon, probe_response

from sentinel_netlab.detect.advertised import views


def seen(*packets: bytes) -> list[tuple[int, bytes, str, int]]:
    air = Air()
    for packet in packets:
        air.send(packet, after_us=100)
    [frames] = air.frames()
    return [
        (view.bssid, view.ssid, view.security.label, len(view.rows))
        for view in views(frames)
    ]


def test_beacons_and_probe_responses_are_one_view():
    """What says the same is taken together."""
    assert seen(beacon(), probe_response(), beacon()) == [
        (AP, b"net", "WPA2-PSK-CCMP", 3)
    ]


def test_hidden_and_damaged_are_left_out():
    """A name of zeros is no name, and a broken element string proves nothing."""
    assert seen(beacon(ssid=b""), beacon(ssid=b"\0\0"), beacon(tail=b"\x30\xff")) == []


def test_views_come_by_first_row():
    """Order of arrival decides."""
    assert [name for _, name, _, _ in seen(beacon(ssid=b"b"), beacon(ssid=b"a"))] == [
        b"b",
        b"a",
    ]
