"""EAPOL-Key packets: messages, MIC lengths, key data, PMKID, RC4 descriptors."""

from __future__ import annotations

import pytest
from tests.support.bodies import (
    ACK,
    ENCRYPTED,
    INSTALL,
    MIC,
    NONCE,
    PAIRWISE,
    PMKID,
    PMKID_KDE,
    REQUEST,
    RSNE,
    SECURE,
    eapol,
    key,
)
from tests.support.columns import eapol_row

from sentinel_netlab.core.eapol import GROUP_1, GROUP_2, M1, M2, M3, M4
from sentinel_netlab.core.frames import BAD_EAPOL

NO_PMKID = bytes(16)
SOME_MIC = bytes(range(1, 33))
FIRST = PAIRWISE | ACK


@pytest.mark.parametrize(
    ("info", "data", "message"),
    [
        (FIRST, b"", M1),
        (PAIRWISE | MIC, RSNE, M2),
        (PAIRWISE | MIC | SECURE, RSNE, M2),
        (FIRST | INSTALL | MIC | SECURE | ENCRYPTED, bytes(56), M3),
        (PAIRWISE | MIC | SECURE, b"", M4),
        (PAIRWISE | MIC, b"", M4),
        (ACK | MIC | SECURE | ENCRYPTED, bytes(40), GROUP_1),
        (MIC | SECURE, b"", GROUP_2),
        (PAIRWISE | MIC | SECURE | REQUEST, b"", 0),
    ],
)
@pytest.mark.parametrize("descriptor", [2, 254])
def test_message(info: int, data: bytes, message: int, descriptor: int) -> None:
    """Key Information and the presence of key data say which message it is."""
    got = eapol_row(key(info, data, descriptor=descriptor))

    assert got["message"] == message


@pytest.mark.parametrize(
    ("info", "data", "message"),
    [
        (FIRST, b"", M1),
        (PAIRWISE | ENCRYPTED, RSNE + bytes(16), M2),
        (FIRST | INSTALL | SECURE | ENCRYPTED, bytes(72), M3),
        (PAIRWISE | SECURE | ENCRYPTED, bytes(range(16)), M4),
    ],
)
def test_message_under_an_aead_cipher(info: int, data: bytes, message: int) -> None:
    """There is no MIC then, and empty key data is a tag of 16 bytes."""
    assert eapol_row(key(info, data, mic=b""))["message"] == message


@pytest.mark.parametrize("mic_bytes", [0, 16, 24, 32])
@pytest.mark.parametrize("data", [b"", RSNE])
def test_key_data_length_behind_any_mic(mic_bytes: int, data: bytes) -> None:
    """The MIC is as long as makes the key data end with the packet."""
    got = eapol_row(key(PAIRWISE | MIC, data, mic=SOME_MIC[:mic_bytes]))

    assert (got["key_data_length"], got["malformed"]) == (len(data), 0)


def test_fields() -> None:
    """Descriptor, Key Information, replay counter and nonce come as they are."""
    got = eapol_row(key(FIRST | 2))

    fields = (got["descriptor"], got["key_info"], got["replay_counter"], got["nonce"])
    assert fields == (2, FIRST | 2, 7, NONCE)


@pytest.mark.parametrize(("mic", "has"), [(bytes(16), False), (SOME_MIC[:16], True)])
def test_has_mic(mic: bytes, has: bool) -> None:
    """A MIC field of zeros is no MIC."""
    assert eapol_row(key(FIRST, mic=mic))["has_mic"] is has


@pytest.mark.parametrize("before", [b"", RSNE, b"\xdd\x00", RSNE * 3])
def test_pmkid(before: bytes) -> None:
    """The PMKID KDE is found wherever it stands in the key data of M1."""
    got = eapol_row(key(FIRST, before + PMKID_KDE))

    assert (got["has_pmkid"], got["pmkid"]) == (True, PMKID)


@pytest.mark.parametrize(
    ("info", "data"),
    [
        (FIRST, PMKID_KDE[:-1]),
        (FIRST, b"\xdd\x14\x00\x0f\xac\x01" + PMKID),
        (FIRST, b"\x30\x40" + PMKID_KDE),
        (FIRST | ENCRYPTED, PMKID_KDE),
        (FIRST | INSTALL, PMKID_KDE),
    ],
)
def test_no_pmkid(info: int, data: bytes) -> None:
    """A cut KDE, another KDE, broken lengths, cipher text and M3 have none."""
    got = eapol_row(key(info, data))

    assert (got["has_pmkid"], got["pmkid"]) == (False, NO_PMKID)


def test_key_data_beyond_the_frame() -> None:
    """Such a Key Data Length (CVE-2020-9395) is reported as it stands."""
    got = eapol_row(key(FIRST, b"", length=2000))

    assert (got["overrun"], got["malformed"]) == (True, BAD_EAPOL)
    assert (got["key_data_length"], got["message"]) == (2000, M1)


def test_key_data_that_the_capture_cut() -> None:
    """Key data that the packet has and the capture has not is no overrun."""
    got = eapol_row(key(FIRST, PMKID_KDE)[:-4], snapped=True)

    assert (got["overrun"], got["message"], got["has_pmkid"]) == (False, M1, False)


def test_key_data_beyond_a_packet_that_the_capture_cut() -> None:
    """The packet's own length convicts it, however much was captured."""
    got = eapol_row(key(FIRST, bytes(50), length=2000)[:-20], snapped=True)

    assert got["overrun"] is True


def test_packet_that_ends_before_its_key_data_length() -> None:
    """Without Key Data Length M2 and M4 look alike: no message is named."""
    body = key(PAIRWISE | MIC, RSNE)[12:100]

    got = eapol_row(eapol(3, body))

    assert (got["overrun"], got["message"], got["replay_counter"]) == (True, 0, 7)


def test_key_data_length_of_which_half_was_captured() -> None:
    """A number is not read by halves."""
    got = eapol_row(key(FIRST, PMKID_KDE)[: 12 + 94], snapped=True)

    assert (got["message"], got["key_data_length"], got["overrun"]) == (0, 0, False)


def test_packet_too_short_for_its_fixed_fields() -> None:
    """Of a stump only the descriptor is read."""
    got = eapol_row(eapol(3, key(FIRST)[12:88]))

    assert (got["overrun"], got["descriptor"], got["key_info"]) == (True, 2, 0)


def test_rc4_descriptor() -> None:
    """Dynamic WEP: the replay counter and the signature have other places."""
    body = b"\x01\x00\x0d" + (77).to_bytes(8) + bytes(17) + SOME_MIC[:16] + bytes(13)

    got = eapol_row(eapol(3, body))

    assert (got["replay_counter"], got["has_mic"], got["message"]) == (77, True, 0)
    assert got["malformed"] == 0


def test_rc4_descriptor_cut_short() -> None:
    """It has 44 bytes before the key (IEEE Std 802.1X-2004, 7.6)."""
    assert eapol_row(eapol(3, b"\x01" + bytes(42)))["overrun"] is True


def test_unknown_descriptor_is_named_and_not_read() -> None:
    """Of a descriptor type that nobody defined, no field is believed."""
    got = eapol_row(key(FIRST, descriptor=9))

    assert (got["descriptor"], got["message"], got["replay_counter"]) == (9, 0, 0)


def test_empty_key_packet() -> None:
    """A key packet without a descriptor has no fields."""
    assert eapol_row(eapol(3))["descriptor"] == 0xFF
