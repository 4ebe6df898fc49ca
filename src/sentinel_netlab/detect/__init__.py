"""
Detectors: Frames → Alert.  Every rule is listed here; nothing scans folders.
"""

from __future__ import annotations

from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.rules.assoc_flood import AssocFlood
from sentinel_netlab.detect.rules.auth_flood import AuthFlood
from sentinel_netlab.detect.rules.beacon_flood import BeaconFlood
from sentinel_netlab.detect.rules.bssid_clone import BssidClone
from sentinel_netlab.detect.rules.deauth_flood import DeauthFlood
from sentinel_netlab.detect.rules.deauth_while_beaconing import DeauthWhileBeaconing
from sentinel_netlab.detect.rules.disassoc_flood import DisassocFlood
from sentinel_netlab.detect.rules.eapol_logoff_flood import EapolLogoffFlood
from sentinel_netlab.detect.rules.eapol_start_flood import EapolStartFlood
from sentinel_netlab.detect.rules.evil_twin import EvilTwin
from sentinel_netlab.detect.rules.handshake_harvest import HandshakeHarvest
from sentinel_netlab.detect.rules.illegal_frame import IllegalFrame
from sentinel_netlab.detect.rules.invalid_reason import InvalidReason
from sentinel_netlab.detect.rules.karma import Karma
from sentinel_netlab.detect.rules.malformed_element import MalformedElement
from sentinel_netlab.detect.rules.open_network import OpenNetwork
from sentinel_netlab.detect.rules.pmf_missing import PmfMissing
from sentinel_netlab.detect.rules.pmkid_harvest import PmkidHarvest
from sentinel_netlab.detect.rules.sae_flood import SaeFlood
from sentinel_netlab.detect.rules.security_changed import SecurityChanged
from sentinel_netlab.detect.rules.ssid_format_string import SsidFormatString
from sentinel_netlab.detect.rules.ssid_overflow import SsidOverflow
from sentinel_netlab.detect.rules.wep import Wep
from sentinel_netlab.detect.rules.wep_attack import WepAttack
from sentinel_netlab.detect.rules.wpa_tkip import WpaTkip
from sentinel_netlab.detect.rules.wps_bruteforce import WpsBruteforce
from sentinel_netlab.detect.rules.wps_enabled import WpsEnabled

BUILTIN: tuple[type[Detector], ...] = (
    DeauthFlood,
    DisassocFlood,
    DeauthWhileBeaconing,
    AuthFlood,
    AssocFlood,
    BeaconFlood,
    EapolStartFlood,
    EapolLogoffFlood,
    SaeFlood,
    EvilTwin,
    BssidClone,
    Karma,
    SecurityChanged,
    PmkidHarvest,
    HandshakeHarvest,
    WepAttack,
    WpsBruteforce,
    MalformedElement,
    SsidOverflow,
    InvalidReason,
    SsidFormatString,
    IllegalFrame,
    OpenNetwork,
    Wep,
    WpaTkip,
    WpsEnabled,
    PmfMissing,
)
"""All detectors, by code."""

__all__ = ("BUILTIN", "Detector")
