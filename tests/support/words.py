"""
Words of the manifests, and the detectors any of which satisfies them.
"""

from __future__ import annotations

from sentinel_netlab.detect import BUILTIN

DETECTORS_OF = {
    "adhoc_conflict": ("WD213",),
    "assoc_flood": ("WD107",),
    "auth_flood": ("WD106",),
    "beacon_flood": ("WD108",),
    "csa_spoof": ("WD119",),
    "deauth_flood": ("WD101", "WD103", "WD104", "WD105"),
    "disassoc_flood": ("WD102",),
    "downgrade": ("WD211", "WD201"),
    "eapol_flood": ("WD111", "WD112"),
    "evil_twin_open": ("WD201",),
    "evil_twin_same_bssid": ("WD202", "WD203", "WD209"),
    "handshake_capture": ("WD302",),
    "invalid_reason": ("WD504",),
    "karma": ("WD204",),
    "krack": ("WD303", "WD304"),
    "malformed_frame": ("WD501", "WD502", "WD508", "WD513"),
    "michael_tkip": ("WD121",),
    "multichannel_mitm": ("WD203",),
    "nav_abuse": ("WD114", "WD115"),
    "pmkid_harvest": ("WD301",),
    "probe_flood": ("WD109", "WD401"),
    "ps_dos": ("WD117",),
    "sae_flood": ("WD113",),
    "wep_arp_replay": ("WD305",),
    "wep_attack": ("WD305",),
    "wps_bruteforce": ("WD306",),
    # of the public captures
    "deauth": ("WD101", "WD103"),
    "handshake_capture_after_deauth": ("WD302",),
    "krack_with_downgrade": ("WD202", "WD203", "WD209"),
    "sae_auth_flood": ("WD113",),
    "wep_in_use": ("WD602",),
    "wpa3_downgrade": ("WD201", "WD202", "WD209", "WD211"),
    "wps_enabled": ("WD604",),
}

LATER = {
    "fragattack_injection",
    "krack_ft_reassoc_replay",
    "leap_in_use",
    "nonce_reuse",
    "pmkid_exposed",
    "remote_id_spoofing",
    "rsn_downgrade",
    "sae_commit_out_of_range",
    "sae_group_downgrade",
    "sae_timing_probe",
}
"""Words of the public captures that no detector of the catalogue so far is about."""

_BUILT = {rule.code for rule in BUILTIN}


def detectors_of(word: str) -> set[str]:
    """Codes of the detectors that exist and satisfy *word*; KeyError if unknown."""
    if word in LATER:
        return set()
    return set(DETECTORS_OF[word]) & _BUILT
