"""RSN data and suite names."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.rsn import Rsn, akm_name, cipher_name, suite_types


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        (0x000FAC04, "CCMP"),
        (0x000FAC09, "GCMP-256"),
        (0x0050F202, "TKIP"),
        (0x000FACFE, "000fac:254"),
        (0x00409604, "004096:4"),
    ],
)
def test_cipher_names(suite, name):
    """An unknown suite is named by its numbers."""
    assert cipher_name(suite) == name


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        (0x000FAC02, "PSK"),
        (0x000FAC08, "SAE"),
        (0x000FAC0C, "Suite-B-192"),
        (0x000FAC12, "OWE"),
        (0x000FAC19, "FT-SAE-EXT"),
        (0x0050F201, "802.1X"),
        (0x00409600, "004096:0"),
    ],
)
def test_akm_names(suite, name):
    """All suites of RSN, and the two of WPA."""
    assert akm_name(suite) == name


def test_types_of_other_vendors_do_not_count():
    """Type 2 of Cisco is not PSK."""
    assert suite_types((0x000FAC08, 0x0050F202, 0x00409602)) == {8, 2}
    assert suite_types((0x00409602,)) == frozenset()


@pytest.mark.parametrize(
    ("capabilities", "capable", "required"),
    [
        (None, False, False),
        (0x0000, False, False),
        (0x0080, True, False),
        (0x00C0, True, True),
    ],
)
def test_management_frame_protection(capabilities, capable, required):
    """Bits 7 and 6 of the RSN Capabilities."""
    rsn = Rsn(1, capabilities=capabilities)

    assert (rsn.pmf_capable, rsn.pmf_required) == (capable, required)
