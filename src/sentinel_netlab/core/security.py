"""
The security of a BSS in Wi-Fi terms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.frames import CAP_PRIVACY
from sentinel_netlab.core.rsn import (
    CIPHERS,
    DEFAULT_AKM,
    DEFAULT_CIPHER,
    ENTERPRISE_AKMS,
    FAST_TRANSITION_AKMS,
    MFPC,
    OWE_AKM,
    PSK_AKMS,
    SAE_AKMS,
    SUITE_B_192_AKMS,
    Rsn,
    suite_types,
)

OPEN, OWE, WEP, WPA, WPA2_TKIP, WPA2, WPA2_PMF, WPA3 = range(8)
"""
Strength of one way into a BSS, ordered by what it costs to pose as the BSS or to read
its traffic: no encryption; encryption with whoever asks (OWE), which an impostor needs
no secret for; WEP; WPA; WPA2 that still allows TKIP or WEP; WPA2 with CCMP or GCMP; the
same with PMF required; SAE and WPA3-Enterprise.
"""

WAPI_ID = 68
"""Element id of WAPI (IEEE Std 802.11-2020, table 9-92), which has no RSN element."""

_WEAK_CIPHERS = frozenset({1, 2, 5})  # WEP-40, TKIP, WEP-104
_JUDGED_ID = frozenset({48, 0x0050F201, 0x506F9A29, 0x506F9A2A})
"""Elements in which a fault hides security: RSN, WPA, RSNE Override (as in `Fault`)."""

_PLAIN_802_1X = 1
_PMF_802_1X = frozenset({3, 5, 22, 23})
"""AKM types of WPA3-Enterprise, besides those of 192 bits (WPA3 3.4, 3)."""


@dataclass(frozen=True, slots=True)
class Security:
    """
    What a BSS asks of its stations.

    Attributes:
        label: ``Open``, ``OWE``, ``WEP``, ``WPA-PSK-TKIP``, ``WPA2-PSK-CCMP``,
            ``WPA/WPA2-PSK-TKIP+CCMP``, ``WPA2/WPA3-PSK+SAE-CCMP``, ``WPA3-SAE+PMF``,
            ``WPA2-Enterprise-CCMP``, ``WPA3-Enterprise-192``, ``WAPI`` and the like.
            A cipher is named unless it is what WPA3 always has; ``+PMF`` says that PMF
            is required, where that does not go without saying; ``FT-`` that nothing but
            fast transition is offered; ``Protected`` that there is some encryption, but
            the elements are not complete.
        strength: of the weakest way in (`OPEN` … `WPA3`).
        best: of the strongest way in.
        akms, pairwise: suites of RSN, RSNE Override and WPA elements.
        pmf: ``none``, ``capable`` or ``required``.
        complete: the elements are whole, so that what is absent is really absent.
    """

    label: str
    strength: int
    best: int
    akms: tuple[int, ...] = ()
    pairwise: tuple[int, ...] = ()
    pmf: str = "none"
    complete: bool = True

    @property
    def open(self) -> bool:
        """No encryption at all; OWE is not open."""
        return self.strength == OPEN

    @property
    def uses_psk(self) -> bool:
        """A pre-shared key is accepted."""
        return bool(suite_types(self.akms) & PSK_AKMS)

    @property
    def uses_sae(self) -> bool:
        """SAE is accepted."""
        return bool(suite_types(self.akms) & SAE_AKMS)

    @property
    def enterprise(self) -> bool:
        """IEEE 802.1X or FILS is accepted."""
        return bool(suite_types(self.akms) & ENTERPRISE_AKMS)


def security_of(elements: Elements | None, capability: int) -> Security | None:
    """
    Security that *elements* and the Privacy bit of *capability* describe.

    None where there is nothing to judge: no elements, or no Capability Information.
    """
    if elements is None or capability < 0:
        return None
    complete = elements.complete and not any(
        fault.element_id in _JUDGED_ID for fault in elements.faults
    )
    rsn = elements.rsn
    if rsn is not None:
        for override in elements.rsn_overrides:
            rsn = _joined(rsn, override)
    if rsn is not None or elements.wpa is not None:
        return _robust(rsn, elements.wpa, complete=complete)
    if not capability & CAP_PRIVACY:
        return Security("Open", OPEN, OPEN, complete=complete)
    if not complete:
        return Security("Protected", WEP, WPA3, complete=False)
    if WAPI_ID in elements.ids:
        return Security("WAPI", WPA2, WPA2)
    return Security("WEP", WEP, WEP)


def _joined(rsn: Rsn, override: Rsn) -> Rsn:
    """*rsn* with the further ways in that an RSNE Override element offers."""
    capabilities = (rsn.capabilities or 0) | ((override.capabilities or 0) & MFPC)
    return replace(
        rsn,
        akms=tuple(dict.fromkeys(rsn.akms + override.akms)),
        pairwise=tuple(dict.fromkeys(rsn.pairwise + override.pairwise)),
        capabilities=capabilities,
    )


@lru_cache(maxsize=4096)
def _robust(rsn: Rsn | None, wpa: Rsn | None, *, complete: bool) -> Security:
    if rsn is not None and complete:
        rsn = _with_defaults(rsn)
    pmf = "none"
    if rsn is not None and rsn.pmf_capable:
        pmf = "required" if rsn.pmf_required else "capable"
    strengths = _strengths(rsn, wpa, pmf)
    return Security(
        _label(rsn, wpa, pmf),
        min(strengths),
        max(strengths),
        _akms(rsn) + _akms(wpa),
        _pairwise(rsn) + _pairwise(wpa),
        pmf,
        complete,
    )


def _with_defaults(rsn: Rsn) -> Rsn:
    """*rsn* with what holds for the fields that it leaves out."""
    return replace(
        rsn,
        group=DEFAULT_CIPHER if rsn.group is None else rsn.group,
        pairwise=rsn.pairwise or (DEFAULT_CIPHER,),
        akms=rsn.akms or (DEFAULT_AKM,),
    )


def _akms(rsn: Rsn | None) -> tuple[int, ...]:
    return () if rsn is None else rsn.akms


def _pairwise(rsn: Rsn | None) -> tuple[int, ...]:
    """Pairwise suites; "use group cipher suite" is replaced by that."""
    if rsn is None:
        return ()
    group = rsn.group or 0
    return tuple(suite if suite & 0xFF else group for suite in rsn.pairwise)


def _strengths(rsn: Rsn | None, wpa: Rsn | None, pmf: str) -> list[int]:
    """Strength of each way in."""
    ways = [WPA] if wpa is not None else []
    if rsn is None:
        return ways
    group = () if rsn.group is None else (rsn.group,)
    weak = _WEAK_CIPHERS & suite_types(_pairwise(rsn) + group)
    old = WPA2_TKIP if weak else WPA2_PMF if pmf == "required" else WPA2
    keys = suite_types(_akms(rsn))
    strong = SAE_AKMS | SUITE_B_192_AKMS
    if _is_wpa3_enterprise(keys, pmf):
        strong |= ENTERPRISE_AKMS
    for suite in rsn.akms:
        known = suite_types((suite,))
        if known & strong:
            ways.append(WPA3)
        else:
            ways.append(OWE if known == {OWE_AKM} else old)
    return ways or [old]


def _label(rsn: Rsn | None, wpa: Rsn | None, pmf: str) -> str:
    keys = suite_types(_akms(rsn) + _akms(wpa))
    required = "+PMF" if pmf == "required" else ""
    ciphers = _ciphers(_pairwise(wpa) + _pairwise(rsn))
    if keys == {OWE_AKM}:
        return "OWE" if required else "OWE without PMF"
    if keys <= SUITE_B_192_AKMS and keys:
        return "WPA3-Enterprise-192"
    versions = _versions(rsn, wpa, pmf)
    middle = "" if versions == "WPA3" and ciphers == "CCMP" else f"-{ciphers}"
    return f"{versions}-{_methods(keys)}{middle}{required}"


def _versions(rsn: Rsn | None, wpa: Rsn | None, pmf: str) -> str:
    names = ["WPA"] if wpa is not None else []
    if rsn is not None:
        keys = suite_types(_akms(rsn))
        enterprise_3 = _is_wpa3_enterprise(keys, pmf)
        rest = keys - SAE_AKMS - (ENTERPRISE_AKMS if enterprise_3 else set())
        both = pmf == "capable" and keys & _PMF_802_1X and _PLAIN_802_1X in keys
        if rest or not keys:
            names.append("WPA2")
        if keys & SAE_AKMS or enterprise_3 or both:
            names.append("WPA3")
    return "/".join(names)


def _is_wpa3_enterprise(keys: frozenset[int], pmf: str) -> bool:
    """PMF required, and no IEEE 802.1X with SHA-1 any more."""
    enterprise = keys & ENTERPRISE_AKMS
    return pmf == "required" and bool(enterprise) and _PLAIN_802_1X not in enterprise


def _methods(keys: frozenset[int]) -> str:
    names = []
    for name, group in (
        ("Enterprise", ENTERPRISE_AKMS),
        ("PSK", PSK_AKMS),
        ("SAE", SAE_AKMS),
        ("OWE", frozenset({OWE_AKM})),
    ):
        offered = keys & group
        if offered:
            fast = "FT-" if offered <= FAST_TRANSITION_AKMS else ""
            names.append(fast + name)
    return "+".join(names) or "unknown"


def _ciphers(suites: tuple[int, ...]) -> str:
    types = sorted(suite_types(suites) & CIPHERS.keys())
    names = [CIPHERS[one] for one in types]
    return "+".join(names) or "unknown"
