"""
The radiotap fields (radiotap.org, "defined fields"; Linux, ieee80211_radiotap.h).
"""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """
    A field of a radiotap namespace.

    Attributes:
        size, align: bytes; alignment counts from the start of the radiotap header.
    """

    name: str
    size: int
    align: int


FIELDS: dict[int, Field] = {
    0: Field("tsft", 8, 8),
    1: Field("flags", 1, 1),
    2: Field("rate", 1, 1),
    3: Field("channel", 4, 2),
    4: Field("fhss", 2, 2),
    5: Field("signal_dbm", 1, 1),
    6: Field("noise_dbm", 1, 1),
    7: Field("lock_quality", 2, 2),
    8: Field("tx_attenuation", 2, 2),
    9: Field("tx_attenuation_db", 2, 2),
    10: Field("tx_power_dbm", 1, 1),
    11: Field("antenna", 1, 1),
    12: Field("signal_db", 1, 1),
    13: Field("noise_db", 1, 1),
    14: Field("rx_flags", 2, 2),
    15: Field("tx_flags", 2, 2),
    16: Field("rts_retries", 1, 1),
    17: Field("data_retries", 1, 1),
    18: Field("xchannel", 8, 4),
    19: Field("mcs", 3, 1),
    20: Field("ampdu", 8, 4),
    21: Field("vht", 12, 2),
    22: Field("timestamp", 12, 8),
    23: Field("he", 12, 2),
    24: Field("he_mu", 12, 2),
    25: Field("he_mu_other_user", 6, 2),
    26: Field("zero_length_psdu", 1, 1),
    27: Field("l_sig", 4, 2),
}
"""By bit of the present words."""

TLV_BIT = 28
RADIOTAP_BIT, VENDOR_BIT, EXTENDED_BIT = 29, 30, 31

TLV_S1G, TLV_USIG, TLV_EHT = 32, 33, 34
"""TLV types; a TLV is type (2 bytes), length (2), data, padded to 4."""

FLAG_SHORT_PREAMBLE = 0x02
FLAG_FRAGMENT = 0x08
FLAG_FCS_AT_END = 0x10
FLAG_DATA_PAD = 0x20
FLAG_BAD_FCS = 0x40

XCHANNEL_TURBO = 0x10
MAX_PRESENT_WORDS = 32
"""Present words that are followed; a header with more of them is not believed."""
