"""Networks without encryption are told, networks with any are not."""

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
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.policy import policy_from
from sentinel_netlab.detect.rules.open_network import OpenNetwork

OWE = bytes.fromhex("30140100000fac040100000fac040100000fac12c000")
"""RSN element: CCMP, OWE, protection required."""


def told(*beacons: bytes, policy: dict | None = None) -> list:
    air = Air()
    for one in beacons:
        air.send(one, after_us=102_400)
    return run(air.frames(), [OpenNetwork(policy=policy_from(policy or {}))]).alerts


def test_network_without_privacy_and_rsn_is_told():
    """Code, key, evidence and sentence."""
    [alert] = told(*[beacon(tail=b"", capability=ESS)] * 5)

    assert (alert.code, alert.slug, alert.count) == ("WD601", "open_network", 1)
    assert alert.key == "bssid=02:00:00:00:00:01,ssid=net"
    assert alert.evidence == {"security": "Open"}
    assert alert.severity is Severity.INFO
    assert "'net' (02:00:00:00:00:01) is open" in alert.summary


def test_two_open_networks_are_two_alerts():
    """Each access point is one network."""
    one, other = (beacon(AP + n, tail=b"", capability=ESS) for n in (0, 1))

    assert [alert.subject.bssid for alert in told(one, other)] == [AP, AP + 1]


@pytest.mark.parametrize(
    ("tail", "capability"),
    [
        (b"", ESS | PRIVACY),
        (WPA2_PSK, ESS),
        (WPA1_TKIP, ESS | PRIVACY),
        (WPA3_SAE, ESS | PRIVACY),
        (OWE, ESS | PRIVACY),
    ],
    ids=["wep", "wpa2 without privacy", "wpa", "wpa3", "owe"],
)
def test_encryption_of_any_kind_is_not_open(tail, capability):
    """WEP has its own rule, and OWE is encryption."""
    assert told(*[beacon(tail=tail, capability=capability)] * 5) == []


def test_damaged_rsn_element_is_not_believed():
    """A length that no RSN element has does not make a network open."""
    [element] = [bytes.fromhex("300101")]

    assert told(*[beacon(tail=element, capability=ESS)] * 5) == []


@pytest.mark.parametrize(
    ("allowed", "severity"), [(True, Severity.INFO), (False, Severity.MEDIUM)]
)
def test_policy_says_whether_an_own_network_may_be_open(allowed, severity):
    """A guest network that is meant to be open stays information."""
    policy = {"network": [{"ssid": "net", "open": allowed}]}
    [alert] = told(beacon(tail=b"", capability=ESS), policy=policy)

    assert alert.severity is severity
