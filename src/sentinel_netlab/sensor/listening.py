"""
A radio as a source of the agent: tuned, listened to, and awaited when it is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.sensor.capture.live import (
    RETIRE_MS,
    Dropped,
    InterfaceError,
    LiveCapture,
)
from sentinel_netlab.sensor.hopper import BlindTime, Hopper
from sentinel_netlab.sensor.radio import MONITOR, Interface, Radio, Radios
from sentinel_netlab.sensor.sources import Item

QUIET_S = 1.0
"""So often the time is told when nothing is heard."""
SILENCE_S = 60.0
"""A radio that hears nothing for so long is opened anew: some drivers fall asleep."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
OUR_PREFIX = "snlmon"


@dataclass(slots=True)
class Air:
    """
    What the radios of one agent share: the plan, and how long nobody listened.

    Attributes:
        favoured: gives channels that deserve more time.
    """

    frequencies_mhz: list[int]
    dwell_ms: int
    favoured: Callable[[], Collection[int]]
    monotonic: Callable[[], float]
    radios: int = 1
    version: int = 0
    _tuned: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _blind: BlindTime | None = None

    def plan(self, frequencies_mhz: list[int], dwell_ms: int) -> None:
        """Listen to these channels from the next stay on; none: to all allowed."""
        with self._lock:
            self.frequencies_mhz, self.dwell_ms = frequencies_mhz, dwell_ms
            self.version += 1
            self._blind = None

    def tuned(self, radio: int, frequency_mhz: int | None) -> None:
        """Radio number *radio* listens there from now on; None: nowhere."""
        with self._lock:
            if frequency_mhz is None:
                self._tuned.pop(radio, None)
            else:
                self._tuned[radio] = frequency_mhz
            if self._blind is not None:
                self._blind.tuned(set(self._tuned.values()), self.monotonic())

    def follows(self, frequencies_mhz: list[int]) -> None:
        """The channels that the radios go through: of these blindness is told."""
        with self._lock:
            if self._blind is None:
                now_s = self.monotonic()
                self._blind = BlindTime(frequencies_mhz, now_s)
                self._blind.tuned(set(self._tuned.values()), now_s)

    def blind_s(self) -> dict[int, float]:
        """Seconds of blindness by channel since this was asked before."""
        with self._lock:
            return {} if self._blind is None else self._blind.report(self.monotonic())


class Listening:
    """
    Listens with one radio.

    Args:
        name: a monitor interface, or one of a radio that is given a monitor interface.
        number: of this radio among those of the agent, from 0.
        clock: wall time in seconds, for what the kernel's time stamps are of too.
        say: is called with a line for people when it is lost and when it is back.

    Attributes:
        state: ``starting``, ``listening``, or why not.
    """

    def __init__(
        self,
        name: str,
        air: Air,
        *,
        number: int,
        clock: Callable[[], float],
        say: Callable[[str], None],
    ) -> None:
        self.name = name
        self.state = "starting"
        self._air = air
        self._number = number
        self._clock = clock
        self._say = say
        self._stop = threading.Event()
        self._lost_before = 0
        self._now = Dropped()

    @property
    def dropped(self) -> int:
        """Frames that found no room since the start."""
        return self._lost_before + self._now.lost

    def run(self, give: Callable[[Item], None]) -> None:
        """
        Listen until `stop`; what is lost is awaited.

        Raises:
            InterfaceError: at the start, if it could never work.
        """
        pause_s, worked = FIRST_PAUSE_S, False
        while not self._stop.is_set():
            try:
                with Radios() as radios:
                    self._listen(radios, give)
                worked, pause_s = True, FIRST_PAUSE_S
                continue
            except InterfaceError as error:
                worked = worked or self.state == "listening" or error.lost
                if not worked:
                    raise
                self._tell(f"lost: {error}")
            finally:
                self._air.tuned(self._number, None)
            self._stop.wait(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)

    def stop(self) -> None:
        """Come to an end."""
        self._stop.set()

    def _tell(self, state: str) -> None:
        if state != self.state:
            if self.state != "starting" or state != "listening":
                self._say(f"{self.name}: {state}")
            self.state = state

    def _listen(self, radios: Radios, give: Callable[[Item], None]) -> None:
        radio, monitor, made = self._monitor(radios)
        try:
            radios.up(monitor)
            with LiveCapture(monitor) as capture:
                self._lost_before, self._now = self.dropped, capture.dropped
                self._tell("listening")
                self._hear(radios, radio, monitor, capture, give)
        finally:
            if made:
                radios.remove(monitor)

    def _monitor(self, radios: Radios) -> tuple[Radio, str, bool]:
        """The radio, its monitor interface, and whether we made that."""
        for radio in radios.found():
            for one in radio.interfaces:
                if one.name == self.name:
                    return self._of(radios, radio, one)
            if radio.name == self.name:
                return self._made(radios, radio)
        known = ", ".join(
            one.name for radio in radios.found() for one in radio.interfaces
        )
        raise InterfaceError(
            f"there is no wireless interface {self.name}; there are: {known or 'none'}"
        )

    def _of(
        self, radios: Radios, radio: Radio, one: Interface
    ) -> tuple[Radio, str, bool]:
        if one.kind == MONITOR:
            return radio, one.name, False
        return self._made(radios, radio)

    def _made(self, radios: Radios, radio: Radio) -> tuple[Radio, str, bool]:
        if not radio.can_monitor:
            raise InterfaceError(f"{radio.name} offers no monitor interface")
        name = f"{OUR_PREFIX}{radio.number}"
        if name not in [one.name for one in radio.interfaces]:
            radios.make_monitor(radio, name)
        return radio, name, True

    def _hear(
        self,
        radios: Radios,
        radio: Radio,
        monitor: str,
        capture: LiveCapture,
        give: Callable[[Item], None],
    ) -> None:
        """Stay after stay, until the end, or until nothing was heard for long."""
        hopper, version = self._hopper(radio), self._air.version
        heard_at = self._air.monotonic()
        while not self._stop.is_set():
            if version != self._air.version:
                hopper, version = self._hopper(radio), self._air.version
            visit = hopper.next(self._air.favoured())
            radios.tune(monitor, visit.frequency_mhz)
            self._air.tuned(self._number, visit.frequency_mhz)
            stay_s = visit.dwell_s if hopper.hops else QUIET_S
            if self._stay(capture, stay_s, give):
                heard_at = self._air.monotonic()
            elif self._air.monotonic() - heard_at > SILENCE_S:
                self._say(f"{self.name}: nothing heard for {SILENCE_S:.0f} s, reopened")
                return

    def _hopper(self, radio: Radio) -> Hopper:
        allowed = radio.frequencies_mhz
        wanted = self._air.frequencies_mhz
        chosen = [mhz for mhz in wanted if mhz in allowed] if wanted else allowed
        if not chosen:
            raise InterfaceError(
                f"{radio.name} may listen to none of the channels that are wanted"
            )
        self._air.follows(chosen)
        return Hopper(
            chosen,
            dwell_ms=self._air.dwell_ms,
            radio=self._number,
            radios=self._air.radios,
        )

    def _stay(
        self, capture: LiveCapture, stay_s: float, give: Callable[[Item], None]
    ) -> bool:
        """Listen for *stay_s*; whether something was heard."""
        heard, end = False, self._air.monotonic() + stay_s
        while (left_s := end - self._air.monotonic()) > 0 and not self._stop.is_set():
            if not capture.wait(min(left_s, QUIET_S)):
                continue
            for packets in capture.ready():
                heard = True
                give(_item(packets))
        capture.statistics()
        if not heard:
            # What is in a block that is not full yet is older than this.
            give((round(self._clock() * 1e6) - 2 * RETIRE_MS * 1000, None))
        return heard


def _item(packets: Packets) -> Item:
    return int(packets.ts_us[-1]), packets
