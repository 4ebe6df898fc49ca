"""A radio as a source: tuned, listened to, awaited; on an interface of the test."""

from __future__ import annotations

import threading
import time

import pytest
from tests.support.air import deauth, radiotap
from tests.support.tap import Tap, missing

from sentinel_netlab.sensor import listening
from sentinel_netlab.sensor.capture.live import InterfaceError
from sentinel_netlab.sensor.listening import Air, Listening
from sentinel_netlab.sensor.radio import MONITOR, Channel, Interface, Radio

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
PACKET = radiotap() + deauth()
CHANNELS = (2412, 2437, 2462)


class Wiphy:
    """Stands for nl80211: one radio, whose monitor interface is a TAP device."""

    tuned: list[int]

    def __init__(self, tap: Tap, *, kind: int = MONITOR) -> None:
        self.tuned = []
        self.removed: list[str] = []
        self._tap, self._kind = tap, kind

    def __call__(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        pass

    def found(self) -> list[Radio]:
        channels = {mhz: Channel(mhz, allowed=True, radar=False) for mhz in CHANNELS}
        one = Interface(self._tap.name, 1, self._kind)
        return [
            Radio(0, "phy0", can_monitor=False, channels=channels, interfaces=[one])
        ]

    def up(self, name: str) -> None:
        pass

    def tune(self, name: str, frequency_mhz: int) -> None:
        self.tuned.append(frequency_mhz)

    def remove(self, name: str) -> None:
        self.removed.append(name)


class Ears:
    """A `Listening` in a thread, and what it gave."""

    def __init__(
        self, monkeypatch, tap: Tap, *, dwell_ms: int = 20, name: str = "", **options
    ) -> None:
        self.wiphy = Wiphy(tap, **options)
        monkeypatch.setattr(listening, "Radios", self.wiphy)
        monkeypatch.setattr(listening, "FIRST_PAUSE_S", 0.01)
        self.air = Air([], dwell_ms, favoured=set, monotonic=time.monotonic)
        self.said: list[str] = []
        self.items: list = []
        self.news = threading.Semaphore(0)
        self.source = Listening(
            name or tap.name, self.air, number=0, clock=lambda: 50.0, say=self._hear
        )
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.source.run(self._take)
        except InterfaceError as error:
            self.error = error
            self.news.release()

    def _hear(self, text: str) -> None:
        self.said.append(text)
        self.news.release()

    def _take(self, item) -> None:
        self.items.append(item)
        self.news.release()

    def until(self, wanted) -> None:
        """Wait for items until *wanted* is true of them."""
        while not wanted():
            assert self.news.acquire(timeout=20)

    def end(self) -> None:
        """Stop, and wait."""
        self.source.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def tap():
    """An interface that looks like a radio's."""
    with Tap() as made:
        yield made


def packets(ears: Ears) -> int:
    """How many were heard."""
    return sum(len(one) for _, one in ears.items if one is not None)


def test_frames_are_given_and_all_channels_visited(monkeypatch, tap):
    """Stay after stay, in the hopper's order."""
    ears = Ears(monkeypatch, tap)
    ears.until(lambda: len(ears.wiphy.tuned) > 3)
    tap.hear(PACKET)
    ears.until(lambda: packets(ears) == 1)
    ears.end()

    assert set(ears.wiphy.tuned) == set(CHANNELS)
    assert ears.source.state == "listening"


def test_silence_is_told_with_the_time(monkeypatch, tap):
    """An empty item says until when nothing was heard."""
    ears = Ears(monkeypatch, tap)
    ears.until(lambda: ears.items)
    ears.end()

    now_us, nothing = ears.items[0]
    assert nothing is None
    assert 49_000_000 <= now_us < 50_000_000


def test_plan_changes_without_a_restart(monkeypatch, tap):
    """From the next stay on only the wanted channel is visited."""
    ears = Ears(monkeypatch, tap)
    ears.until(lambda: len(ears.wiphy.tuned) > 3)
    ears.air.plan([2437], 20)
    before = len(ears.wiphy.tuned)
    ears.until(lambda: len(ears.wiphy.tuned) > before + 3)
    ears.end()

    assert set(ears.wiphy.tuned[before + 1 :]) == {2437}


def test_blindness_is_measured(monkeypatch, tap):
    """Every channel was not listened to for a part of the time."""
    ears = Ears(monkeypatch, tap)
    ears.until(lambda: len(ears.wiphy.tuned) > 6)
    ears.end()

    blind = ears.air.blind_s()
    assert set(blind) == set(CHANNELS)
    assert all(seconds > 0 for seconds in blind.values())


def test_lost_interface_is_awaited(monkeypatch, tap):
    """Down and up again: told, and listening resumes by itself."""
    ears = Ears(monkeypatch, tap)
    ears.until(lambda: ears.items)
    tap.down()
    ears.until(lambda: any("lost" in text for text in ears.said))
    tap.up()
    heard = packets(ears)
    while packets(ears) == heard:
        tap.hear(PACKET)
        ears.news.acquire(timeout=1)
    ears.end()

    assert any("lost" in text for text in ears.said)
    assert ears.source.state == "listening"


@pytest.mark.parametrize(
    ("name", "told"),
    [("nowhere", "there is no wireless interface nowhere"), ("", "offers no monitor")],
)
def test_unusable_interface_ends_it(monkeypatch, tap, name, told):
    """What could never work is told at once."""
    ears = Ears(monkeypatch, tap, name=name, kind=2)
    ears.thread.join(20)

    assert told in str(ears.error)
