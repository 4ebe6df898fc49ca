"""What is wrong with a network is told once, when the network is believed."""

from __future__ import annotations

import pytest
from tests.support.air import AP, ESS, Air, beacon, element, probe_response
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.policy import policy_from
from sentinel_netlab.detect.rules import _posture
from sentinel_netlab.detect.rules._posture import FIRST_NETWORKS, PostureParams
from sentinel_netlab.detect.rules.open_network import OpenNetwork
from sentinel_netlab.detect.rules.wpa_tkip import WpaTkip

NINTH = AP + FIRST_NETWORKS


def opened(bssid: int = AP, ssid: bytes = b"net", **parts) -> bytes:
    return beacon(bssid, ssid, tail=b"", capability=ESS, **parts)


def crowded() -> Air:
    """A capture that has shown as many networks as are told at once."""
    air = Air()
    for number in range(FIRST_NETWORKS):
        air.send(opened(AP + number), after_us=1000)
    return air


def ninth(gaps_us: list[int], params: PostureParams | None = None) -> list:
    """Alerts about the network after those, seen first and after each of *gaps_us*."""
    air = crowded()
    for gap_us in (1000, *gaps_us):
        air.send(opened(NINTH), after_us=gap_us)
    alerts = run(air.frames(), [OpenNetwork(params)]).alerts
    return [alert for alert in alerts if alert.subject.bssid == NINTH]


def test_first_networks_are_told_at_once():
    """One frame each is enough, and each network has its alert."""
    alerts = run(crowded().frames(), [OpenNetwork()]).alerts

    assert [alert.subject.bssid for alert in alerts] == [*range(AP, NINTH)]
    assert {(alert.count, alert.severity) for alert in alerts} == {(1, Severity.INFO)}
    assert [alert.frames for alert in alerts] == [(n + 1,) for n in range(8)]


def test_two_frames_of_a_later_network_are_not_enough():
    """A network after the first eight is believed at its third frame."""
    assert ninth([300_000]) == []


def test_later_network_is_told_at_its_third_frame():
    """The alert holds the three frames."""
    [alert] = ninth([100_000, 100_000])

    assert (alert.code, alert.count) == ("WD601", 3)
    assert alert.last_seen_us - alert.first_seen_us == 200_000
    assert alert.raised_us == alert.last_seen_us
    assert alert.frames == (9, 10, 11)


def test_burst_of_a_later_network_is_not_believed():
    """Many frames within less than the steady time are a flood."""
    assert ninth([1000] * 100) == []


def test_burst_is_believed_once_it_lasts():
    """The first frame that comes late enough raises the alert."""
    [alert] = ninth([1000, 1000, 198_000])

    assert alert.raised_us - alert.first_seen_us == 200_000


@pytest.mark.parametrize(
    ("params", "gaps_us"),
    [
        (PostureParams(steady_frames=1, steady_s=0), []),
        (PostureParams(steady_frames=2), [200_000]),
        (PostureParams(steady_s=0.05), [25_000, 25_000]),
    ],
)
def test_lower_limits_believe_earlier(params, gaps_us):
    """Frames and time can be set; the defaults would say nothing yet."""
    assert len(ninth(gaps_us, params)) == 1
    assert ninth(gaps_us) == []


def test_network_is_told_once():
    """Neither more frames nor two days of silence count or repeat a finding."""
    air = Air()
    for gap_us in (0, 100_000, 100_000, 2 * 86_400_000_000, 100_000, 100_000):
        air.send(opened(), after_us=gap_us)
    [alert] = run(air.frames(), [OpenNetwork()]).alerts

    assert alert.count == 1
    assert alert.last_seen_us == alert.first_seen_us


def test_two_names_of_one_access_point_are_two_networks():
    """The key is BSSID and name."""
    air = Air()
    air.send(opened(ssid=b"one"))
    air.send(opened(ssid=b"two"), after_us=1000)
    alerts = run(air.frames(), [OpenNetwork()]).alerts

    assert [alert.key for alert in alerts] == [
        "bssid=02:00:00:00:00:01,ssid=one",
        "bssid=02:00:00:00:00:01,ssid=two",
    ]


def test_probe_responses_tell_it_too():
    """The subject is the network, the evidence its security."""
    air = Air()
    air.send(probe_response(tail=b""))
    [alert] = run(air.frames(), [OpenNetwork()]).alerts

    assert alert.evidence == {"security": "Open"}
    assert (alert.subject.bssid, alert.subject.ssid) == (AP, b"net")
    assert (alert.subject.transmitter, alert.subject.station) == (AP, None)


@pytest.mark.parametrize("ssid", [b"", bytes(8)])
def test_hidden_network_is_not_told(ssid):
    """It has no name to report."""
    air = Air()
    for _ in range(5):
        air.send(opened(ssid=ssid), after_us=100_000)

    assert run(air.frames(), [OpenNetwork()]).alerts == []


def test_frame_that_ends_inside_an_element_is_not_believed():
    """What a damaged frame lacks may have stood behind the damage."""
    air = Air()
    air.send(opened() + element(48, bytes(20))[:9])
    result = run(air.frames(), [OpenNetwork()])

    assert result.alerts == []
    assert not result.broken


def test_own_network_is_graver():
    """The policy's networks get the rule's own severity, others stay information."""
    policy = policy_from({"network": [{"ssid": "mine"}]})
    air = Air()
    air.send(opened(ssid=b"mine"))
    air.send(opened(ssid=b"other"), after_us=1000)
    alerts = run(air.frames(), [OpenNetwork(policy=policy)]).alerts

    assert [alert.severity for alert in alerts] == [Severity.MEDIUM, Severity.INFO]


def test_open_allowed_is_for_open_networks_only():
    """A guest network may be open; TKIP in it is a finding all the same."""
    policy = policy_from({"network": [{"ssid": "guest", "open": True}]})
    detector = WpaTkip(policy=policy)
    air = Air()
    air.send(beacon(ssid=b"guest", tail=bytes.fromhex("dd060050f2010100")))
    [alert] = run(air.frames(), [detector]).alerts

    assert alert.severity is Severity.LOW


def test_memory_is_bounded(monkeypatch):
    """The network known longest is forgotten, and told again if it comes back."""
    monkeypatch.setattr(_posture, "MOST_NETWORKS", 4)
    detector = OpenNetwork()
    air = Air()
    for bssid in (*range(AP, AP + 6), AP):
        air.send(opened(bssid), after_us=1000)
    alerts = run(air.frames(), [detector]).alerts

    assert len(detector._seen) == 4  # the bound is not visible otherwise
    assert [alert.count for alert in alerts] == [2, 1, 1, 1, 1, 1]


def test_blocks_do_not_matter():
    """Frame by frame the same is told."""
    air = crowded()
    for number in range(12):
        air.send(opened(NINTH + number % 3), after_us=60_000)
        air.send(opened(AP), after_us=1000)
    whole, single = (
        run(air.frames(size), [OpenNetwork()]).alerts for size in (4096, 1)
    )

    assert whole == single
    assert len(whole) == 11
