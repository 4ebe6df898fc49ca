"""WD209: security of a network changed."""

from __future__ import annotations

import pytest
from tests.support.air import (
    AP,
    ESS,
    PRIVACY,
    WPA1_TKIP,
    WPA2_PSK,
    WPA3_SAE,
    Air,
    beacon,
    probe_response,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert, Severity
from sentinel_netlab.detect.rules.security_changed import (
    SecurityChanged,
    SecurityChangedParams,
)

OTHER = 0x02_00_00_00_00_02
OPEN = b""
BEACON_US = 102_400


def alerts(there: Air, block_frames: int = 4096, **params: int) -> list[Alert]:
    rule = SecurityChanged(SecurityChangedParams(**params))
    return run(there.frames(block_frames), [rule]).alerts


def beacons(
    there: Air, tail: bytes, count: int = 5, bssid: int = AP, ssid: bytes = b"net"
) -> Air:
    capability = ESS | PRIVACY if tail else ESS
    for _ in range(count):
        packet = beacon(bssid, ssid, tail=tail, capability=capability)
        there.send(packet, after_us=BEACON_US)
    return there


def test_four_beacons_of_the_new_security_raise_nothing():
    """A security is believed from its fifth advertisement."""
    assert alerts(beacons(beacons(Air(), WPA2_PSK, 20), OPEN, 4)) == []


def test_the_fifth_raises_one_alert():
    """The alert names both securities."""
    [alert] = alerts(beacons(beacons(Air(), WPA2_PSK, 20), OPEN))

    assert (alert.code, alert.count) == ("WD209", 5)
    assert (alert.subject.bssid, alert.subject.ssid) == (AP, b"net")
    assert alert.key == "bssid=02:00:00:00:00:01,ssid=net,security=Open"
    assert alert.evidence["security_before"] == "WPA2-PSK-CCMP"
    assert alert.evidence["security"] == "Open"
    assert alert.evidence["steady_frames"] == 5
    assert alert.frames == (21, 22, 23, 24, 25)


def test_the_old_security_must_be_believed_too():
    """Four beacons before are no network that could have changed."""
    assert alerts(beacons(beacons(Air(), WPA2_PSK, 4), OPEN, 20)) == []


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        pytest.param(WPA2_PSK, OPEN, Severity.HIGH, id="to open"),
        pytest.param(WPA3_SAE, WPA2_PSK, Severity.MEDIUM, id="weaker"),
        pytest.param(WPA2_PSK, WPA1_TKIP, Severity.MEDIUM, id="to WPA1"),
        pytest.param(WPA2_PSK, WPA3_SAE, Severity.LOW, id="stronger"),
        pytest.param(OPEN, WPA2_PSK, Severity.LOW, id="closed"),
    ],
)
def test_severity_tells_what_was_lost(before, after, severity):
    """Losing encryption is high, an upgrade only low."""
    [alert] = alerts(beacons(beacons(Air(), before), after))

    assert alert.severity == severity


def test_probe_responses_count_like_beacons():
    """A security may be advertised either way."""
    there = beacons(Air(), WPA3_SAE)
    for _ in range(5):
        there.send(probe_response(tail=WPA2_PSK), after_us=1_000)

    assert len(alerts(there)) == 1


def test_damaged_beacons_do_not_count():
    """A truncated RSN element is not another security."""
    there = beacons(Air(), WPA2_PSK)

    assert alerts(beacons(there, WPA2_PSK[:-4], 20)) == []


def test_networks_with_different_security_have_not_changed():
    """Another BSSID, or another name of the same, is another network."""
    there = beacons(beacons(Air(), WPA2_PSK, 20), OPEN, 20, bssid=OTHER)

    assert alerts(beacons(there, OPEN, 20, ssid=b"guests")) == []


def test_the_old_security_coming_back_is_no_further_alert():
    """An access point and its clone, side by side, are one alert."""
    there = beacons(Air(), WPA2_PSK)
    for _ in range(20):
        there = beacons(beacons(there, OPEN, 1), WPA2_PSK, 1)
    [alert] = alerts(there)

    assert alert.evidence["security"] == "Open"
    assert alert.count == 20


def test_an_alert_goes_on_and_a_second_opens_after_quiet():
    """Later beacons belong to the open alert; after 60 s of quiet a new one opens."""
    there = beacons(beacons(Air(), WPA2_PSK), OPEN, 50)
    end_us = there.now_us
    there.now_us += 61_000_000
    first, second = alerts(beacons(there, OPEN, 3))

    assert (first.count, first.last_seen_us) == (50, end_us)
    assert second.count == 3
    assert first.id != second.id


def test_two_networks_are_two_alerts():
    """Each network has an alert of its own."""
    there = beacons(beacons(Air(), WPA2_PSK), WPA2_PSK, bssid=OTHER)
    there = beacons(beacons(there, OPEN), OPEN, bssid=OTHER)

    assert [a.subject.bssid for a in alerts(there)] == [AP, OTHER]


def test_two_changes_are_two_alerts():
    """Each new security has an alert of its own, against the first."""
    there = beacons(beacons(beacons(Air(), WPA3_SAE), WPA2_PSK), OPEN)

    assert [a.evidence["security"] for a in alerts(there)] == ["WPA2-PSK-CCMP", "Open"]


def test_a_lower_threshold_fires_earlier():
    """The parameter is used."""
    there = beacons(beacons(Air(), WPA2_PSK, 2), OPEN, 2)

    [alert] = alerts(there, steady_frames=2)

    assert alert.count == 2


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = beacons(beacons(Air(), WPA3_SAE, 7), WPA2_PSK, 9)
    there = beacons(beacons(there, WPA2_PSK, 4, bssid=OTHER), OPEN, 5, bssid=OTHER)
    there = beacons(beacons(there, WPA2_PSK, 4, bssid=OTHER), WPA3_SAE, 4)
    there.now_us += 61_000_000
    there = beacons(beacons(there, OPEN, 5), WPA2_PSK, 2)

    assert len(alerts(there)) == 3
    assert alerts(there, block_frames=1) == alerts(there)
    assert alerts(there, block_frames=7) == alerts(there)
