"""WD101: what is its own; test_disconnects has the rest."""

from __future__ import annotations

from tests.support.air import Air, deauth
from tests.support.rules import alerts_of

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.kinds import DISASSOC
from sentinel_netlab.detect.rules.deauth_flood import DeauthFlood


def test_disassociations_do_not_count():
    """They are WD102's."""
    there = Air()
    for number in range(40):
        there.send(deauth(kind=DISASSOC, sequence=number), after_us=10_000)

    assert alerts_of(DeauthFlood, there) == []


def test_alert_says_what_it_is():
    """Code, slug, severity, technique and words."""
    there = Air()
    for number in range(64):
        there.send(deauth(sequence=number), after_us=10_000)

    [alert] = alerts_of(DeauthFlood, there)

    assert (alert.code, alert.slug) == ("WD101", "deauth_flood")
    assert alert.severity == Severity.HIGH
    assert alert.attack == "T1498.001"
    assert alert.summary.startswith("64 deauthentications to all stations")
