"""Protected networks that do not require management frame protection are told."""

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
from sentinel_netlab.detect.rules.pmf_missing import PmfMissing

CAPABLE = WPA2_PSK[:-2] + bytes.fromhex("8000")
"""RSN element of WPA2-PSK with MFPC, without MFPR."""


def told(*beacons: bytes, policy: dict | None = None) -> list:
    air = Air()
    for one in beacons:
        air.send(one, after_us=102_400)
    return run(air.frames(), [PmfMissing(policy=policy_from(policy or {}))]).alerts


def test_network_without_protection_is_told():
    """Code, key, evidence and sentence."""
    [alert] = told(*[beacon()] * 5)

    assert (alert.code, alert.slug, alert.count) == ("WD605", "pmf_missing", 1)
    assert alert.key == "bssid=02:00:00:00:00:01,ssid=net"
    assert alert.evidence == {"security": "WPA2-PSK-CCMP", "pmf": "none"}
    assert alert.severity is Severity.INFO
    assert "'net' (02:00:00:00:00:01) does not offer" in alert.summary


def test_capable_network_is_told_as_such():
    """Optional protection leaves the old stations open to forged frames."""
    [alert] = told(beacon(tail=CAPABLE))

    assert alert.evidence["pmf"] == "capable"
    assert "offers but does not require" in alert.summary


def test_wpa_has_no_protection():
    """A network with the WPA element only cannot protect management frames."""
    [alert] = told(beacon(tail=WPA1_TKIP))

    assert alert.evidence["pmf"] == "none"


def test_two_networks_are_two_alerts():
    """Each access point is one network."""
    alerts = told(beacon(AP), beacon(AP + 1))

    assert [alert.subject.bssid for alert in alerts] == [AP, AP + 1]


@pytest.mark.parametrize(
    ("tail", "capability"),
    [(WPA3_SAE, ESS | PRIVACY), (b"", ESS), (b"", ESS | PRIVACY)],
    ids=["required", "open", "wep"],
)
def test_other_networks_are_not_told(tail, capability):
    """Required protection is in order; without RSN there is nothing to require."""
    assert told(*[beacon(tail=tail, capability=capability)] * 5) == []


def test_damaged_rsn_element_is_not_believed():
    """Where a count runs beyond the element, what it says of MFPR is not known."""
    counts = bytearray(WPA3_SAE)
    counts[8] = 9  # pairwise suites, of which there is one

    assert told(*[beacon(tail=bytes(counts))] * 5) == []


def test_own_network_is_low():
    """The policy makes it a finding of the site."""
    [alert] = told(beacon(), policy={"network": [{"ssid": "net"}]})

    assert alert.severity is Severity.LOW
