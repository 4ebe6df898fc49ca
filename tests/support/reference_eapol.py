"""
Protection, EAPOL and EAP of one frame, decoded slowly and obviously.

Written from IEEE Std 802.11-2020, 12.3, 12.5 and 12.7, IEEE Std 802.1X-2020, 11.3,
RFC 3748 and Wi-Fi Simple Configuration 2.0.  Every function takes the body of a frame
and gives what the columnar decoder must put into the columns of the same names.
"""

from __future__ import annotations

from typing import Any

from tests.support.reference_mac import Header

from sentinel_netlab.core.eapol import NO_CODE
from sentinel_netlab.core.frames import IV_CCMP, IV_NONE, IV_TKIP, IV_WEP, NO_U8, NO_U64

NO_IV = {"iv": IV_NONE, "key_id": NO_U8, "packet_number": NO_U64}

LLC = (bytes.fromhex("aaaa03000000888e"), bytes.fromhex("aaaa030000f8888e"))


def protection(header: Header, body: bytes) -> tuple[dict[str, int], bool]:
    """The IV columns of a frame, and whether it ends inside its IV."""
    kind = header.kind
    data_with_body = 0x20 <= kind <= 0x2F and kind & 4 == 0
    robust = kind in (0x0A, 0x0B, 0x0C, 0x0D, 0x0E)
    if header.malformed or not header.flags & 0x40 or not (data_with_body or robust):
        return dict(NO_IV), False
    if len(body) < 4 or (body[3] & 0x20 and len(body) < 8):
        return dict(NO_IV), True
    return dict(zip(NO_IV, _iv(body), strict=True)), False


def _iv(body: bytes) -> tuple[int, int, int]:
    """Shape, key id, number."""
    key_id = body[3] >> 6
    if not body[3] & 0x20:
        return IV_WEP, key_id, body[0] << 16 | body[1] << 8 | body[2]
    if body[2] == 0:
        return IV_CCMP, key_id, _little(bytes([body[0], body[1]]) + body[4:8])
    if body[1] == (body[0] | 0x20) & 0x7F:
        return IV_TKIP, key_id, _little(bytes([body[2], body[0]]) + body[4:8])
    return IV_NONE, NO_U8, NO_U64


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def eapol(
    header: Header, body: bytes, qos_control: int, *, snapped: bool
) -> dict[str, Any] | None:
    """The row of `EapolRows` (without ``row``), None for a frame without EAPOL."""
    data_with_body = 0x20 <= header.kind <= 0x2F and header.kind & 4 == 0
    if header.malformed or not data_with_body or header.flags & 0x40:
        return None
    if header.fragment or (header.kind & 8 and qos_control & 0x80):
        return None
    if len(body) < 12 or body[:8] not in LLC:
        return None
    row = _blank_row()
    row["packet_type"] = body[9]
    announced = int.from_bytes(body[10:12], "big")
    captured = body[12 : 12 + announced]
    may_be_cut = snapped or bool(header.flags & 0x04)
    missing = announced - len(captured)
    row["overrun"] = missing > 0 and not may_be_cut
    claimed = announced if may_be_cut else len(captured)
    if body[9] == 3:
        _key(row, captured, claimed)
    if body[9] == 0:
        _eap(row, captured, claimed)
    return row


def _blank_row() -> dict[str, Any]:
    return {
        "packet_type": NO_CODE,
        "descriptor": NO_CODE,
        "message": 0,
        "key_info": 0,
        "replay_counter": 0,
        "nonce": bytes(32),
        "has_mic": False,
        "key_data_length": 0,
        "has_pmkid": False,
        "pmkid": bytes(16),
        "eap_code": NO_CODE,
        "eap_id": 0,
        "eap_type": NO_CODE,
        "wsc_message": 0,
        "overrun": False,
    }


def _key(row: dict[str, Any], captured: bytes, claimed: int) -> None:
    if not captured:
        return
    row["descriptor"] = captured[0]
    if captured[0] == 1:
        row["overrun"] |= claimed < 44
        if len(captured) >= 44:
            row["replay_counter"] = int.from_bytes(captured[3:11], "big")
            row["has_mic"] = any(captured[28:44])
    if captured[0] not in (2, 254):
        return
    row["overrun"] |= claimed < 77
    if len(captured) < 77:
        return
    info = row["key_info"] = int.from_bytes(captured[1:3], "big")
    row["replay_counter"] = int.from_bytes(captured[5:13], "big")
    row["nonce"] = captured[13:45]
    mic_bytes, length = _mic_and_length(captured, claimed)
    row["has_mic"] = (
        mic_bytes > 0 and len(captured) >= 77 + mic_bytes and any(captured[77:93])
    )
    behind = 77 + mic_bytes + 2
    if length is None:
        row["overrun"] |= behind > claimed
        return
    row["key_data_length"] = length
    row["overrun"] |= behind + length > claimed
    row["message"] = _message(info, mic_bytes, length)
    if row["message"] == 1 and not info & 0x1000:
        _pmkid(row, captured[behind : behind + length])


def _mic_and_length(captured: bytes, claimed: int) -> tuple[int, int | None]:
    """MIC length that makes the key data end with the packet, else 16; the length."""
    for mic_bytes in (16, 24, 32, 0):
        field = captured[77 + mic_bytes : 79 + mic_bytes]
        if len(field) == 2:
            length = int.from_bytes(field, "big")
            if 79 + mic_bytes + length == claimed:
                return mic_bytes, length
    field = captured[93:95]
    return 16, int.from_bytes(field, "big") if len(field) == 2 else None


def _message(info: int, mic_bytes: int, length: int) -> int:
    pairwise, install, ack = info & 0x08, info & 0x40, info & 0x80
    if info & 0x0800:
        return 0
    if not pairwise:
        return 5 if ack else 6
    if ack:
        return 3 if install else 1
    return 4 if length == 0 or (mic_bytes == 0 and length == 16) else 2


def _pmkid(row: dict[str, Any], data: bytes) -> None:
    for _ in range(16):
        if len(data) < 2 or len(data) < 2 + data[1]:
            return
        if data[:6] == bytes.fromhex("dd14000fac04"):
            row["has_pmkid"], row["pmkid"] = True, data[6:22]
            return
        data = data[2 + data[1] :]


def _eap(row: dict[str, Any], captured: bytes, claimed: int) -> None:
    row["overrun"] |= claimed < 4
    if len(captured) < 4:
        return
    row["eap_code"], row["eap_id"] = captured[0], captured[1]
    length = int.from_bytes(captured[2:4], "big")
    row["overrun"] |= length > claimed
    packet = captured[:length]
    if captured[0] in (1, 2) and len(packet) >= 5:
        row["eap_type"] = packet[4]
        if len(packet) >= 14 and packet[4:12] == bytes.fromhex("fe00372a00000001"):
            row["wsc_message"] = _wsc(packet[12], packet[13], packet[14:])


def _wsc(opcode: int, flags: int, rest: bytes) -> int:
    attributes = rest[2:] if flags & 2 else rest
    for _ in range(8):
        length = int.from_bytes(attributes[2:4], "big")
        if len(attributes) < 5:
            break
        if attributes[:4] == bytes.fromhex("10220001"):
            if attributes[4]:
                return attributes[4]
            break
        attributes = attributes[4 + length :]
    return {2: 0x0D, 3: 0x0E, 5: 0x0F}.get(opcode, 0)
