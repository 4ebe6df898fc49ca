"""
Protected network that does not require management frame protection.

Trigger:
    A network with RSN or WPA does not set MFPR; ``pmf`` in the evidence says whether
    it is at least capable (MFPC).

Source:
    IEEE Std 802.11-2020, 9.4.2.24.4 (MFPC, MFPR), 12.6.19; WPA3 Specification 3.4, 2.2.

Units:
    Advertisements (beacons, probe responses) per BSSID and SSID.

Threshold:
    3 advertisements over 0.2 s; the first 8 networks of a capture at their first.
    The benign captures hold such networks; the severity is information, so that they
    stay below the bar.

False positives:
    Transition networks may be capable only, for the sake of old stations.  Damaged
    elements are not believed.

Blind spots:
    Hidden networks; a station that does not use what the network offers (WD606).
"""

from __future__ import annotations

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.security import WEP
from sentinel_netlab.detect.advertised import View
from sentinel_netlab.detect.rules._posture import Posture
from sentinel_netlab.detect.sightings import Case


class PmfMissing(Posture):
    """WD605."""

    code = "WD605"
    slug = "pmf_missing"
    title = "Management frame protection not required"
    own_severity = Severity.LOW

    def finding(self, view: View) -> dict[str, object] | None:
        """Protected data, unprotected management."""
        security = view.security
        if security.strength <= WEP or not security.complete:
            return None
        if security.pmf == "required":
            return None
        return {"pmf": security.pmf}

    def sentence(self, case: Case, network: str) -> str:
        """None, or capable."""
        state = case.evidence["pmf"]
        what = "does not offer" if state == "none" else "offers but does not require"
        return (
            f"Network {network} {what} management frame protection: its stations can "
            f"be disconnected by forged frames."
        )
