"""
Network without encryption.

Trigger:
    A network advertises neither RSN nor WPA and its Privacy bit is not set.

Source:
    IEEE Std 802.11-2020, 9.4.1.4 (Privacy), 9.4.2.24 (RSN).

Units:
    Advertisements (beacons, probe responses) per BSSID and SSID.

Threshold:
    3 advertisements over 0.2 s; the first 8 networks of a capture at their first.
    The benign captures hold such networks; the severity is information, so that they
    stay below the bar.

False positives:
    Guest networks that are meant to be open: say so in the policy (``open = true``).

Blind spots:
    Hidden networks are not told, because their name is not known.  OWE is encryption
    and not reported.
"""

from __future__ import annotations

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.detect.advertised import View
from sentinel_netlab.detect.rules._posture import Posture
from sentinel_netlab.detect.sightings import Case


class OpenNetwork(Posture):
    """WD601."""

    code = "WD601"
    slug = "open_network"
    title = "Open network"
    own_severity = Severity.MEDIUM

    def finding(self, view: View) -> dict[str, object] | None:
        """Open, and the elements are whole."""
        return {} if view.security.open and view.security.complete else None

    def sentence(self, case: Case, network: str) -> str:
        """Everything is readable."""
        return f"Network {network} is open: what its stations send can be read by all."
