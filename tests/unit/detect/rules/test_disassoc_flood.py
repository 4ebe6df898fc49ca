"""WD102: what is its own; test_disconnects has the rest."""

from __future__ import annotations

from tests.support.air import Air, deauth
from tests.support.rules import alerts_of

from sentinel_netlab.core.kinds import DISASSOC
from sentinel_netlab.detect.rules.disassoc_flood import DisassocFlood


def test_deauthentications_do_not_count():
    """They are WD101's."""
    there = Air()
    for number in range(40):
        there.send(deauth(sequence=number), after_us=10_000)

    assert alerts_of(DisassocFlood, there) == []


def test_alert_says_what_it_is():
    """Code, slug and words."""
    there = Air()
    for number in range(64):
        there.send(deauth(kind=DISASSOC, sequence=number), after_us=10_000)

    [alert] = alerts_of(DisassocFlood, there)

    assert (alert.code, alert.slug) == ("WD102", "disassoc_flood")
    assert alert.summary.startswith("64 disassociations to all stations")
