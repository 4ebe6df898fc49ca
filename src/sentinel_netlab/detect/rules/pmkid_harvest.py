"""
PMKID harvest: a client that associates only to be sent the first key message.

Trigger:
    A station associates with personal RSN networks and leaves the 4-way handshake
    unanswered in at least *threshold_exchanges* exchanges inside *window_s*, with one
    or several access points.  An exchange is unanswered once the access point repeats
    M1, or the station associates anew, without an M2 in between.

Source:
    Steube, "New attack on WPA/WPA2 using PMKID", hashcat forum 2018; hcxdumptool;
    IEEE Std 802.11-2020, 12.7.6.2.

Units:
    Exchanges per station and window of capture time.

Threshold:
    3 exchanges in 60 s.  No benign capture holds one; the weakest attack reaches 3
    (a12_hcxdumptool).

False positives:
    A wrong passphrase is answered with M2 and does not count.  Fast transition needs
    no M2 and enterprise networks ask for EAP first; both are left out.  A station at
    the edge of coverage whose M2 the sensor misses three times in a minute does count.

Blind spots:
    A single M1 with a PMKID is enough for the attacker, and looks like a lost frame.
    Stations whose association is not heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.eapol import M1, M2, M4
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import (
    ASSOC_REQ,
    ASSOC_RESP,
    DATA_KINDS,
    REASSOC_REQ,
    REASSOC_RESP,
)
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.core.rsn import (
    FAST_TRANSITION_AKMS,
    PSK_AKMS,
    SAE_AKMS,
    suite_types,
)
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.handshakes import messages
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import (
    Case,
    Mark,
    Sighting,
    Step,
    Verdict,
    mark,
)
from sentinel_netlab.detect.sources import subject_at

RESENT_US = 400_000
"""An M1 repeated after this time says that no M2 arrived (12.7.6.6: timeouts)."""

AGAIN_US = 150_000
"""A second association within this time may be a repetition of the first."""

MOST_STATIONS = 65_536
MOST_ASKED = 64


@dataclass(frozen=True, slots=True)
class PmkidParams:
    """Thresholds of WD301."""

    window_s: float = param(60.0, "s", "Length of the window.", least=1, most=3600)
    threshold_exchanges: int = param(
        3, "exchanges", "So many unanswered exchanges raise an alert.", least=1
    )


@dataclass(slots=True)
class _Exchange:
    """An association that no M2 has followed yet, and its first M1."""

    began: Mark
    first: Mark | None = None
    counted: bool = False


@dataclass(slots=True)
class _Station:
    """BSSIDs it asked, open exchanges by BSSID, marks of the unanswered ones."""

    asked: dict[int, bool] = field(default_factory=dict)
    open: dict[int, _Exchange] = field(default_factory=dict)
    unanswered: list[tuple[Mark, int]] = field(default_factory=list)


class PmkidHarvest(Detector):
    """WD301."""

    code = "WD301"
    slug = "pmkid_harvest"
    title = "PMKID harvest"
    severity = Severity.HIGH
    attack = "T1110.002"
    kinds = (ASSOC_REQ, ASSOC_RESP, REASSOC_REQ, REASSOC_RESP, *DATA_KINDS)
    key_names = ("station",)
    quiet_s = 60.0
    Params = PmkidParams

    def __init__(
        self, params: PmkidParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._stations: dict[int, _Station] = {}

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each frame that proves another exchange unanswered."""
        joining = frames.rows(ASSOC_REQ, ASSOC_RESP, REASSOC_REQ, REASSOC_RESP)
        if not len(joining) and not len(frames.eapol):
            return
        rows = [(row, -1) for row in joining.tolist()]
        rows += messages(frames, M1, M2, M4)
        for row, at in sorted(rows):
            if at < 0:
                yield from self._joining(frames, row)
            elif frames.eapol.message[at] == M1:
                yield from self._first_message(frames, row)
            else:
                station = self._stations.get(int(frames.transmitter[row]))
                if station is not None:
                    station.open.pop(int(frames.bssid[row]), None)

    def judge(self, case: Case) -> Verdict:
        """High: what was harvested can be tried against word lists at leisure."""
        exchanges = int(case.evidence["peak_exchanges"])
        networks = int(case.evidence["peak_networks"])
        return Verdict(
            self.severity,
            min(0.95, 0.5 + 0.06 * exchanges + 0.1 * (networks > 1)),
            f"Station {format_mac(int(case.key[0]))} associates only to be sent key "
            f"message 1 and never answers: {exchanges} times with {networks} access "
            f"point(s) in {self.params.window_s:g} s.",
        )

    def _joining(self, frames: Frames, row: int) -> Iterator[Sighting]:
        bssid = int(frames.bssid[row])
        if int(frames.receiver[row]) == bssid:
            station = self._station(int(frames.transmitter[row]))
            station.asked.pop(bssid, None)
            station.asked[bssid] = _needs_handshake(frames, row)
            if len(station.asked) > MOST_ASKED:
                del station.asked[next(iter(station.asked))]
            return
        known = self._stations.get(int(frames.receiver[row]))
        if known is None or frames.status[row] != 0:
            return
        if not known.asked.get(bssid, False):
            known.open.pop(bssid, None)
            return
        here = mark(frames, row)
        exchange = known.open.get(bssid)
        if exchange is not None:
            if here.elapsed_us - exchange.began.elapsed_us < AGAIN_US:
                return
            if not exchange.counted:
                yield self._unanswered(frames, row, known, exchange)
        known.open[bssid] = _Exchange(here)
        if len(known.open) > MOST_ASKED:
            del known.open[next(iter(known.open))]

    def _station(self, address: int) -> _Station:
        station = self._stations.pop(address, None) or _Station()
        self._stations[address] = station
        if len(self._stations) > MOST_STATIONS:
            del self._stations[next(iter(self._stations))]
        return station

    def _first_message(self, frames: Frames, row: int) -> Iterator[Sighting]:
        station = self._stations.get(int(frames.receiver[row]))
        exchange = station.open.get(int(frames.bssid[row])) if station else None
        if station is None or exchange is None:
            return
        here = mark(frames, row)
        if exchange.first is None:
            exchange.first = here
        elif not exchange.counted and (
            here.elapsed_us - exchange.first.elapsed_us >= RESENT_US
        ):
            yield self._unanswered(frames, row, station, exchange)

    def _unanswered(
        self, frames: Frames, row: int, station: _Station, exchange: _Exchange
    ) -> Sighting:
        exchange.counted = True
        bssid = int(frames.bssid[row])
        station.unanswered.append((exchange.first or exchange.began, bssid))
        return self._sighting(frames, row, station, mark(frames, row))

    def _sighting(
        self, frames: Frames, row: int, station: _Station, here: Mark
    ) -> Sighting:
        old_us = here.elapsed_us - self._window_us
        # They stand in the order in which they were proven, not begun.
        station.unanswered = [
            (begun, bss)
            for begun, bss in station.unanswered
            if begun.elapsed_us > old_us
        ]
        address, bssid = int(frames.receiver[row]), int(frames.bssid[row])
        count = len(station.unanswered)
        marks = sorted({begun for begun, _ in station.unanswered} | {here})
        return Step(
            key=(address,),
            here=here,
            proof=lambda: marks,
            subject=lambda: subject_at(
                frames, row, bssid=bssid, station=address, transmitter=address
            ),
            facts={
                "window_s": self.params.window_s,
                "threshold_exchanges": self.params.threshold_exchanges,
            },
            peaks={
                "peak_exchanges": count,
                "peak_networks": len({bss for _, bss in station.unanswered}),
            },
            enough=count >= self.params.threshold_exchanges,
        )


def _needs_handshake(frames: Frames, row: int) -> bool:
    """Whether a (re)association request asks for a personal RSN key by handshake."""
    number = int(frames.elements[row])
    rsn = frames.element_sets[number].rsn if number >= 0 else None
    wpa = frames.element_sets[number].wpa if number >= 0 else None
    chosen = rsn or wpa
    if chosen is None:
        return False
    asked = suite_types(chosen.akms)
    return bool(asked) and asked <= (PSK_AKMS | SAE_AKMS) - FAST_TRANSITION_AKMS
