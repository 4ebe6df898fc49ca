"""
What the radiotap fields say, read for many headers of one layout at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.frames import (
    ANTENNAS,
    NO_DBM,
    NO_U8,
    NO_U64,
    PHY_EHT,
    PHY_HE,
    PHY_HT,
    PHY_LEGACY,
    PHY_S1G,
    PHY_UNKNOWN,
    PHY_VHT,
    RADIO_AMPDU,
    RADIO_DATA_PAD,
    RADIO_EHT,
    RADIO_FCS_AT_END,
    RADIO_FRAGMENT,
    RADIO_SHORT_PREAMBLE,
    RADIO_TX,
    RADIO_USIG,
)
from sentinel_netlab.decode.gather import Gather, Strip
from sentinel_netlab.decode.links.channels import channels_of
from sentinel_netlab.decode.links.radiotap_fields import (
    FLAG_BAD_FCS,
    FLAG_DATA_PAD,
    FLAG_FCS_AT_END,
    FLAG_FRAGMENT,
    FLAG_SHORT_PREAMBLE,
    TLV_EHT,
    TLV_S1G,
    TLV_USIG,
)

Columns = dict[str, NDArray[Any]]
Offsets = NDArray[np.int64]
Rows = NDArray[np.intp]

MOST_TLVS = 32
"""TLVs of a header that are looked at."""

STRIP_BYTES = 64
"""So much of each header is fetched at once; fields behind it one by one."""

_FLAG_BITS = (
    (FLAG_SHORT_PREAMBLE, RADIO_SHORT_PREAMBLE),
    (FLAG_FRAGMENT, RADIO_FRAGMENT),
    (FLAG_FCS_AT_END, RADIO_FCS_AT_END),
    (FLAG_DATA_PAD, RADIO_DATA_PAD),
)
_RADIO_FLAGS = np.array(
    [sum(radio for bit, radio in _FLAG_BITS if flags & bit) for flags in range(256)],
    np.uint16,
)
"""``radio_flags`` by what the Flags field says."""


def apply_flags(columns: Columns, rows: Rows | slice, flags: NDArray[np.uint8]) -> None:
    """Set what the radiotap Flags field says of each row."""
    if flags.any():
        columns["bad_fcs"][rows] = (flags & FLAG_BAD_FCS) != 0
        columns["radio_flags"][rows] |= _RADIO_FLAGS[flags]


class Headers:
    """
    Radiotap headers of one layout.

    Args:
        flags: where the Flags field of each row of the block goes.
        rows: which rows of the block they are.
        start, size: where each begins and how long it is.
    """

    def __init__(
        self,
        gather: Gather,
        columns: Columns,
        flags: NDArray[np.uint8],
        rows: Rows | slice,
        start: Offsets,
        size: Offsets,
    ) -> None:
        self._gather = gather
        self._columns = columns
        self._flags = flags
        self._rows = rows
        self._start = start
        self._size = size
        self._shortest = int(size.min())
        self._strip: Strip | None = None

    def one_by_one(self) -> Iterator[Headers]:
        """Each header alone."""
        for place in range(len(self._start)):
            yield self._some(np.array([place]))

    def reach(self, offset: int) -> bool:
        """Whether every header goes on up to *offset*."""
        return offset <= self._shortest

    def number_at(self, offset: int) -> int:
        """The 16-bit number at *offset* of the first header."""
        return int(self._gather.le16(self._start[:1] + offset)[0])

    def read(self, name: str, offset: int, size: int, namespace: int) -> None:
        """Read one field; headers that end before its end are left out."""
        reader = (_FIRST if namespace == 0 else _FURTHER).get(name)
        if reader is None:
            return
        end = offset + size
        if self.reach(end):
            reader(self, self._field(offset, size), namespace)
            return
        fits = np.flatnonzero(self._size >= end)
        if len(fits):
            self._some(fits).read(name, offset, size, namespace)

    def _field(self, offset: int, size: int) -> Strip:
        if offset + size > STRIP_BYTES:
            return self._gather.strip(self._start + offset, size)
        if self._strip is None:
            width = min(-(-self._shortest // 8) * 8, STRIP_BYTES)
            self._strip = self._gather.strip(self._start, width)
        return self._strip.behind(offset)

    def _some(self, places: Rows) -> Headers:
        rows = self._rows
        known = places if isinstance(rows, slice) else rows[places]
        start, size = self._start[places], self._size[places]
        return Headers(self._gather, self._columns, self._flags, known, start, size)

    def read_tlvs(self, offset: int) -> None:
        """Note which TLVs follow at *offset*."""
        at = np.full(len(self._start), -(-offset // 4) * 4, np.int64)
        for _ in range(MOST_TLVS):
            inside = np.flatnonzero(at + 4 <= self._size)
            if not len(inside):
                break
            head = self._gather.strip(self._start[inside] + at[inside], 4)
            kind, length = head.le16(), head.le16(2)
            for number, radio, phy in _TLVS:
                matching = inside[kind == number]
                if len(matching):
                    some = self._some(matching)
                    some.mark(radio)
                    some.put("phy", np.uint8(phy))
            at[inside] += 4 + (length.astype(np.int64) + 3) // 4 * 4

    def put(self, name: str, found: Any) -> None:
        """Set a column of the headers."""
        self._columns[name][self._rows] = found

    def mark(self, radio: int) -> None:
        """Set a bit of ``radio_flags``."""
        self._columns["radio_flags"][self._rows] |= np.uint16(radio)

    def tsft(self, field: Strip, _: int) -> None:
        """Time of the MAC at the first bit, µs (field 0)."""
        self.put("tsft_us", field.le64())

    def read_flags(self, field: Strip, _: int) -> None:
        """Frame flags: FCS, short preamble (field 1)."""
        self._flags[self._rows] = field.u8()

    def rate(self, field: Strip, _: int) -> None:
        """Legacy rate in 500 kbit/s (field 2)."""
        rate = field.u8()
        self.put("rate_kbps", rate.astype(np.uint32) * np.uint32(500))
        self.put("phy", np.where(rate, np.uint8(PHY_LEGACY), np.uint8(PHY_UNKNOWN)))

    def channel(self, field: Strip, _: int) -> None:
        """Centre frequency in MHz (field 3)."""
        frequency = field.le16()
        self.put("frequency_mhz", frequency)
        self.put("channel", channels_of(frequency))

    def xchannel(self, field: Strip, _: int) -> None:
        """Centre frequency, where field 3 is absent (field 18)."""
        if not self._columns["frequency_mhz"][self._rows].any():
            self.channel(field.behind(4), 0)

    def signal(self, field: Strip, _: int) -> None:
        """Signal in dBm (field 5)."""
        self.put("signal_dbm", _dbm(field))

    def noise(self, field: Strip, _: int) -> None:
        """Noise in dBm (field 6)."""
        self.put("noise_dbm", _dbm(field))

    def antenna(self, field: Strip, _: int) -> None:
        """Index of the antenna (field 11)."""
        self.put("antenna", field.u8())

    def antenna_signal(self, field: Strip, namespace: int) -> None:
        """Signal in dBm in the namespace of one antenna."""
        if namespace <= ANTENNAS:
            column = self._columns["antenna_signal_dbm"]
            column[self._rows, namespace - 1] = _dbm(field)

    def antenna_noise(self, field: Strip, namespace: int) -> None:
        """Noise in dBm in the namespace of one antenna."""
        if namespace <= ANTENNAS:
            column = self._columns["antenna_noise_dbm"]
            column[self._rows, namespace - 1] = _dbm(field)

    def rx_flags(self, field: Strip, _: int) -> None:
        """Flags of reception (field 14)."""
        self.put("rx_flags", field.le16())

    def tx_flags(self, _: Strip, __: int) -> None:
        """Present only in frames that were sent from here (field 15)."""
        self.mark(RADIO_TX)

    def mcs(self, field: Strip, _: int) -> None:
        """HT rate: what is known, flags, index (field 19)."""
        known = (field.u8() & 0x02) != 0
        self.put("mcs", np.where(known, field.u8(2), np.uint8(NO_U8)))
        self.put("phy", np.uint8(PHY_HT))

    def ampdu(self, field: Strip, _: int) -> None:
        """Reference number shared by the frames of an A-MPDU (field 20)."""
        self.put("ampdu_reference", field.le32())
        self.mark(RADIO_AMPDU)

    def vht(self, field: Strip, _: int) -> None:
        """VHT rate: MCS of the first user (field 21)."""
        self.put("mcs", field.u8(4) >> 4)
        self.put("phy", np.uint8(PHY_VHT))

    def he(self, field: Strip, _: int) -> None:
        """HE rate: data 1 says what is known, data 3 has the MCS (field 23)."""
        known = (field.le16() & 0x0020) != 0
        mcs = field.u8(5) & 15
        self.put("mcs", np.where(known, mcs, np.uint8(NO_U8)))
        self.put("phy", np.uint8(PHY_HE))

    def timestamp(self, field: Strip, _: int) -> None:
        """Stands in for TSFT where that is absent and the unit is µs."""
        time_us = self._columns["tsft_us"][self._rows]
        useful = (field.u8(10) & 15 == 1) & (time_us == NO_U64)
        self.put("tsft_us", np.where(useful, field.le64(), time_us))


Reader = Callable[[Headers, Strip, int], None]

_FIRST: dict[str, Reader] = {
    "tsft": Headers.tsft,
    "flags": Headers.read_flags,
    "rate": Headers.rate,
    "channel": Headers.channel,
    "xchannel": Headers.xchannel,
    "signal_dbm": Headers.signal,
    "noise_dbm": Headers.noise,
    "antenna": Headers.antenna,
    "rx_flags": Headers.rx_flags,
    "tx_flags": Headers.tx_flags,
    "mcs": Headers.mcs,
    "ampdu": Headers.ampdu,
    "vht": Headers.vht,
    "he": Headers.he,
    "timestamp": Headers.timestamp,
}
_FURTHER: dict[str, Reader] = {
    "signal_dbm": Headers.antenna_signal,
    "noise_dbm": Headers.antenna_noise,
}
"""Readers of the first radiotap namespace, and of those per antenna."""

_TLVS = (
    (TLV_S1G, 0, PHY_S1G),
    (TLV_USIG, RADIO_USIG, PHY_EHT),
    (TLV_EHT, RADIO_EHT, PHY_EHT),
)


def _dbm(field: Strip) -> NDArray[np.int16]:
    # Drivers report 0 dBm for "unknown"; no real receiver hears that loud.
    level = field.i8()
    return np.where(level == 0, np.int16(NO_DBM), level)
