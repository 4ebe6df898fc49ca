"""
Network with WEP.

Trigger:
    A network sets the Privacy bit and advertises neither RSN nor WPA.

Source:
    IEEE Std 802.11-2020, 12.3.1: WEP is deprecated; Tews, Weinmann and Pyshkin,
    "Breaking 104 bit WEP in less than 60 seconds", WISA 2007.

Units:
    Advertisements (beacons, probe responses) per BSSID and SSID.

Threshold:
    3 advertisements over 0.2 s; the first 8 networks of a capture at their first.
    The benign captures hold such networks; the severity is information, so that they
    stay below the bar.

False positives:
    Truncated or damaged beacons are not believed.

Blind spots:
    Hidden networks.
"""

from __future__ import annotations

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.security import WEP
from sentinel_netlab.detect.advertised import View
from sentinel_netlab.detect.rules._posture import Posture
from sentinel_netlab.detect.sightings import Case


class Wep(Posture):
    """WD602."""

    code = "WD602"
    slug = "wep"
    title = "WEP network"
    own_severity = Severity.MEDIUM

    def finding(self, view: View) -> dict[str, object] | None:
        """Privacy without RSN or WPA."""
        weak = view.security.strength == WEP and view.security.complete
        return {} if weak else None

    def sentence(self, case: Case, network: str) -> str:
        """The key is no protection."""
        return f"Network {network} uses WEP, whose key can be recovered in minutes."
