"""
Make the captures of the scenarios and of the benign corpus.

    PYTHONPATH=.:src python tests/scenarios/make.py

Cuts come from the shared hwsim captures, which are our own; the rest is made by hand
from `tests.support.air`.  The same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tests.scenarios import generated
from tests.support.air import pcap, zipped
from tests.support.run import frames_of
from tests.support.shared import HWSIM

from sentinel_netlab.core.frames import Frames

HERE = Path(__file__).parent
BENIGN = HERE.parent / "benign"
RADIOTAP = 127


class Cut(NamedTuple):
    """
    Part of a capture.

    Attributes:
        source: file in the hwsim folder.
        from_s, to_s: seconds after its first frame.
        most_bytes: leave out longer packets (data of downloads), to make room.
    """

    source: str
    from_s: float
    to_s: float
    most_bytes: int = 1 << 18


CUTS = {
    "deauth_flood/broadcast": Cut("a1_deauth_broadcast.pcap", 12.0, 17.2),
    "deauth_flood/one_station": Cut("a2_deauth_targeted.pcap", 13.5, 17.5),
    "disassoc_flood/mdk4": Cut("a3_mdk4_deauth_disassoc.pcap", 13.0, 17.0),
    "auth_flood/random_senders": Cut("a5_auth_flood.pcap", 13.0, 16.5),
    "assoc_flood/random_senders": Cut("a25b_assoc_flood.pcap", 13.0, 18.0),
    "beacon_flood/random_names": Cut("a4_beacon_flood.pcap", 13.0, 19.0),
    "eapol_start_flood/random_senders": Cut(
        "a8c_eapol_start_scripted.pcap", 13.5, 18.0
    ),
    "eapol_logoff_flood/three_stations": Cut("a8b_eapol_logoff.pcap", 14.4, 20.4),
    "sae_flood/random_senders": Cut("a18_sae_flood.pcap", 13.5, 17.0),
    "evil_twin/open": Cut("a9_evil_twin_open.pcap", 12.0, 20.0),
    "bssid_clone/same_bssid": Cut("a10_clone_same_bssid.pcap", 12.0, 19.0),
    "karma/airbase": Cut("a11_airbase_karma.pcap", 12.0, 20.0),
    "pmkid_harvest/hcxdumptool": Cut("a12b_hcxdumptool_pmkid.pcap", 13.5, 20.0),
    "handshake_harvest/deauth_and_join": Cut(
        "a15_handshake_capture.pcap", 18.2, 30.6, 300
    ),
    "wep_attack/fragmentation": Cut("a14b_wep_fragment.pcap", 14.0, 20.0),
    "wps_bruteforce/reaver": Cut("a13_reaver_wps.pcap", 13.5, 19.0),
    "malformed_element/fuzzed_frames": Cut("a21b_fuzz_mixed.pcap.gz", 14.4, 16.8),
    "ssid_overflow/malformed_elements": Cut("a21c_malformed_ies.pcap", 14.0, 19.5),
    "invalid_reason/forged_deauth": Cut("a23_deauth_invalid_reason.pcap", 13.5, 16.5),
}

BENIGN_CUTS = {
    "wpa2_psk": Cut("b1_wpa2_psk.pcap", 5.0, 15.0),
    "ap_restart": Cut("b7_ap_restart.pcap", 10.0, 20.0),
    "ft_roaming": Cut("b3_ess_ft_roaming.pcap", 10.0, 16.0),
}

MADE: dict[str, Callable[[], bytes]] = {
    "ssid_format_string/beacons": generated.format_string,
    "security_changed/sae_to_open": generated.security_changed,
    "posture/five_weak_networks": generated.weak_networks,
}


def cut(part: Cut) -> bytes:
    """*part* as a pcap file."""
    packets: list[tuple[int, bytes]] = []
    first_us = None
    for frames in frames_of(HWSIM / part.source):
        first_us = int(frames.ts_us[0]) if first_us is None else first_us
        passed_s = (frames.ts_us - first_us) / 1e6
        wanted = (passed_s >= part.from_s) & (passed_s < part.to_s)
        wanted &= frames.packet_length <= part.most_bytes
        packets += [packet(frames, int(row)) for row in np.flatnonzero(wanted)]
    return pcap(packets, RADIOTAP)


def packet(frames: Frames, row: int) -> tuple[int, bytes]:
    """Time and bytes of the packet at *row*, as it was captured."""
    start = int(frames.packet_start[row])
    end = start + int(frames.packet_length[row])
    return int(frames.ts_us[row]), frames.raw[start:end].tobytes()


def main() -> None:
    """Write all captures."""
    for name, part in CUTS.items():
        write(HERE / name / "capture.pcap.gz", cut(part))
    for name, make in MADE.items():
        write(HERE / name / "capture.pcap.gz", make())
    for name, part in BENIGN_CUTS.items():
        write(BENIGN / f"{name}.pcap.gz", cut(part))


def write(path: Path, content: bytes) -> None:
    """Write *content*, compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(content))


if __name__ == "__main__":
    main()
