"""WD201: evil twin with weaker security."""

from __future__ import annotations

import pytest
from tests.support.air import (
    AP,
    ESS,
    PRIVACY,
    STATION,
    WPA2_PSK,
    WPA3_SAE,
    Air,
    beacon,
    element,
    probe_response,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert, Severity
from sentinel_netlab.core.policy import OwnNetwork, Policy
from sentinel_netlab.detect.rules.evil_twin import EvilTwin, EvilTwinParams

TWIN = 0x0A_00_00_00_00_02
SAME_VENDOR = 0x02_00_00_00_00_02
OPEN, WEP = b"", b"\x2a\x01\x00"  # WEP: privacy without an RSN element
ENTERPRISE_192 = bytes.fromhex("30140100000fac090100000fac090100000fac0cc000")
BEACON_US = 102_400


def alerts(
    there: Air,
    block_frames: int = 4096,
    policy: Policy | None = None,
    **params: float,
) -> list[Alert]:
    rule = EvilTwin(EvilTwinParams(**params), policy)
    return run(there.frames(block_frames), [rule]).alerts


def beacons(
    there: Air, tail: bytes, count: int = 5, bssid: int = AP, ssid: bytes = b"net"
) -> Air:
    capability = ESS | PRIVACY if tail else ESS
    for _ in range(count):
        packet = beacon(bssid, ssid, tail=tail, capability=capability)
        there.send(packet, after_us=BEACON_US)
    return there


def twins(count: int = 5, tail: bytes = OPEN, bssid: int = TWIN) -> Air:
    return beacons(beacons(Air(), WPA2_PSK, 20), tail, count, bssid)


def test_four_beacons_of_the_twin_raise_nothing():
    """A BSS is believed from its fifth advertisement."""
    assert alerts(twins(4)) == []


def test_the_fifth_raises_one_alert():
    """The alert names the twin, the real access point and both securities."""
    [alert] = alerts(twins(5))

    assert (alert.code, alert.count, alert.severity) == ("WD201", 5, Severity.HIGH)
    assert (alert.subject.bssid, alert.subject.transmitter) == (TWIN, TWIN)
    assert alert.key == "ssid=net,bssid=0a:00:00:00:00:02,security=Open"
    assert alert.evidence["real_bssid"] == "02:00:00:00:00:01"
    assert alert.evidence["real_security"] == "WPA2-PSK-CCMP"
    assert alert.evidence["security"] == "Open"
    assert alert.evidence["other_vendor"] is True
    assert alert.frames == (21, 22, 23, 24, 25)


def test_the_real_network_must_be_believed():
    """Four beacons of a protected network are not enough."""
    assert alerts(beacons(beacons(Air(), WPA2_PSK, 4), OPEN, 20, TWIN)) == []


def test_a_twin_heard_first_is_told_when_the_real_one_is_believed():
    """Which of the two came first does not matter."""
    there = beacons(beacons(Air(), OPEN, 5, TWIN), WPA2_PSK, 5)
    [alert] = alerts(beacons(there, OPEN, 1, TWIN))

    assert alert.subject.bssid == TWIN
    assert alert.frames == (1, 2, 3, 4, 5, 11)


def test_wep_is_weaker_too():
    """WEP under the name of a WPA2 network is a twin."""
    [alert] = alerts(twins(tail=WEP))

    assert alert.evidence["security"] == "WEP"


def test_a_late_downgrade_of_wpa3_is_medium():
    """WPA2 under the name of a WPA3 network lures stations off SAE."""
    there = beacons(beacons(Air(), WPA3_SAE, 110), WPA2_PSK, 5, TWIN)
    [alert] = alerts(there)

    assert alert.severity == Severity.MEDIUM
    assert alert.evidence["real_security"].startswith("WPA3-SAE")


@pytest.mark.parametrize(
    ("real", "before"),
    [
        pytest.param(WPA3_SAE, 20, id="mixed from the start"),
        pytest.param(ENTERPRISE_192, 110, id="enterprise"),
        pytest.param(WPA2_PSK, 110, id="the same"),
    ],
)
def test_wpa2_that_is_no_downgrade(real, before):
    """An ESS half way to WPA3, an enterprise network, and an equal raise nothing."""
    assert alerts(beacons(beacons(Air(), real, before), WPA2_PSK, 20, TWIN)) == []


def test_other_names_and_open_networks_are_no_twins():
    """A twin has the name of a protected network."""
    there = beacons(beacons(Air(), WPA2_PSK, 20), OPEN, 20, TWIN, b"guests")
    there = beacons(there, OPEN, 20, SAME_VENDOR, b"guests")

    assert alerts(there) == []


def test_damaged_beacons_are_not_believed():
    """A truncated RSN element does not make a network open."""
    there = beacons(Air(), WPA2_PSK, 20)

    assert alerts(beacons(there, WPA2_PSK[:-4], 20, TWIN)) == []


def test_the_same_vendor_with_other_elements_is_a_twin():
    """The fingerprint tells what the address hides."""
    other = beacons(Air(), WPA2_PSK + element(45, bytes(26)), 20)
    [alert] = alerts(beacons(other, OPEN, 5, SAME_VENDOR))

    assert alert.evidence["other_vendor"] is False
    assert alert.evidence["other_fingerprint"] is True


def test_an_open_network_that_the_policy_allows_is_none():
    """A guest network and a listed access point are meant to be so."""
    guests = Policy({b"net": OwnNetwork(b"net", open_allowed=True)})
    listed = Policy({b"net": OwnNetwork(b"net", bssids=frozenset({AP, TWIN}))})

    assert alerts(twins(), policy=guests) == []
    assert alerts(twins(), policy=listed) == []


def test_a_twin_of_an_own_network_is_critical():
    """The site's own names matter most."""
    own = Policy({b"net": OwnNetwork(b"net", bssids=frozenset({AP}))})
    [alert] = alerts(twins(), policy=own)

    assert alert.severity == Severity.CRITICAL


def test_probe_responses_count_like_beacons():
    """A twin that sends no beacons is found by its answers."""
    there = beacons(Air(), WPA2_PSK)
    for _ in range(5):
        answer = probe_response(TWIN, tail=OPEN, to=STATION)
        there.send(answer, after_us=1_000)

    assert len(alerts(there)) == 1


def test_an_alert_goes_on_and_a_second_opens_after_quiet():
    """Later beacons belong to the open alert; after 60 s of quiet a new one opens."""
    there = twins(60)
    end_us = there.now_us
    there.now_us += 61_000_000
    first, second = alerts(beacons(there, OPEN, 3, TWIN))

    assert (first.count, first.last_seen_us) == (60, end_us)
    assert second.count == 3
    assert first.id != second.id


def test_two_twins_are_two_alerts():
    """Each twin has an alert of its own."""
    there = beacons(twins(), OPEN, 5, TWIN + 1)

    assert [a.subject.bssid for a in alerts(there)] == [TWIN, TWIN + 1]


def test_parameters_are_used():
    """A lower number of beacons fires earlier, a shorter settling time too."""
    [alert] = alerts(twins(2), steady_frames=2)
    mixed = beacons(beacons(Air(), WPA3_SAE, 20), WPA2_PSK, 5, TWIN)

    assert alert.count == 2
    assert len(alerts(mixed, settle_s=1.0)) == 1


@pytest.mark.parametrize("block_frames", [1, 7])
def test_blocks_do_not_matter(block_frames):
    """Small blocks give the same alerts as a large one."""
    there = beacons(Air(), OPEN, 5, TWIN)
    for _ in range(8):
        there = beacons(beacons(there, WPA2_PSK, 1), OPEN, 2, TWIN)
    there = beacons(there, WEP, 9, TWIN + 1)
    there = beacons(beacons(there, WPA3_SAE, 100), WPA2_PSK, 9, TWIN + 2)
    there.now_us += 61_000_000
    there = beacons(beacons(there, WPA2_PSK, 1), OPEN, 4, TWIN)

    assert len(alerts(there)) == 4
    assert alerts(there, block_frames) == alerts(there)
