"""Wi-Fi Simple Configuration in management frames (WSC 2.0, 8.2 and 12)."""

from __future__ import annotations

from typing import Any

from sentinel_netlab.core.elements import COUNT, LENGTH, Wps
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.decode.elements.draft import Draft

SUITE = 0x0050F204
HEAD_BYTES = 4  # of an attribute: type and length

NUMBERS = {
    0x1044: ("state", 1),
    0x1008: ("config_methods", 2),
    0x1012: ("device_password_id", 2),
    0x103A: ("request_type", 1),
    0x103B: ("response_type", 1),
    0x1041: ("selected_registrar", 1),
    0x1057: ("setup_locked", 1),
}
"""Attribute type: field and size in bytes."""

FLAGS = frozenset({"selected_registrar", "setup_locked"})

TEXTS = {
    0x1011: "device_name",
    0x1021: "manufacturer",
    0x1023: "model_name",
    0x1024: "model_number",
    0x1042: "serial_number",
}
"""Attribute type: field."""

UUID_E = 0x1047
VENDOR_EXTENSION = 0x1049
WFA_VENDOR = b"\x00\x37\x2a"
VERSION2 = 0


def parse(body: bytes, draft: Draft) -> None:
    """Attributes of all WPS elements of a frame, joined (WSC 2.0, 8.1)."""
    fields: dict[str, Any] = {}
    at, sound = 0, True
    while at + HEAD_BYTES <= len(body):
        kind = int.from_bytes(body[at : at + 2], "big")
        size = int.from_bytes(body[at + 2 : at + 4], "big")
        start, at = at + HEAD_BYTES, at + HEAD_BYTES + size
        if at > len(body):
            break
        sound &= _read(kind, body[start:at], fields)
    if at != len(body):
        draft.fault(COUNT, SUITE, len(body) + 4)
    if not sound:
        draft.fault(LENGTH, SUITE, len(body) + 4)
    draft.put("wps", Wps(**fields))


def _read(kind: int, value: bytes, fields: dict[str, Any]) -> bool:
    """Put one attribute into *fields*; False if it has not the length it must have."""
    if kind in NUMBERS:
        name, size = NUMBERS[kind]
        if len(value) != size:
            return False
        number = int.from_bytes(value, "big")
        fields.setdefault(name, bool(number) if name in FLAGS else number)
    elif kind in TEXTS:
        fields.setdefault(TEXTS[kind], display_ssid(value.rstrip(b"\0")))
    elif kind == UUID_E:
        fields.setdefault("uuid", value.hex())
    elif kind == VENDOR_EXTENSION and value[:3] == WFA_VENDOR:
        _read_extension(value, fields)
    return True


def _read_extension(value: bytes, fields: dict[str, Any]) -> None:
    at = len(WFA_VENDOR)
    while at + 3 <= len(value):
        if value[at] == VERSION2 and value[at + 1] == 1:
            fields.setdefault("version2", value[at + 2])
        at += 2 + value[at + 1]
