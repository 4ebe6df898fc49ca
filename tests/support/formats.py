"""
One small capture per file format and link type, for what must hold for all of them.
"""

from __future__ import annotations

import lzma
import struct

from tests.support import air
from tests.support.run import decoded, packets_in

from sentinel_netlab.decode.pcapng_writer import PcapngWriter

PLAIN, PRISM, RADIOTAP, AVS, PPI = 105, 119, 127, 163, 192


def traffic() -> list[bytes]:
    """Frames of all families: management, EAPOL, protected data, actions, control."""
    ccmp = bytes.fromhex("0100002000000000") + bytes(24)
    return [
        air.beacon(ssid=b"small"),
        air.probe_request(b"small"),
        air.auth(),
        air.assoc_request(b"small"),
        air.data(air.eapol_key(0x008A), from_ap=True),
        air.data(air.eapol_key(0x010A, replay=1, extra=air.WPA2_PSK)),
        air.data(ccmp, flags=0x40),
        air.frame(0x0D, bytes.fromhex("0800010000")),
        air.deauth(),
        bytes.fromhex("d4000000") + air.mac(air.AP),
    ]


def _timed(packets: list[bytes]) -> list[tuple[int, bytes]]:
    return [(air.START_US + 1000 * at, packet) for at, packet in enumerate(packets)]


def _prism(packet: bytes) -> bytes:
    items = b"".join(
        struct.pack("<IHHI", did << 12 | 0x44, 0, 4, value)
        for did, value in enumerate((0, 0, 6, 0, 0, 0xFFFFFFCE, 0xFFFFFFA6, 2, 0, 0))
    )
    head = struct.pack("<II16s", 0x44, 24 + len(items), b"wlan0")
    return head + items + packet


def _avs(packet: bytes) -> bytes:
    head = struct.pack(
        ">IIQQIIIIIIiiII", 0x80211001, 64, 1, 2, 5, 6, 20, 0, 0, 3, *(4,) * 4
    )
    return head[:64].ljust(64, b"\0") + packet


def _ppi(packet: bytes) -> bytes:
    common = struct.pack("<HHQHHHHBBbb", 2, 20, 1, 0, 2, 2437, 0xA0, 0, 0, -50, -90)
    return struct.pack("<BBHI", 0, 0, 8 + len(common), PLAIN) + common + packet


def pcapng(content: bytes) -> bytes:
    """The packets of the pcap *content* as pcapng."""
    writer, parts = PcapngWriter(), []
    for frames in decoded(packets_in(content)):
        parts += [writer.packet_block(frames, row, "x") for row in range(len(frames))]
    return b"".join(parts)


def small_files() -> dict[str, bytes]:
    """A capture of each kind by name."""
    plain = traffic()
    tapped = [air.radiotap() + packet for packet in plain]
    radiotap = air.pcap(_timed(tapped), RADIOTAP)
    return {
        "pcap_little_endian": radiotap,
        "pcap_big_endian": air.pcap(_timed(tapped), RADIOTAP, order=">"),
        "pcap_nanoseconds": air.pcap(_timed(tapped), RADIOTAP, nanoseconds=True),
        "pcapng": pcapng(radiotap),
        "plain": air.pcap(_timed(plain), PLAIN),
        "prism": air.pcap(_timed([_prism(one) for one in plain]), PRISM),
        "avs": air.pcap(_timed([_avs(one) for one in plain]), AVS),
        "ppi": air.pcap(_timed([_ppi(one) for one in plain]), PPI),
    }


def compressed_files() -> dict[str, bytes]:
    """The first of `small_files` compressed, by name."""
    content = small_files()["pcap_little_endian"]
    return {"gzip": air.zipped(content), "xz": lzma.compress(content)}
