"""
EAPOL-Key packets: which message of which handshake, counters, nonces, PMKID.

Source: IEEE Std 802.11-2020, 12.7.2, 12.7.6 (4-way handshake), 12.7.7 (group key);
IEEE Std 802.1X-2004, 7.6 (RC4 descriptor of dynamic WEP).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.eapol import GROUP_1, GROUP_2, M1, M2, M3, M4
from sentinel_netlab.decode import tlv
from sentinel_netlab.decode.eapol_body import Bodies
from sentinel_netlab.decode.gather import Gather, Offsets

Columns = dict[str, NDArray[Any]]

RC4_DESCRIPTOR, RSN_DESCRIPTOR, WPA_DESCRIPTOR = 1, 2, 254

PAIRWISE, INSTALL, ACK, MIC = 0x0008, 0x0040, 0x0080, 0x0100
SECURE, ERROR, REQUEST, ENCRYPTED = 0x0200, 0x0400, 0x0800, 0x1000
"""Key Information bits (figure 12-35)."""

COUNTER_AT, NONCE_AT, MIC_AT = 5, 13, 77
"""Offsets from the descriptor type on: replay counter, nonce, MIC (figure 12-34)."""

RC4_COUNTER_AT, RC4_SIGNATURE_AT, RC4_BYTES = 3, 28, 44
"""The same for the RC4 descriptor, whose length without the key is fixed."""

MIC_BYTES = (16, 24, 32, 0)
"""Lengths of the MIC by AKM (table 12-10), the usual one first; 0 with AEAD."""

LENGTH_BYTES = 2
"""Size of Key Data Length, which stands behind the MIC."""

AEAD_TAG_BYTES = 16
"""What empty key data grows to where an AEAD cipher protects it (12.7.2)."""

PMKID_KDE = 0xDD14000FAC04
"""DD 14, OUI 00-0F-AC, type 4 (table 12-9); 16 bytes follow."""

KDE_HEAD_BYTES, PMKID_BYTES = 6, 16


class KeyData(NamedTuple):
    """
    The end of key packets.

    Attributes:
        mic_bytes: length of the MIC field.
        at: offset of the key data.
        length: Key Data Length as it stands there, 0 where it was not captured.
        known: Key Data Length was captured.
        fits: the key data ends inside the packet; True where that cannot be told.
    """

    mic_bytes: Offsets
    at: Offsets
    length: Offsets
    known: NDArray[np.bool_]
    fits: NDArray[np.bool_]


def fill(gather: Gather, table: Columns, bodies: Bodies) -> None:
    """Read key packets into *table*; ``overrun`` where one ends too early."""
    bodies = bodies.of(bodies.captured >= 1)
    descriptor = gather.u8(bodies.at)
    table["descriptor"][bodies.which] = descriptor
    rsn = (descriptor == RSN_DESCRIPTOR) | (descriptor == WPA_DESCRIPTOR)
    _fill_rsn(gather, table, bodies.of(rsn))
    rc4 = descriptor == RC4_DESCRIPTOR
    if rc4.any():
        _fill_rc4(gather, table, bodies.of(rc4))


def _fill_rc4(gather: Gather, table: Columns, bodies: Bodies) -> None:
    table["overrun"][bodies.which] |= bodies.claimed < RC4_BYTES
    which, at, _, _ = bodies.of(bodies.captured >= RC4_BYTES)
    table["replay_counter"][which] = gather.be64(at + RC4_COUNTER_AT)
    table["has_mic"][which] = _any_of_16(gather, at + RC4_SIGNATURE_AT)


def _fill_rsn(gather: Gather, table: Columns, bodies: Bodies) -> None:
    table["overrun"][bodies.which] |= bodies.claimed < MIC_AT
    bodies = bodies.of(bodies.captured >= MIC_AT)
    which, at = bodies.which, bodies.at
    if not len(which):
        return
    info = gather.be16(at + 1)
    table["key_info"][which] = info
    table["replay_counter"][which] = gather.be64(at + COUNTER_AT)
    table["nonce"][which] = gather.slice(at + NONCE_AT, 32)
    data = _key_data(gather, bodies)
    table["overrun"][which] |= ~data.fits
    table["key_data_length"][which] = data.length
    whole = (data.mic_bytes > 0) & (bodies.captured >= MIC_AT + data.mic_bytes)
    table["has_mic"][which[whole]] = _any_of_16(gather, at[whole] + MIC_AT)
    table["message"][which] = np.where(data.known, _message(info, data), 0)
    _fill_pmkid(gather, table, bodies, data)


def _any_of_16(gather: Gather, at: Offsets) -> NDArray[np.bool_]:
    """The 16 bytes from each offset on are not all zero."""
    some: NDArray[np.bool_] = (gather.be64(at) | gather.be64(at + 8)) != 0
    return some


def _key_data(gather: Gather, bodies: Bodies) -> KeyData:
    """
    Find the key data behind a MIC whose length the packet does not say.

    That length is taken with which the key data ends where the packet does, else the
    usual one: padding may stand behind the key data.
    """
    _, at, captured, claimed = bodies
    mic_bytes = np.full(len(at), -1, np.int64)
    for usual in MIC_BYTES:
        least = MIC_AT + usual + LENGTH_BYTES
        rows = np.flatnonzero((mic_bytes < 0) & (captured >= least))
        announced = gather.be16(at[rows] + MIC_AT + usual)
        mic_bytes[rows[announced == claimed[rows] - least]] = usual
        if (mic_bytes >= 0).all():
            break
    exact = mic_bytes >= 0
    mic_bytes[~exact] = MIC_BYTES[0]
    behind = MIC_AT + mic_bytes + LENGTH_BYTES
    known = captured >= behind
    length = np.zeros(len(at), np.int64)
    length[known] = gather.be16((at + MIC_AT + mic_bytes)[known])
    fits = exact | (behind + length <= claimed)
    return KeyData(mic_bytes, at + behind, length, known, fits)


def _message(info: NDArray[np.uint16], data: KeyData) -> NDArray[np.uint8]:
    """
    Number of the message (core.eapol.M1 …), 0 for requests of a supplicant.

    Ack and Install decide.  The MIC bit does not (an AEAD cipher leaves it clear), nor
    does Secure (WPA leaves it clear in M4, Windows sets it in M2 of a rekey): M4 is
    what has no key data.
    """
    pairwise, ack = (info & PAIRWISE) != 0, (info & ACK) != 0
    empty = data.length == 0
    empty |= (data.mic_bytes == 0) & (data.length == AEAD_TAG_BYTES)
    asked = np.where((info & INSTALL) != 0, M3, M1)
    answered = np.where(empty, M4, M2)
    of_pair = np.where(ack, asked, answered)
    number = np.where(pairwise, of_pair, np.where(ack, GROUP_1, GROUP_2))
    return np.where((info & REQUEST) != 0, 0, number).astype(np.uint8)


def _fill_pmkid(gather: Gather, table: Columns, bodies: Bodies, data: KeyData) -> None:
    """The PMKID in the plain key data of M1 (12.7.6.2)."""
    which = bodies.which
    has = (table["message"][which] == M1) & (data.length > 0)
    has &= (table["key_info"][which] & ENCRYPTED) == 0
    if not has.any():
        return
    at, end = data.at[has], (bodies.at + bodies.captured)[has]
    end = np.minimum(at + data.length[has], end)

    def is_pmkid(place: Offsets) -> NDArray[np.bool_]:
        head = gather.be64(place) >> np.uint64(16)
        match: NDArray[np.bool_] = head == np.uint64(PMKID_KDE)
        return match

    kde = tlv.find(gather, at, end, is_pmkid)
    there = kde >= 0
    rows = which[has][there]
    table["has_pmkid"][rows] = True
    pmkid = gather.slice(kde[there] + KDE_HEAD_BYTES, PMKID_BYTES)
    table["pmkid"][rows] = pmkid
