"""WEP networks are told, other protected networks are not."""

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
    element,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.policy import policy_from
from sentinel_netlab.detect.rules.wep import Wep


def told(*beacons: bytes, policy: dict | None = None) -> list:
    air = Air()
    for one in beacons:
        air.send(one, after_us=102_400)
    return run(air.frames(), [Wep(policy=policy_from(policy or {}))]).alerts


def test_privacy_without_rsn_and_wpa_is_told():
    """Code, key, evidence and sentence."""
    [alert] = told(*[beacon(tail=b"")] * 5)

    assert (alert.code, alert.slug, alert.count) == ("WD602", "wep", 1)
    assert alert.key == "bssid=02:00:00:00:00:01,ssid=net"
    assert alert.evidence == {"security": "WEP"}
    assert alert.severity is Severity.INFO
    assert "'net' (02:00:00:00:00:01) uses WEP" in alert.summary


def test_two_wep_networks_are_two_alerts():
    """Each access point is one network."""
    alerts = told(beacon(AP, tail=b""), beacon(AP + 1, tail=b""))

    assert [alert.subject.bssid for alert in alerts] == [AP, AP + 1]


@pytest.mark.parametrize(
    ("tail", "capability"),
    [
        (b"", ESS),
        (WPA2_PSK, ESS | PRIVACY),
        (WPA1_TKIP, ESS | PRIVACY),
        (WPA3_SAE, ESS | PRIVACY),
        (element(68, bytes(20)), ESS | PRIVACY),
    ],
    ids=["open", "wpa2", "wpa", "wpa3", "wapi"],
)
def test_other_networks_are_not_wep(tail, capability):
    """Privacy alone is not WEP where RSN, WPA or WAPI is advertised."""
    assert told(*[beacon(tail=tail, capability=capability)] * 5) == []


@pytest.mark.parametrize(
    "tail", [bytes.fromhex("300101"), WPA2_PSK[:9]], ids=["short element", "cut frame"]
)
def test_damaged_beacon_is_not_believed(tail):
    """Where the RSN element is damaged, Privacy does not mean WEP."""
    assert told(*[beacon(tail=tail)] * 5) == []


def test_own_network_with_wep_is_medium():
    """The policy makes it a finding of the site."""
    [alert] = told(beacon(tail=b""), policy={"network": [{"ssid": "net"}]})

    assert alert.severity is Severity.MEDIUM
