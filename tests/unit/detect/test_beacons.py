"""Which beacons bear on goodbyes to all stations."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from tests.support.air import AP, Air, beacon, deauth

from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import DEAUTH
from sentinel_netlab.detect.beacons import beacons_about, beacons_by_bssid

OTHER_AP = AP + 1
WITHIN_US = 250_000


def block(letters: str) -> Frames:
    """A row per letter: b beacons, g says goodbye, o is another access point."""
    air = Air()
    frames_of = {
        "b": beacon(),
        "g": deauth(transmitter=AP, bssid=AP),
        "o": beacon(bssid=OTHER_AP),
    }
    for letter in letters:
        air.send(frames_of[letter], after_us=100_000)
    [frames] = air.frames()
    return frames


def about(letters: str, pending: AbstractSet[int] = frozenset()) -> list[int]:
    frames = block(letters)
    return beacons_about(frames, frames.rows(DEAUTH), pending, WITHIN_US)[0].tolist()


def test_without_goodbyes_no_beacon_matters():
    """And no BSSID is looked at."""
    frames = block("bob")
    rows, watched = beacons_about(frames, frames.rows(DEAUTH), set(), WITHIN_US)

    assert (len(rows), watched) == (0, set())


def test_beacons_around_a_goodbye():
    """The last before it, those soon after it, and the last of the block."""
    assert about("bbgbbbbb") == [1, 3, 4, 7]


def test_other_bssids_are_apart():
    """A goodbye of one access point says nothing of another."""
    assert about("obgo") == [1]


def test_pending_goodbyes_go_on():
    """Those of an earlier block may be as young as the first frame here."""
    assert about("bbbbb", {AP}) == [0, 1, 2, 4]


def test_what_is_pending_is_watched():
    """Also where it does not beacon here."""
    frames = block("gb")
    watched = beacons_about(frames, frames.rows(DEAUTH), {OTHER_AP}, WITHIN_US)[1]

    assert watched == {AP, OTHER_AP}


def test_beacons_are_sorted_by_bssid():
    """Each BSSID has a first and a last beacon; the newest come in order of the air."""
    beacons = beacons_by_bssid(block("obogb"))

    assert beacons.rows.tolist() == [1, 4, 0, 2]
    assert beacons.first.tolist() == [0, 2]
    assert beacons.rows[beacons.newest].tolist() == [2, 4]
    assert beacons.bssids == [OTHER_AP, AP]


def test_no_beacons():
    """An empty answer, no error."""
    assert beacons_by_bssid(block("g")).bssids == []
