"""
The same fields of the same frames as tshark sees them, and as we do.

A column is a list of texts, one per packet; empty where there is no value.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sentinel_netlab.core.addresses import NO_ADDRESS, format_mac
from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.frames import NO_DBM, NO_SEQUENCE, NO_U8, RETRY, Frames

TSHARK = shutil.which("tshark")

FIELDS = {
    "kind": "wlan.fc.type_subtype",
    "receiver": "wlan.ra",
    "transmitter": "wlan.ta",
    "destination": "wlan.da",
    "source": "wlan.sa",
    "bssid": "wlan.bssid",
    "sequence": "wlan.seq",
    "fragment": "wlan.frag",
    "retry": "wlan.fc.retry",
    "ssid": "wlan.ssid",
    "frequency": "wlan_radio.frequency",
    "channel": "wlan_radio.channel",
    "signal": "wlan_radio.signal_dbm",
    "reason": "wlan.fixed.reason_code",
    "status": "wlan.fixed.status_code",
    "pairwise": "wlan.rsn.pcs.type",
    "akms": "wlan.rsn.akms.type",
    "message": "wlan_rsna_eapol.keydes.msgnr",
    "replay": "eapol.keydes.replay_counter",
}
"""What is compared, and tshark's name of it."""

ALSO = {"antenna_signal": "radiotap.dbm_antsignal", "protocols": "frame.protocols"}
"""What else is needed to compare."""

LISTS = {"pairwise", "akms"}
"""Fields whose every value is compared; of others the first."""

NUMBERS = {"reason", "status"}
"""Fields that tshark writes in hexadecimal."""

Columns = dict[str, list[str]]


def tshark_columns(path: Path) -> Columns:
    """What tshark says of the packets of *path*."""
    names = FIELDS | ALSO
    command = [str(TSHARK), "-n", "-r", str(path), "-T", "fields"]
    command += ["-E", "occurrence=a", "-E", "aggregator=,"]
    for name in names.values():
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, check=False)
    lines = done.stdout.decode(errors="replace").split("\n")[:-1]
    values = [line.split("\t") for line in lines]
    columns = dict(zip(names, map(list, zip(*values, strict=True)), strict=True))
    return _cleaned(columns) if columns else {name: [] for name in names}


def _cleaned(columns: Columns) -> Columns:
    for name in FIELDS:
        if name not in LISTS:
            columns[name] = [text.partition(",")[0] for text in columns[name]]
    for name in NUMBERS:
        texts = columns[name]
        columns[name] = [str(int(text, 16)) if text else "" for text in texts]
    columns["ssid"] = [text.replace("<MISSING>", "") for text in columns["ssid"]]
    # wlan_radio has the signal of the last antenna, we have that of the first.
    columns["signal"] = [
        several.partition(",")[0] or one
        for several, one in zip(
            columns["antenna_signal"], columns["signal"], strict=True
        )
    ]
    return columns


def our_columns(frames: Frames) -> Columns:
    """What we say of the packets of the block."""
    unknown = frames.version == NO_U8
    unnumbered = frames.sequence == NO_SEQUENCE
    kinds = [f"0x{kind:04x}" for kind in range(255)] + [""]
    eapol = frames.eapol
    return {
        "kind": [kinds[kind] for kind in frames.kind.tolist()],
        "receiver": _addresses(frames.receiver),
        "transmitter": _addresses(frames.transmitter),
        "destination": _addresses(frames.destination),
        "source": _addresses(frames.source),
        "bssid": _addresses(frames.bssid),
        "sequence": _numbers(frames.sequence, unnumbered),
        "fragment": _numbers(frames.fragment, unnumbered),
        "retry": _numbers((frames.flags & RETRY) >> 3, unknown),
        "ssid": _of_elements(frames, _ssid),
        "frequency": _numbers(frames.frequency_mhz, frames.frequency_mhz == 0),
        "channel": _numbers(frames.channel, frames.channel == 0),
        "signal": _numbers(frames.signal_dbm, frames.signal_dbm == NO_DBM),
        "reason": _numbers(frames.reason, frames.reason < 0),
        "status": _numbers(frames.status, frames.status < 0),
        "pairwise": _of_elements(frames, lambda e: _suites(e, "pairwise")),
        "akms": _of_elements(frames, lambda e: _suites(e, "akms")),
        "message": _of_eapol(
            frames, eapol.message, (eapol.message == 0) | (eapol.message > 4)
        ),
        "replay": _of_eapol(frames, eapol.replay_counter, eapol.descriptor == NO_U8),
    }


def _numbers(values: np.ndarray[Any, Any], gone: np.ndarray[Any, Any]) -> list[str]:
    pairs = zip(values.tolist(), gone.tolist(), strict=True)
    return ["" if missing else str(value) for value, missing in pairs]


def _addresses(values: np.ndarray[Any, Any]) -> list[str]:
    texts = {value: format_mac(value) for value in set(values.tolist()) - {NO_ADDRESS}}
    texts[NO_ADDRESS] = ""
    return [texts[value] for value in values.tolist()]


def _of_elements(frames: Frames, text: Callable[[Elements], str]) -> list[str]:
    texts = [*(text(elements) for elements in frames.element_sets), ""]
    return [texts[index] for index in frames.elements.tolist()]


def _ssid(elements: Elements) -> str:
    return (elements.ssid or b"").hex()


def _suites(elements: Elements, name: str) -> str:
    suites = getattr(elements.rsn, name) if elements.rsn else ()
    return ",".join(str(suite & 0xFF) for suite in suites)


def _of_eapol(
    frames: Frames, values: np.ndarray[Any, Any], gone: np.ndarray[Any, Any]
) -> list[str]:
    texts = [""] * len(frames)
    numbers = _numbers(values, gone)
    for row, text in zip(frames.eapol.row.tolist(), numbers, strict=True):
        texts[row] = text
    return texts
