"""RSN, WPA, RSNXE and RSNE Override."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault
from sentinel_netlab.core.rsn import Rsn
from sentinel_netlab.decode.elements import rsn
from sentinel_netlab.decode.elements.draft import Draft

CCMP = 0x000FAC04
SAE = 0x000FAC08
PSK = 0x000FAC02
BIP = 0x000FAC06
HEAD = bytes.fromhex("0100 000fac04 0100 000fac04")
AKMS = bytes.fromhex("0200 000fac02 000fac08")
FULL = HEAD + AKMS + bytes.fromhex("8000 0100") + bytes(range(16)) + b"\0\x0f\xac\x06"


def parsed(body):
    """The RSN element of *body* and the faults."""
    draft = Draft()
    rsn.parse(body, draft)
    return draft.fields.get("rsn"), draft.faults


def test_all_fields():
    """A full element, to its group management cipher."""
    found, faults = parsed(FULL)

    assert found == Rsn(1, CCMP, (CCMP,), (PSK, SAE), 0x0080, (bytes(range(16)),), BIP)
    assert faults == []


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (2, Rsn(1)),
        (6, Rsn(1, CCMP)),
        (12, Rsn(1, CCMP, (CCMP,))),
        (22, Rsn(1, CCMP, (CCMP,), (PSK, SAE))),
        (24, Rsn(1, CCMP, (CCMP,), (PSK, SAE), 0x0080)),
        (42, Rsn(1, CCMP, (CCMP,), (PSK, SAE), 0x0080, (bytes(range(16)),))),
    ],
)
def test_it_may_end_behind_any_field(length, expected):
    """What is left out is left out, not wrong."""
    assert parsed(FULL[:length]) == (expected, [])


@pytest.mark.parametrize(
    "length", sorted(set(range(2, len(FULL))) - {2, 6, 8, 12, 14, 22, 24, 26, 42})
)
def test_an_end_inside_a_field_is_a_fault(length):
    """Every other length cuts a field or a list."""
    _, faults = parsed(FULL[:length])

    assert Fault("count", 48, length) in faults


def test_a_suite_count_beyond_the_element_is_a_fault():
    """The suites that are there are kept."""
    found, faults = parsed(HEAD[:6] + b"\xff\xff" + b"\0\x0f\xac\x04")

    assert found == Rsn(1, CCMP, (CCMP,))
    assert faults == [Fault("count", 48, 12)]


@pytest.mark.parametrize("length", [0, 1])
def test_without_a_version_there_is_nothing(length):
    """The version is always there."""
    assert parsed(HEAD[:length]) == (None, [Fault("length", 48, length)])


def test_the_first_of_two_counts():
    """A second RSN element changes nothing."""
    draft = Draft()

    rsn.parse(HEAD, draft)
    rsn.parse(FULL, draft)

    assert draft.fields["rsn"] == Rsn(1, CCMP, (CCMP,))


def test_a_wpa_element():
    """Built alike, with suites of another OUI."""
    draft = Draft()

    rsn.parse_wpa(bytes.fromhex("0100 0050f202 0100 0050f202 0100 0050f202"), draft)

    assert draft.fields["wpa"] == Rsn(1, 0x0050F202, (0x0050F202,), (0x0050F202,))
    assert draft.faults == []


def test_a_fault_of_a_wpa_element_names_it():
    """By OUI and type, with the length of the whole body."""
    draft = Draft()

    rsn.parse_wpa(bytes.fromhex("0100 0050f202 0900"), draft)

    assert draft.faults == [Fault("count", 0x0050F201, 12)]


def test_both_overrides_are_collected():
    """An access point may send RSNE Override and RSNE Override 2."""
    draft = Draft()

    rsn.parse_override(HEAD + bytes.fromhex("0100 000fac08"), draft)
    rsn.parse_override_2(HEAD + bytes.fromhex("0100 000fac18"), draft)

    assert [one.akms for one in draft.lists["rsn_overrides"]] == [(SAE,), (0x000FAC18,)]


def test_the_rsn_extension_is_kept_as_it_came():
    """Capability bits of any length."""
    draft = Draft()

    rsn.parse_extension(b"\x20", draft)

    assert draft.fields == {"rsnxe": b"\x20"}


def test_an_empty_rsn_extension_is_a_fault():
    """Its first byte says how long it is."""
    draft = Draft()

    rsn.parse_extension(b"", draft)

    assert draft.faults == [Fault("length", 244, 0)]
