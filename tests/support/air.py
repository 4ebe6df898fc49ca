"""
802.11 frames made by hand, and captures of them.

Addresses are 48-bit integers, times µs.  Clauses are those of IEEE Std 802.11-2020.
"""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass, field

from tests.support.run import packets_in

from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import (
    ASSOC_REQ,
    ASSOC_RESP,
    AUTH,
    BEACON,
    DATA,
    DEAUTH,
    PROBE_REQ,
    PROBE_RESP,
)
from sentinel_netlab.decode.block import BlockDecoder

BROADCAST = 0xFFFF_FFFF_FFFF
AP = 0x02_00_00_00_00_01
STATION = 0x02_00_00_00_00_0A
START_US = 1_700_000_000_000_000
ESS, PRIVACY = 0x0001, 0x0010

RATES = bytes((1, 4, 0x82, 0x84, 0x8B, 0x96))
WPA2_PSK = bytes.fromhex("30140100000fac040100000fac040100000fac020000")
"""RSN element: CCMP, PSK, no management frame protection (9.4.2.24)."""
WPA3_SAE = bytes.fromhex("30140100000fac040100000fac040100000fac08c000")
"""RSN element: CCMP, SAE, protection required."""
WPA1_TKIP = bytes.fromhex("dd160050f20101000050f20201000050f20201000050f202")
"""WPA element: TKIP, PSK."""
WPS = bytes.fromhex("dd0e0050f204104a0001101044000102")
"""WPS element: version 1.0, configured."""


def element(number: int, body: bytes) -> bytes:
    """An information element (9.4.2.1)."""
    return bytes((number, len(body))) + body


def mac(address: int) -> bytes:
    """*address* as it is on the air."""
    return address.to_bytes(6, "big")


def frame(
    kind: int,
    body: bytes = b"",
    *,
    receiver: int = BROADCAST,
    transmitter: int = AP,
    third: int = AP,
    flags: int = 0,
    sequence: int = 0,
    duration_us: int = 0,
) -> bytes:
    """A frame with three addresses (9.2.3)."""
    family, subtype = kind >> 4, kind & 15
    head = struct.pack("<BBH", family << 2 | subtype << 4, flags, duration_us)
    addresses = mac(receiver) + mac(transmitter) + mac(third)
    return head + addresses + struct.pack("<H", (sequence & 4095) << 4) + body


def beacon(  # the parts of a beacon
    bssid: int = AP,
    ssid: bytes = b"net",
    *,
    tail: bytes = WPA2_PSK,
    capability: int = ESS | PRIVACY,
    channel: int = 6,
    sequence: int = 0,
    tsf_us: int = 0,
    interval_tu: int = 100,
) -> bytes:
    """A beacon (9.3.3.2); *tail* stands behind SSID, rates and DS."""
    body = struct.pack("<QHH", tsf_us, interval_tu, capability)
    body += element(0, ssid) + RATES + element(3, bytes([channel])) + tail
    return frame(BEACON, body, transmitter=bssid, third=bssid, sequence=sequence)


def probe_response(
    bssid: int = AP, ssid: bytes = b"net", *, to: int = STATION, tail: bytes = WPA2_PSK
) -> bytes:
    """A probe response (9.3.3.10)."""
    body = struct.pack("<QHH", 0, 100, ESS | (PRIVACY if tail else 0))
    body += element(0, ssid) + RATES + tail
    return frame(PROBE_RESP, body, receiver=to, transmitter=bssid, third=bssid)


def probe_request(ssid: bytes = b"", *, station: int = STATION) -> bytes:
    """A probe request (9.3.3.9)."""
    body = element(0, ssid) + RATES
    return frame(PROBE_REQ, body, transmitter=station, third=BROADCAST)


def auth(
    transaction: int = 1,
    *,
    algorithm: int = 0,
    status: int = 0,
    to: int = AP,
    transmitter: int = STATION,
    bssid: int = AP,
    body: bytes = b"",
    sequence: int = 0,
) -> bytes:
    """An authentication frame (9.3.3.11)."""
    fixed = struct.pack("<HHH", algorithm, transaction, status)
    return frame(
        AUTH,
        fixed + body,
        receiver=to,
        transmitter=transmitter,
        third=bssid,
        sequence=sequence,
    )


def assoc_request(
    ssid: bytes = b"net", *, station: int = STATION, bssid: int = AP
) -> bytes:
    """An association request (9.3.3.5)."""
    body = struct.pack("<HH", ESS | PRIVACY, 10) + element(0, ssid) + RATES + WPA2_PSK
    return frame(ASSOC_REQ, body, receiver=bssid, transmitter=station, third=bssid)


def assoc_response(
    *, station: int = STATION, bssid: int = AP, status: int = 0
) -> bytes:
    """An association response (9.3.3.6)."""
    body = struct.pack("<HHH", ESS | PRIVACY, status, 0xC001) + RATES
    return frame(ASSOC_RESP, body, receiver=station, transmitter=bssid, third=bssid)


def deauth(
    to: int = BROADCAST,
    *,
    transmitter: int = AP,
    bssid: int = AP,
    reason: int = 7,
    kind: int = DEAUTH,
    sequence: int = 0,
) -> bytes:
    """A deauthentication, or with *kind* a disassociation (9.3.3.12, 9.3.3.4)."""
    return frame(
        kind,
        struct.pack("<H", reason),
        receiver=to,
        transmitter=transmitter,
        third=bssid,
        sequence=sequence,
    )


def data(
    body: bytes,
    *,
    station: int = STATION,
    bssid: int = AP,
    from_ap: bool = False,
    flags: int = 0,
    sequence: int = 0,
) -> bytes:
    """A data frame between *station* and *bssid* (9.3.2.1)."""
    to, by = (station, bssid) if from_ap else (bssid, station)
    return frame(
        DATA,
        body,
        receiver=to,
        transmitter=by,
        third=bssid,
        flags=flags | (2 if from_ap else 1),
        sequence=sequence,
    )


def eapol(packet_type: int, body: bytes = b"") -> bytes:
    """Body of a data frame with an EAPOL packet (IEEE Std 802.1X-2020, 11.3)."""
    llc = bytes.fromhex("aaaa03000000888e")
    return llc + struct.pack(">BBH", 2, packet_type, len(body)) + body


def eapol_key(
    info: int, *, replay: int = 1, nonce: int = 1, extra: bytes = b""
) -> bytes:
    """The same with an RSN key frame (12.7.2)."""
    body = struct.pack(">BHHQ", 2, info, 16, replay) + nonce.to_bytes(32, "big")
    body += bytes(32) + (b"\x01" * 16 if info & 0x100 else bytes(16))
    return eapol(3, body + struct.pack(">H", len(extra)) + extra)


def radiotap(
    signal_dbm: int = -50, frequency_mhz: int = 2437, *, flags: int = 0
) -> bytes:
    """A radiotap header: flags, rate, channel, signal (radiotap.org)."""
    return struct.pack(
        "<BBHIBBHHb", 0, 0, 15, 0x2E, flags, 2, frequency_mhz, 0x00A0, signal_dbm
    )


@dataclass
class Air:
    """A capture in the making: packets of one link type in order of time."""

    linktype: int = 127
    now_us: int = START_US
    packets: list[tuple[int, bytes]] = field(default_factory=list)

    def send(
        self,
        packet: bytes,
        *,
        after_us: int = 0,
        signal_dbm: int = -50,
        frequency_mhz: int = 2437,
    ) -> None:
        """Put *packet* on the air, *after_us* behind the one before."""
        self.now_us += after_us
        head = radiotap(signal_dbm, frequency_mhz) if self.linktype == 127 else b""
        self.packets.append((self.now_us, head + packet))

    def pcap(self, *, order: str = "<", nanoseconds: bool = False) -> bytes:
        """The capture as pcap; *order* as of `struct`."""
        return pcap(self.packets, self.linktype, order=order, nanoseconds=nanoseconds)

    def frames(self, block_frames: int = 4096) -> list[Frames]:
        """The capture decoded."""
        decoder = BlockDecoder()
        return [decoder.decode(part) for part in packets_in(self.pcap(), block_frames)]


def pcap(
    packets: list[tuple[int, bytes]],
    linktype: int,
    *,
    order: str = "<",
    nanoseconds: bool = False,
) -> bytes:
    """*packets*, each with its time in µs, as a pcap file."""
    magic, ticks = (0xA1B23C4D, 1000) if nanoseconds else (0xA1B2C3D4, 1)
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262144, linktype)]
    for ts_us, packet in packets:
        seconds, us = divmod(ts_us, 1_000_000)
        size = len(packet)
        parts += [struct.pack(f"{order}IIII", seconds, us * ticks, size, size), packet]
    return b"".join(parts)


def zipped(content: bytes) -> bytes:
    """*content* as gzip, the same bytes every time."""
    return gzip.compress(content, 9, mtime=0)
