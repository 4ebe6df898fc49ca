"""
Information elements of a management frame, parsed (IEEE Std 802.11-2020, 9.4.2).

Plain data; `decode.elements` makes it from bytes.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from sentinel_netlab.core.rsn import Rsn

EXTENDED_ID = 255
"""Id that says: the first byte of the body extends the id (9.4.2.1)."""

EXTENSION = 0x100
"""Added to the id extension of elements with id 255, to tell them from other ids."""


OVERRUN = "overrun"
"""Kind of `Fault`: the element is longer than what is left of the frame."""

TRAILING = "trailing"
"""
Kind of `Fault`: one or four bytes are left that are no element.  Four are most likely
an FCS that the capture does not announce.
"""

LENGTH = "length"
"""Kind of `Fault`: a length that this element cannot have."""

COUNT = "count"
"""Kind of `Fault`: an inner count or length runs beyond the end of the element."""


class Fault(NamedTuple):
    """
    What is wrong with an element.

    Attributes:
        kind: `OVERRUN`, `TRAILING`, `LENGTH` or `COUNT`.
        element_id: id; `EXTENSION` + id extension; OUI << 8 | type where a known vendor
            specific element is meant (``0x0050F202`` WMM).
        length: bytes in the body of the element, as it announces them.
    """

    kind: str
    element_id: int
    length: int


class Tim(NamedTuple):
    """Traffic indication map (9.4.2.5)."""

    dtim_count: int
    dtim_period: int
    control: int
    bitmap: bytes


class Country(NamedTuple):
    """
    Country (9.4.2.8).

    Attributes:
        code: two characters, escaped for display.
        triplets: first channel, number of channels, dBm; or operating triplets, whose
            first number is 201 or more.
    """

    code: str
    triplets: tuple[tuple[int, int, int], ...]


class ChannelSwitch(NamedTuple):
    """
    CSA or ECSA (9.4.2.18, 9.4.2.52).

    Attributes:
        operating_class: None in a CSA.
        channel: the new one.
        countdown: beacons until the switch.
    """

    mode: int
    operating_class: int | None
    channel: int
    countdown: int


class Quiet(NamedTuple):
    """
    Quiet (9.4.2.22).

    Attributes:
        countdown: beacon intervals until the quiet one.
        period: beacon intervals between quiet ones.
    """

    countdown: int
    period: int
    duration_tu: int
    offset_tu: int


class Ht(NamedTuple):
    """HT Capabilities and HT Operation (9.4.2.55, 9.4.2.56); None where absent."""

    capabilities: int | None
    primary_channel: int | None
    secondary_offset: int | None


class Vht(NamedTuple):
    """VHT Capabilities and VHT Operation (9.4.2.157, 9.4.2.158)."""

    capabilities: int | None
    channel_width: int | None


class He(NamedTuple):
    """
    HE Capabilities and HE Operation (802.11ax-2021, 9.4.2.248, 9.4.2.249).

    Attributes:
        mac_capabilities: six bytes.
        bss_color: 0 to 63.
        primary_channel: of a BSS in 6 GHz, which alone announces it here.
    """

    mac_capabilities: bytes | None
    bss_color: int | None
    primary_channel: int | None


class Eht(NamedTuple):
    """EHT Capabilities and EHT Operation (802.11be-2024, 9.4.2.321, 9.4.2.319)."""

    mac_capabilities: int | None
    operation: bytes | None


class MultiLink(NamedTuple):
    """
    Multi-Link (802.11be-2024, 9.4.2.322).

    Attributes:
        control: Multi-Link Control field; the type is in the low three bits, 0 basic.
        mld_address: 48-bit, None where the element has none.
        links: link id of each per-STA profile, in order.
    """

    control: int
    mld_address: int | None
    links: tuple[int, ...]


class Wps(NamedTuple):
    """
    Wi-Fi Simple Configuration attributes (WSC 2.0, 12); None or empty where absent.

    Attributes:
        state: 1 not configured, 2 configured.
        version2: 0x20 for WSC 2.0, None before it.
        device_name: escaped for display, like the other texts.
        uuid: 32 hex digits.
    """

    state: int | None = None
    version2: int | None = None
    setup_locked: bool = False
    selected_registrar: bool = False
    config_methods: int | None = None
    device_password_id: int | None = None
    device_name: str = ""
    manufacturer: str = ""
    model_name: str = ""
    model_number: str = ""
    serial_number: str = ""
    uuid: str = ""
    request_type: int | None = None
    response_type: int | None = None


class Wmm(NamedTuple):
    """
    WMM information (subtype 0) or parameter (1) element (vendor 00:50:f2 type 2).

    Attributes:
        length: bytes of the element's body, OUI included.
    """

    subtype: int
    length: int
    qos_info: int | None


class MobilityDomain(NamedTuple):
    """Mobility domain (9.4.2.46)."""

    identifier: int
    capability: int


class P2p(NamedTuple):
    """P2P attributes (Wi-Fi Direct 1.9, 4.1): id and body length of each."""

    attributes: tuple[tuple[int, int], ...]
    device_address: int | None
    group_capability: int | None


class OweTransition(NamedTuple):
    """OWE transition mode (Opportunistic Wireless Encryption 1.1, 2.2)."""

    bssid: int
    ssid: bytes


class Neighbor(NamedTuple):
    """A neighbor of a Reduced Neighbor Report (9.4.2.170); bssid None if not told."""

    operating_class: int
    channel: int
    bssid: int | None


class Mme(NamedTuple):
    """Management MIC (9.4.2.54)."""

    key_id: int
    packet_number: int


class Vendor(NamedTuple):
    """
    A vendor specific element (9.4.2.25).

    Attributes:
        oui: 24-bit.
        type: the byte behind the OUI, -1 where there is none.
        body: the whole body, OUI and type included.
    """

    oui: int
    type: int
    body: bytes


class Elements(msgspec.Struct, frozen=True):
    """
    The elements of one frame; of elements that may come once, the first counts.

    Attributes:
        raw: the bytes they were parsed from.
        ids: ids in order; elements with an id extension as `EXTENSION` + it.
        complete: the string is there to its end, so what is absent is really absent;
            False after an overrun and where the capture cut the frame.
        ssid: bytes of the first SSID element, None if there is none; may be longer
            than the standard allows.
        ssids: of all SSID elements.
        rates: supported and extended rates in 500 kbit/s, the basic bit kept.
        ds_channel: of the DSSS Parameter Set.
        wpa: the WPA element, which is built like an RSN element.
        rsn_overrides: RSNE Override and RSNE Override 2 of WPA3 compatibility mode.
        rsnxe, extended_capabilities: capability bits as they came.
        neighbors: of Reduced Neighbor Reports.
        identity: raw without what changes from beacon to beacon (TIM, channel switch,
            quiet, BSS load, MME …): equal for the steady beacons of a BSS. Where it is
            equal, so is `complete`.
        fingerprint: 16 hex digits over what one make of device says in the same way:
            order of ids, vendor types, rates, capabilities. Beacons and probe responses
            of some makes differ: compare within one kind of frame.
        faults: what is wrong, in order; empty for a good string.
    """

    raw: bytes = b""
    ids: tuple[int, ...] = ()
    complete: bool = True
    ssid: bytes | None = None
    ssids: tuple[bytes, ...] = ()
    rates: tuple[int, ...] = ()
    ds_channel: int | None = None
    tim: Tim | None = None
    country: Country | None = None
    csa: ChannelSwitch | None = None
    ecsa: ChannelSwitch | None = None
    quiet: Quiet | None = None
    ht: Ht | None = None
    vht: Vht | None = None
    he: He | None = None
    eht: Eht | None = None
    multi_link: MultiLink | None = None
    rsn: Rsn | None = None
    rsn_overrides: tuple[Rsn, ...] = ()
    rsnxe: bytes | None = None
    wpa: Rsn | None = None
    wps: Wps | None = None
    wmm: Wmm | None = None
    mobility_domain: MobilityDomain | None = None
    extended_capabilities: bytes = b""
    p2p: P2p | None = None
    owe_transition: OweTransition | None = None
    neighbors: tuple[Neighbor, ...] = ()
    mme: Mme | None = None
    mesh_id: bytes | None = None
    vendors: tuple[Vendor, ...] = ()
    identity: bytes = b""
    fingerprint: str = ""
    faults: tuple[Fault, ...] = ()

    @property
    def announced_channel(self) -> int | None:
        """Channel that the BSS says it is on: DS, HT Operation or HE Operation."""
        if self.ds_channel is not None:
            return self.ds_channel
        if self.ht is not None and self.ht.primary_channel is not None:
            return self.ht.primary_channel
        return None if self.he is None else self.he.primary_channel

    def bodies(self, element_id: int) -> tuple[bytes, ...]:
        """
        Bodies of the elements with *element_id*, for what has no field here.

        Args:
            element_id: as in `ids`; the extension byte is not part of the body.
        """
        if element_id < EXTENSION:
            head = bytes([element_id])
        else:
            head = bytes([EXTENDED_ID, element_id - EXTENSION])
        raw, found, at = self.raw, [], 0
        while at + 2 <= len(raw) and (end := at + 2 + raw[at + 1]) <= len(raw):
            body = raw[at + 2 : end]
            if (raw[at : at + 1] + body).startswith(head):
                found.append(body[len(head) - 1 :])
            at = end
        return tuple(found)
