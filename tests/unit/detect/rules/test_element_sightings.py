"""Frames with elements of interest, and their marks per key."""

from __future__ import annotations

from tests.support.air import AP, Air, beacon, deauth, probe_request

from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import BEACON, PROBE_REQ
from sentinel_netlab.detect.rules import _element_sightings
from sentinel_netlab.detect.rules._element_sightings import (
    Recent,
    RecentByKey,
    concerned,
)
from sentinel_netlab.detect.sightings import Mark

RETRY = 0x08


def at(elapsed_us: int) -> Mark:
    return Mark(elapsed_us, elapsed_us, elapsed_us)


def block(*packets: bytes) -> Frames:
    there = Air()
    for packet in packets:
        there.send(packet, after_us=100)
    [frames] = there.frames()
    return frames


def named_trap(elements: Elements) -> bool:
    return elements.ssid == b"trap"


def test_recent_counts_the_frames_of_the_window():
    """A frame exactly the window before is outside."""
    recent = Recent()

    assert [recent.add(at(us), 100) for us in (0, 50, 99, 100, 151)] == [1, 2, 3, 3, 3]
    assert list(recent.marks) == [at(99), at(100), at(151)]


def test_recent_holds_the_newest_frame_always():
    """After a long pause only the new frame is left."""
    recent = Recent()
    recent.add(at(0), 100)

    assert recent.add(at(10_000), 100) == 1


def test_keys_are_counted_apart():
    """Each key has marks of its own, and keeps them."""
    recent = RecentByKey()
    recent.of((1,)).add(at(1), 100)
    recent.of((2,)).add(at(2), 100)

    assert recent.of((1,)).add(at(3), 100) == 2
    assert recent.of((2,)).add(at(4), 100) == 2


def test_the_key_used_longest_ago_is_forgotten_first(monkeypatch):
    """Memory is bounded, whatever addresses an attacker invents."""
    monkeypatch.setattr(_element_sightings, "MOST_TRANSMITTERS", 2)
    recent = RecentByKey()
    for key in (1, 2, 1, 3):
        recent.of((key,)).add(at(key), 100)

    assert len(recent.of((1,)).marks) == 2
    assert len(recent.of((3,)).marks) == 1
    assert len(recent.of((2,)).marks) == 0


def test_concerned_gives_row_elements_and_mark():
    """Only frames whose elements pass the test are given, in order."""
    frames = block(beacon(), beacon(ssid=b"trap"), beacon(), beacon(ssid=b"trap"))

    found = list(concerned(frames, (BEACON,), named_trap))

    assert [row for row, _, _ in found] == [1, 3]
    assert {elements.ssid for _, elements, _ in found} == {b"trap"}
    assert [mark.number for _, _, mark in found] == [2, 4]


def test_concerned_looks_at_the_kinds_asked_for():
    """The same name in another kind of frame is left out."""
    frames = block(probe_request(b"trap"), beacon(ssid=b"trap"), deauth())

    assert [row for row, _, _ in concerned(frames, (PROBE_REQ,), named_trap)] == [0]
    assert [row for row, _, _ in concerned(frames, (BEACON,), named_trap)] == [1]


def test_concerned_leaves_out_retries():
    """A retransmission is not another frame."""
    first = beacon(ssid=b"trap")
    again = bytes((first[0], first[1] | RETRY)) + first[2:]

    found = concerned(block(first, again), (BEACON,), named_trap)

    assert [row for row, _, _ in found] == [0]


def test_concerned_tests_each_element_set_once_or_twice():
    """A thousand equal beacons cost no more than one."""
    frames = block(*[beacon(ssid=b"trap")] * 1000)
    tested: list[Elements] = []

    def test(elements: Elements) -> bool:
        tested.append(elements)
        return named_trap(elements)

    assert len(list(concerned(frames, (BEACON,), test))) == 1000
    assert len(tested) <= 2


def test_nothing_of_interest_gives_nothing():
    """A block without such elements, or without elements, is passed over."""
    assert list(concerned(block(beacon()), (BEACON,), named_trap)) == []
    assert list(concerned(block(deauth()), (BEACON,), named_trap)) == []


def test_the_bssid_stands_in_the_row():
    """The row leads to the frame's columns."""
    frames = block(deauth(), beacon(AP + 7, ssid=b"trap"))
    [(row, _, _)] = concerned(frames, (BEACON,), named_trap)

    assert int(frames.bssid[row]) == AP + 7
