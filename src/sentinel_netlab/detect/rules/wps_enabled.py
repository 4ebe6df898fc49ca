"""
Network with Wi-Fi Protected Setup.

Trigger:
    A network advertises a WPS element.

Source:
    Wi-Fi Simple Configuration 2.0, 8.2; Viehböck, "Brute forcing Wi-Fi Protected
    Setup", 2011.

Units:
    Advertisements (beacons, probe responses) per BSSID and SSID.

Threshold:
    3 advertisements over 0.2 s; the first 8 networks of a capture at their first.
    The benign captures hold such networks; the severity is information, so that they
    stay below the bar.

False positives:
    Access points that allow the push button only advertise the same.

Blind spots:
    Hidden networks.
"""

from __future__ import annotations

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.detect.advertised import View
from sentinel_netlab.detect.rules._posture import Posture
from sentinel_netlab.detect.sightings import Case


class WpsEnabled(Posture):
    """WD604."""

    code = "WD604"
    slug = "wps_enabled"
    title = "WPS enabled"
    own_severity = Severity.LOW
    by_security = False

    def finding(self, view: View) -> dict[str, object] | None:
        """A WPS element; whether it is locked."""
        wps = view.elements.wps
        if wps is None:
            return None
        return {"setup_locked": wps.setup_locked, "version2": wps.version2}

    def sentence(self, case: Case, network: str) -> str:
        """Whether the access point has locked it."""
        locked = " (locked at present)" if case.evidence["setup_locked"] else ""
        return f"Network {network} has WPS enabled{locked}: its PIN can be guessed."
