"""
Data and action frames made by hand, and hypothesis strategies that damage them.
"""

from __future__ import annotations

from hypothesis import strategies as st

from sentinel_netlab.core import kinds

AP, STATION, TARGET = (bytes([2, 0, 0, 0, 0, n]) for n in (1, 10, 2))
SNAP = bytes.fromhex("aaaa03000000888e")
RSNE = bytes.fromhex("30140100000fac040100000fac040100000fac020000")
PMKID = bytes(range(16))
PMKID_KDE = bytes.fromhex("dd14000fac04") + PMKID
NONCE = bytes(range(1, 33))
WSC_HEAD = bytes.fromhex("fe00372a00000001")
VERSION = bytes.fromhex("104a000110")
HEADER_BYTES = 24

PAIRWISE, INSTALL, ACK, MIC = 0x08, 0x40, 0x80, 0x100
SECURE, REQUEST, ENCRYPTED = 0x200, 0x800, 0x1000


def data(body: bytes, *, kind: int = kinds.DATA, flags: int = 2) -> bytes:
    """A data or management frame from the AP (From DS); QoS Control is 0."""
    control = bytes([(kind & 15) << 4 | kind >> 4 << 2, flags])
    head = control + bytes(2) + STATION + AP + AP + bytes(2)
    return head + (bytes(2) if kind >= kinds.QOS_DATA else b"") + body


def eapol(packet_type: int, body: bytes = b"") -> bytes:
    """LLC/SNAP and an EAPOL packet."""
    return SNAP + bytes([2, packet_type]) + len(body).to_bytes(2) + body


def key(
    info: int,
    key_data: bytes = b"",
    *,
    descriptor: int = 2,
    mic: bytes = bytes(16),
    length: int | None = None,
) -> bytes:
    """An EAPOL-Key packet; *length* overrides the true length of its key data."""
    announced = len(key_data) if length is None else length
    body = bytes([descriptor]) + info.to_bytes(2) + bytes(2) + (7).to_bytes(8)
    body += NONCE + bytes(32) + mic + announced.to_bytes(2) + key_data
    return eapol(3, body)


def eap(code: int, payload: bytes = b"", *, length: int | None = None) -> bytes:
    """An EAP packet with identifier 9."""
    announced = 4 + len(payload) if length is None else length
    return eapol(0, bytes([code, 9]) + announced.to_bytes(2) + payload)


def wsc(attributes: bytes, *, opcode: int = 4, flags: int = 0) -> bytes:
    """An EAP request with a WSC packet."""
    return eap(1, WSC_HEAD + bytes([opcode, flags]) + attributes)


def message_type(number: int) -> bytes:
    """WSC attribute Message Type."""
    return bytes.fromhex("10220001") + bytes([number])


EAPOL_BODIES = (
    eapol(1),
    eapol(2),
    key(PAIRWISE | ACK, PMKID_KDE),
    key(PAIRWISE | ACK, RSNE + PMKID_KDE),
    key(PAIRWISE | MIC, RSNE, mic=bytes(range(24))),
    key(PAIRWISE | INSTALL | ACK | MIC | SECURE | ENCRYPTED, bytes(range(56))),
    key(PAIRWISE | MIC | SECURE, mic=bytes(range(32))),
    key(PAIRWISE | SECURE | ENCRYPTED, bytes(range(16)), mic=b""),
    key(MIC | ACK | SECURE, bytes(8), descriptor=254),
    eapol(3, b"\x01\0\x0d" + bytes(range(54))),
    eap(1, b"\x01"),
    eap(2, b"\x01user"),
    eap(3),
    wsc(VERSION + message_type(4) + bytes(20)),
    wsc(bytes.fromhex("1047000312345610") + message_type(5)),
    wsc(VERSION, opcode=3),
    wsc(b"\x01\x00" + VERSION + message_type(7), flags=2),
)

ACTION_BODIES = tuple(
    bytes.fromhex(text)
    for text in (
        "0001 05 2603010203",
        "0004 250301240a",
        "0004 3e0101 250301240a",
        "0100 07",
        "0101 072500",
        "0300 01 0210 0000 4012",
        "0301 01 2500 0210 0000",
        "0302 0038 2500",
        "0404 01510b05",
        "0409 506f9a 13",
        "040b 01 0000 0000",
        "0500 01 0000 05",
        "0503 01 2302 0000 00000000",
        "0601 02000000000a 020000000002",
        "0602 02000000000a 020000000002 3500",
        "0800 3412",
        "0909 506f9a 13",
        "0a06 01 06",
        "0a07 01 05 6400 ff",
        "0a08 01 07 00",
        "7f 00904c 04",
        "8a07 01 05 6400 ff",
        "7e 00904c 04",
    )
)

PROTECTED_BODIES = tuple(
    bytes.fromhex(text) + bytes(8)
    for text in (
        "01020340",
        "0102002000000000",
        "41616220ffffffff",
        "41610020ffffffff",
        "41ff6220ffffffff",
    )
)


@st.composite
def damaged(draw: st.DrawFn, bodies: tuple[bytes, ...]) -> bytes:
    """One of *bodies* with some bytes changed, cut short or made longer."""
    body = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 3]))):
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    end = draw(st.one_of(st.just(len(body)), st.integers(0, len(body))))
    tail = draw(st.sampled_from([b"", b"", bytes(8), PMKID_KDE, b"\xff" * 40]))
    return bytes(body[:end]) + (tail if end == len(body) else b"")


@st.composite
def frames(
    draw: st.DrawFn, bodies: tuple[bytes, ...], kind_numbers: list[int]
) -> bytes:
    """A frame of one of the kinds around a damaged body; flags mostly usual."""
    flags = draw(st.one_of(st.sampled_from([1, 2, 3, 0x42, 6]), st.integers(0, 255)))
    kind = draw(st.sampled_from(kind_numbers))
    made = bytearray(data(b"", kind=kind, flags=flags))
    if kind >= kinds.DATA and flags & 3 == 3:
        made[HEADER_BYTES:HEADER_BYTES] = TARGET
    if flags & 0x80 and not kinds.DATA <= kind < kinds.QOS_DATA:
        made += bytes(4)
    if draw(st.integers(0, 9)) == 0:
        made[22:] = draw(st.binary(min_size=len(made) - 22, max_size=len(made) - 22))
    return bytes(made) + draw(damaged(bodies))
