"""Security of a BSS in Wi-Fi terms."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Elements, Fault
from sentinel_netlab.core.rsn import Rsn
from sentinel_netlab.core.security import (
    OPEN,
    OWE,
    WEP,
    WPA,
    WPA2,
    WPA2_PMF,
    WPA2_TKIP,
    WPA3,
    security_of,
)

PRIVACY = 0x0011
CAPABLE, REQUIRED = 0x0080, 0x00C0
NAMES = {"tkip": 2, "ccmp": 4, "gcmp-256": 9, "group": 0, "wep-104": 5}
AKMS = {
    "802.1x": 1,
    "psk": 2,
    "ft-802.1x": 3,
    "ft-psk": 4,
    "802.1x-sha256": 5,
    "psk-sha256": 6,
    "sae": 8,
    "ft-sae": 9,
    "suite-b-192": 12,
    "owe": 18,
    "sae-ext": 24,
}


def rsn(akms, ciphers="ccmp", capabilities=0, oui=0x000FAC, group="ccmp"):
    """An RSN element, or with Microsoft's OUI a WPA one."""
    return Rsn(
        1,
        oui << 8 | NAMES[group],
        tuple(oui << 8 | NAMES[name] for name in ciphers.split()),
        tuple(oui << 8 | AKMS[name] for name in akms.split()),
        capabilities,
    )


def wpa(akms, ciphers):
    """A WPA element."""
    return rsn(akms, ciphers, oui=0x0050F2, group="tkip")


def judged(**fields):
    """Security of elements with *fields* and the Privacy bit."""
    security = security_of(Elements(**fields), PRIVACY)
    assert security is not None
    return security


LABELS = [
    ("WPA2-PSK-CCMP", WPA2, {"rsn": rsn("psk")}),
    ("WPA2-PSK-CCMP", WPA2, {"rsn": rsn("psk psk-sha256", capabilities=CAPABLE)}),
    ("WPA2-PSK-CCMP+PMF", WPA2_PMF, {"rsn": rsn("psk", capabilities=REQUIRED)}),
    ("WPA2-PSK-TKIP", WPA2_TKIP, {"rsn": rsn("psk", "tkip")}),
    ("WPA2-PSK-TKIP+CCMP", WPA2_TKIP, {"rsn": rsn("psk", "ccmp tkip")}),
    ("WPA2-PSK-CCMP", WPA2_TKIP, {"rsn": rsn("psk", group="tkip")}),
    ("WPA2-PSK-WEP-104", WPA2_TKIP, {"rsn": rsn("psk", "group", group="wep-104")}),
    ("WPA2-PSK-CCMP", WPA2, {"rsn": rsn("psk ft-psk")}),
    ("WPA2-FT-PSK-CCMP", WPA2, {"rsn": rsn("ft-psk")}),
    ("WPA-PSK-TKIP", WPA, {"wpa": wpa("psk", "tkip")}),
    (
        "WPA/WPA2-PSK-TKIP+CCMP",
        WPA,
        {"rsn": rsn("psk", group="tkip"), "wpa": wpa("psk", "tkip")},
    ),
    ("WPA2/WPA3-PSK+SAE-CCMP", WPA2, {"rsn": rsn("psk sae", capabilities=CAPABLE)}),
    ("WPA3-SAE+PMF", WPA3, {"rsn": rsn("sae", capabilities=REQUIRED)}),
    ("WPA3-SAE", WPA3, {"rsn": rsn("sae", capabilities=CAPABLE)}),
    ("WPA3-FT-SAE+PMF", WPA3, {"rsn": rsn("ft-sae", capabilities=REQUIRED)}),
    (
        "WPA3-SAE-GCMP-256+PMF",
        WPA3,
        {"rsn": rsn("sae-ext", "gcmp-256", capabilities=REQUIRED)},
    ),
    ("WPA2-Enterprise-CCMP", WPA2, {"rsn": rsn("802.1x")}),
    ("WPA2-Enterprise-CCMP+PMF", WPA2_PMF, {"rsn": rsn("802.1x", "ccmp", REQUIRED)}),
    (
        "WPA2/WPA3-Enterprise-CCMP",
        WPA2,
        {"rsn": rsn("802.1x 802.1x-sha256", "ccmp", CAPABLE)},
    ),
    ("WPA3-Enterprise+PMF", WPA3, {"rsn": rsn("802.1x-sha256", "ccmp", REQUIRED)}),
    ("WPA2-FT-Enterprise-CCMP", WPA2, {"rsn": rsn("ft-802.1x")}),
    (
        "WPA3-Enterprise-192",
        WPA3,
        {"rsn": rsn("suite-b-192", "gcmp-256", REQUIRED)},
    ),
    ("OWE", OWE, {"rsn": rsn("owe", capabilities=REQUIRED)}),
    ("WEP", WEP, {}),
    ("WAPI", WPA2, {"ids": (0, 1, 68)}),
]


@pytest.mark.parametrize(("label", "strength", "fields"), LABELS)
def test_label_and_strength(label, strength, fields):
    """The label names versions, methods and ciphers; the strength is the weakest's."""
    security = judged(**fields)

    assert (security.label, security.strength) == (label, strength)


def test_without_the_privacy_bit_and_rsn_it_is_open():
    """Nothing is asked of a station."""
    security = security_of(Elements(), 0x0001)

    assert security is not None
    assert (security.label, security.strength, security.open) == ("Open", OPEN, True)


def test_owe_is_not_open():
    """It encrypts."""
    assert not judged(rsn=rsn("owe", capabilities=REQUIRED)).open


@pytest.mark.parametrize(
    ("elements", "capability"), [(None, PRIVACY), (Elements(), -1)]
)
def test_nothing_to_judge(elements, capability):
    """Without elements or capability there is no security to tell."""
    assert security_of(elements, capability) is None


def test_the_strongest_way_in_of_a_transition():
    """SAE beside PSK."""
    assert judged(rsn=rsn("psk sae", capabilities=CAPABLE)).best == WPA3


def test_an_incomplete_string_with_privacy_is_not_called_wep():
    """The RSN element may be in the part that is missing."""
    security = judged(complete=False)

    assert (security.label, security.complete) == ("Protected", False)


def test_a_fault_in_the_rsn_element_makes_it_incomplete():
    """What a broken element says is no change of security."""
    broken = (Fault("count", 48, 20),)

    assert not judged(rsn=rsn("psk"), faults=broken).complete


def test_a_fault_elsewhere_does_not():
    """A bad DS element hides nothing."""
    assert judged(rsn=rsn("psk"), faults=(Fault("length", 3, 3),)).complete


def test_fields_that_a_whole_rsn_element_leaves_out():
    """CCMP and IEEE 802.1X are what the standard puts there."""
    assert judged(rsn=Rsn(1)).label == "WPA2-Enterprise-CCMP"


def test_fields_that_a_broken_rsn_element_leaves_out():
    """They are unknown."""
    broken = (Fault("count", 48, 8),)

    assert judged(rsn=Rsn(1), faults=broken).label == "WPA2-unknown-unknown"


def test_suites_of_the_air_do_not_lengthen_a_label():
    """Unknown numbers are one word however many there are."""
    odd = Rsn(1, 0x000FAC04, tuple(range(1, 60)), tuple(range(1, 60)), 0)

    assert judged(rsn=odd).label == "WPA2-unknown-unknown"


def test_an_override_adds_its_ways_in():
    """WPA3 compatibility mode: PSK for old stations, SAE in RSNE Override."""
    override = rsn("sae", capabilities=REQUIRED)
    security = judged(rsn=rsn("psk"), rsn_overrides=(override,))

    assert security.label == "WPA2/WPA3-PSK+SAE-CCMP"
    assert (security.strength, security.best) == (WPA2, WPA3)
    assert security.pmf == "capable"


@pytest.mark.parametrize(
    ("capabilities", "pmf"), [(0, "none"), (CAPABLE, "capable"), (REQUIRED, "required")]
)
def test_management_frame_protection(capabilities, pmf):
    """Capable and required are kept apart."""
    assert judged(rsn=rsn("psk", capabilities=capabilities)).pmf == pmf


def test_what_is_accepted():
    """PSK and SAE of a transition, no IEEE 802.1X."""
    security = judged(rsn=rsn("psk sae", capabilities=CAPABLE))

    assert (security.uses_psk, security.uses_sae, security.enterprise) == (
        True,
        True,
        False,
    )


def test_strengths_are_ordered():
    """From no encryption to WPA3."""
    assert sorted((WPA3, WPA2, WPA, OWE, OPEN, WEP, WPA2_TKIP, WPA2_PMF)) == [
        OPEN,
        OWE,
        WEP,
        WPA,
        WPA2_TKIP,
        WPA2,
        WPA2_PMF,
        WPA3,
    ]
