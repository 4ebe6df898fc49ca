"""
Frames: a block of decoded 802.11 frames as columns.

One row is one frame, in the order of the capture.  Every column is a NumPy array of the
same length; `Frames.columns()` says dtype, unit and missing value of each.  The raw
bytes that the frames came from stay referenced in `Frames.raw` and are never written
again.  What only few frames have lives in sparse tables (`EapolRows`, `ActionRows`),
whose ``row`` column points into the block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.actions import ActionRows
from sentinel_netlab.core.addresses import NO_ADDRESS
from sentinel_netlab.core.eapol import EapolRows
from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.kinds import ADVERTISING, KINDS
from sentinel_netlab.core.tables import Table, column
from sentinel_netlab.core.together import together

NO_DBM = -32768
NO_SEQUENCE = 0xFFFF
NO_U8 = 0xFF
NO_U64 = 2**64 - 1

TO_DS = 0x01  # IEEE Std 802.11-2020, 9.2.4.1: second byte of Frame Control
FROM_DS = 0x02
MORE_FRAGMENTS = 0x04
RETRY = 0x08
POWER_MANAGEMENT = 0x10
MORE_DATA = 0x20
PROTECTED = 0x40
ORDER = 0x80

BAD_LINK = 0x01
"""The pseudo-header (radiotap, PPI …) was unusable: nothing of the frame is known."""
SHORT_HEADER = 0x02
"""The frame ends inside its own MAC header."""
SHORT_BODY = 0x04
"""The frame ends inside the fixed fields that its kind must have."""
BAD_ELEMENT = 0x08
"""An information element runs past the frame or has an impossible length."""
BAD_VERSION = 0x10
"""Protocol version is not 0; no address is decoded."""
BAD_EAPOL = 0x20
"""An EAPOL packet whose lengths do not fit the frame."""
BAD_ACTION = 0x40
"""An action frame that ends inside the fields of its action."""

NO_HEADER = BAD_LINK | SHORT_HEADER | BAD_VERSION
"""Rows with any of these have no usable addresses and no body."""

CAP_ESS = 0x0001  # IEEE Std 802.11-2020, 9.4.1.4: Capability Information
CAP_IBSS = 0x0002
CAP_PRIVACY = 0x0010

RADIO_SHORT_PREAMBLE = 0x0001
RADIO_FCS_AT_END = 0x0002
RADIO_FRAGMENT = 0x0004
RADIO_AMPDU = 0x0008
RADIO_USIG = 0x0010
RADIO_EHT = 0x0020
RADIO_DATA_PAD = 0x0080
"""The radio padded the MAC header to a multiple of 4 bytes."""
RADIO_TX = 0x0040
"""TX flags are present: the capturing host sent this frame itself (injection)."""

PHY_UNKNOWN, PHY_LEGACY, PHY_HT, PHY_VHT, PHY_HE, PHY_EHT, PHY_S1G = range(7)

IV_NONE, IV_WEP, IV_TKIP, IV_CCMP = range(4)
"""Shape of the IV of a protected frame; CCMP and GCMP look alike."""

ANTENNAS = 4
"""How many antennas of a frame are kept apart; further ones are dropped."""

Rows = NDArray[np.intp]


class Advertisement(NamedTuple):
    """
    Beacons or probe responses of one block that say the same.

    Attributes:
        rows: their rows, ascending.
        kind: ``BEACON`` or ``PROBE_RESP``.
        bssid: 48-bit address.
        channel: radio channel, 0 unknown; frequency_mhz likewise.
        capability: Capability Information field.
        elements: parsed elements of the first of them; the others differ at most in
            what changes from beacon to beacon (`Elements.identity` is equal).
    """

    rows: Rows
    kind: int
    bssid: int
    channel: int
    frequency_mhz: int
    capability: int
    elements: Elements


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Frames(Table):
    """A block of frames; see the module's docstring."""

    ts_us: NDArray[np.int64] = column("i8", 0, "µs since 1970-01-01 UTC, as recorded")
    elapsed_us: NDArray[np.int64] = column(
        "i8",
        0,
        "µs; equals ts_us while the capture clock runs forward, never decreases: "
        "use it for windows",
    )
    number: NDArray[np.int64] = column("i8", 0, "frame number in the capture, from 1")
    packet_start: NDArray[np.int64] = column(
        "i8", 0, "offset in raw of the captured packet, pseudo-header included"
    )
    packet_length: NDArray[np.int64] = column("i8", 0, "captured bytes of the packet")
    wire_length: NDArray[np.int64] = column("i8", 0, "bytes that the packet had")
    linktype: NDArray[np.uint16] = column("u2", 0, "LINKTYPE_ value of tcpdump.org")
    start: NDArray[np.int64] = column("i8", 0, "offset in raw of the 802.11 header")
    length: NDArray[np.int64] = column("i8", 0, "captured 802.11 bytes without FCS")
    snapped: NDArray[np.bool_] = column("?", False, "captured shorter than on the air")
    malformed: NDArray[np.uint16] = column("u2", 0, "bits BAD_… and SHORT_…")

    signal_dbm: NDArray[np.int16] = column("i2", NO_DBM, "dBm")
    noise_dbm: NDArray[np.int16] = column("i2", NO_DBM, "dBm")
    antenna_signal_dbm: NDArray[np.int16] = column(
        "i2", NO_DBM, "dBm per antenna", width=ANTENNAS
    )
    antenna_noise_dbm: NDArray[np.int16] = column(
        "i2", NO_DBM, "dBm per antenna", width=ANTENNAS
    )
    antenna: NDArray[np.uint8] = column("u1", NO_U8, "number of the antenna")
    frequency_mhz: NDArray[np.uint16] = column("u2", 0, "MHz, centre of the channel")
    channel: NDArray[np.uint16] = column(
        "u2", 0, "channel number of the radio, or as announced if it said none"
    )
    rate_kbps: NDArray[np.uint32] = column("u4", 0, "kbit/s")
    mcs: NDArray[np.uint8] = column("u1", NO_U8, "MCS index of the phy")
    phy: NDArray[np.uint8] = column("u1", PHY_UNKNOWN, "PHY_…")
    radio_flags: NDArray[np.uint16] = column("u2", 0, "bits RADIO_…")
    rx_flags: NDArray[np.uint16] = column("u2", 0, "radiotap RX flags as they came")
    ampdu_reference: NDArray[np.uint32] = column("u4", 0, "A-MPDU number, 0 none")
    tsft_us: NDArray[np.uint64] = column("u8", NO_U64, "µs, the radio's own TSF")
    bad_fcs: NDArray[np.bool_] = column("?", False, "the radio said: check failed")

    version: NDArray[np.uint8] = column("u1", NO_U8, "protocol version, 0 is 802.11")
    kind: NDArray[np.uint8] = column("u1", NO_U8, "type << 4 | subtype, core.kinds")
    flags: NDArray[np.uint8] = column("u1", 0, "second byte of Frame Control")
    duration: NDArray[np.uint16] = column("u2", 0, "µs, or the AID of a PS-Poll")
    receiver: NDArray[np.uint64] = column("u8", NO_ADDRESS, "48-bit address (RA)")
    transmitter: NDArray[np.uint64] = column("u8", NO_ADDRESS, "48-bit address (TA)")
    destination: NDArray[np.uint64] = column("u8", NO_ADDRESS, "48-bit address (DA)")
    source: NDArray[np.uint64] = column("u8", NO_ADDRESS, "48-bit address (SA)")
    bssid: NDArray[np.uint64] = column("u8", NO_ADDRESS, "48-bit address")
    sequence: NDArray[np.uint16] = column("u2", NO_SEQUENCE, "0-4095")
    fragment: NDArray[np.uint8] = column("u1", 0, "0-15")
    tid: NDArray[np.uint8] = column("u1", NO_U8, "traffic identifier of QoS data")
    body_start: NDArray[np.int64] = column("i8", 0, "offset in raw behind the header")
    body_length: NDArray[np.int64] = column("i8", 0, "bytes behind the MAC header")

    tsf_us: NDArray[np.uint64] = column("u8", NO_U64, "µs, Timestamp of a beacon")
    interval_tu: NDArray[np.uint16] = column("u2", 0, "beacon interval, 1,024 µs")
    capability: NDArray[np.int32] = column("i4", -1, "Capability Information bits")
    reason: NDArray[np.int32] = column("i4", -1, "reason code")
    status: NDArray[np.int32] = column("i4", -1, "status code")
    auth_algorithm: NDArray[np.int32] = column("i4", -1, "authentication algorithm")
    auth_transaction: NDArray[np.int32] = column("i4", -1, "transaction number")
    elements: NDArray[np.int32] = column("i4", -1, "index into element_sets")

    iv: NDArray[np.uint8] = column("u1", IV_NONE, "IV_… of a protected frame")
    key_id: NDArray[np.uint8] = column("u1", NO_U8, "0-3")
    packet_number: NDArray[np.uint64] = column(
        "u8", NO_U64, "PN, TSC (48 bits) or WEP IV (24 bits)"
    )

    raw: NDArray[np.uint8] = field(repr=False)
    element_sets: tuple[Elements, ...] = field(default=(), repr=False)
    eapol: EapolRows = field(default_factory=EapolRows.empty, repr=False)
    actions: ActionRows = field(default_factory=ActionRows.empty, repr=False)
    _cache: dict[object, Any] = field(default_factory=dict, init=False, repr=False)

    def rows(self, *kinds: int) -> Rows:
        """Rows of these *kinds* with a usable MAC header, ascending."""
        found: Rows | None = self._cache.get(kinds)
        if found is None:
            if len(kinds) == 1:
                found = np.flatnonzero(self._usable_kind() == kinds[0])
            else:
                wanted = np.zeros(256, np.bool_)
                wanted[list(kinds)] = True
                found = np.flatnonzero(wanted[self._usable_kind()])
            self._cache[kinds] = found
        return found

    @property
    def present(self) -> int:
        """Bit *k* is set if a frame of kind *k* with a usable header is here."""
        bits: int | None = self._cache.get("present")
        if bits is None:
            counts = np.bincount(self._usable_kind(), minlength=256)[:KINDS]
            bits = sum(1 << int(kind) for kind in np.flatnonzero(counts))
            self._cache["present"] = bits
        return bits

    @property
    def advertisements(self) -> tuple[Advertisement, ...]:
        """Beacons and probe responses of the block, grouped; by first row."""
        groups: tuple[Advertisement, ...] | None = self._cache.get("advertisements")
        if groups is None:
            groups = tuple(_group_advertisements(self))
            self._cache["advertisements"] = groups
        return groups

    def cached(self, name: str) -> Any:
        """What `cache` kept under *name*, None if nothing."""
        return self._cache.get(name)

    def cache(self, name: str, value: Any) -> Any:
        """Keep something that was worked out from this block; gives *value* back."""
        self._cache[name] = value
        return value

    def body(self, row: int) -> bytes:
        """Bytes behind the MAC header of the frame at *row*."""
        start = int(self.body_start[row])
        return self.raw[start : start + int(self.body_length[row])].tobytes()

    def take(self, rows: Rows) -> Frames:
        """The frames at *rows* as a block of their own, over the same raw bytes."""
        return Frames(
            **self.take_columns(rows),
            raw=self.raw,
            element_sets=self.element_sets,
            eapol=self.eapol.at(rows),
            actions=self.actions.at(rows),
        )

    def with_good_fcs(self) -> Frames:
        """The same frames, none of them marked as having failed its check."""
        return replace(self, bad_fcs=np.zeros(len(self), np.bool_))

    def _usable_kind(self) -> NDArray[np.uint8]:
        usable: NDArray[np.uint8] | None = self._cache.get("kind")
        if usable is None:
            bad = (self.malformed & NO_HEADER) != 0
            usable = np.where(bad, np.uint8(NO_U8), self.kind)
            self._cache["kind"] = usable
        return usable


def concatenated(blocks: Sequence[Frames]) -> Frames:
    """The rows of *blocks* (at least one), one after the other, over joined bytes."""
    if len(blocks) == 1:
        return blocks[0]
    columns = [block.take_columns(slice(None)) for block in blocks]
    raw: list[NDArray[np.uint8]] = []
    sets: list[Elements] = []
    row = 0
    eapol, actions = [], []
    at = 0
    for block, part in zip(blocks, columns, strict=True):
        low = int(part["packet_start"].min())
        # Gathers may look a little behind the last packet; see decode.gather.PAD.
        high = int((part["packet_start"] + part["packet_length"]).max()) + 64
        raw.append(block.raw[low:high])
        for name in ("packet_start", "start", "body_start"):
            part[name] = part[name] + (at - low)
        known = part["elements"] >= 0
        part["elements"] = np.where(known, part["elements"] + len(sets), -1)
        sets += block.element_sets
        eapol.append(block.eapol.shifted(row))
        actions.append(block.actions.shifted(row))
        at += len(raw[-1])
        row += len(block)
    return Frames(
        **{
            name: np.concatenate([part[name] for part in columns])
            for name in Frames.columns()
        },
        raw=np.concatenate(raw),
        element_sets=tuple(sets),
        eapol=EapolRows.concatenated(eapol),
        actions=ActionRows.concatenated(actions),
    )


def _group_advertisements(frames: Frames) -> list[Advertisement]:
    rows = frames.rows(*ADVERTISING)
    rows = rows[frames.elements[rows] >= 0]
    if not len(rows):
        return []
    order, starts = together(_advertisement_keys(frames, rows))
    ends = np.append(starts[1:], len(order))
    by_first = np.argsort(order[starts])
    starts, ends = starts[by_first], ends[by_first]
    heads = rows[order[starts]]
    rows = rows[order]
    # Copies, so that a group that is kept does not keep all the rows.
    parts = [
        rows[start:end].copy()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    sets = [frames.element_sets[at] for at in frames.elements[heads].tolist()]
    columns = (
        getattr(frames, name)[heads].tolist()
        for name in ("kind", "bssid", "channel", "frequency_mhz", "capability")
    )
    return list(map(Advertisement, parts, *columns, sets))


def _advertisement_keys(frames: Frames, rows: Rows) -> tuple[NDArray[np.uint64], ...]:
    identities = _identities(frames)[frames.elements[rows]]
    address = frames.bssid[rows] | (
        frames.kind[rows].astype(np.uint64) << np.uint64(56)
    )
    where = (
        (frames.capability[rows].astype(np.uint64) & np.uint64(0xFFFFFFFF))
        | (frames.frequency_mhz[rows].astype(np.uint64) << np.uint64(32))
        | (frames.channel[rows].astype(np.uint64) << np.uint64(48))
    )
    return identities, where, address


def _identities(frames: Frames) -> NDArray[np.uint64]:
    """Number of the first element set that equals each but for TIM and the like."""
    first: dict[bytes, int] = {}
    numbers = [
        first.setdefault(elements.identity, index)
        for index, elements in enumerate(frames.element_sets)
    ]
    return np.array(numbers, np.uint64)
