"""
Network that allows WPA or TKIP.

Trigger:
    A network advertises a WPA element or a pairwise TKIP suite.

Source:
    IEEE Std 802.11-2020, 12.5.2.1: TKIP is deprecated; Tews and Beck, WiSec 2009.

Units:
    Advertisements (beacons, probe responses) per BSSID and SSID.

Threshold:
    3 advertisements over 0.2 s; the first 8 networks of a capture at their first.
    The benign captures hold such networks; the severity is information, so that they
    stay below the bar.

False positives:
    None known; old devices may need it.

Blind spots:
    Hidden networks.
"""

from __future__ import annotations

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.security import WPA, WPA2_TKIP
from sentinel_netlab.detect.advertised import View
from sentinel_netlab.detect.rules._posture import Posture
from sentinel_netlab.detect.sightings import Case


class WpaTkip(Posture):
    """WD603."""

    code = "WD603"
    slug = "wpa_tkip"
    title = "WPA or TKIP allowed"
    own_severity = Severity.LOW

    def finding(self, view: View) -> dict[str, object] | None:
        """WPA or TKIP is one of the ways in."""
        weak = view.security.strength in (WPA, WPA2_TKIP)
        return {} if weak else None

    def sentence(self, case: Case, network: str) -> str:
        """An outdated way in."""
        return f"Network {network} still allows WPA or TKIP."
