"""Finding an element in lists of elements."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode import tlv
from sentinel_netlab.decode.gather import PAD, Gather, Offsets


def find(*lists: bytes, number: int = 37) -> list[int]:
    """Offsets within each list of its first element with this number."""
    gather = Gather(np.frombuffer(b"".join(lists) + bytes(PAD), np.uint8))
    sizes = np.array([len(part) for part in lists], np.int64)
    at = np.cumsum(sizes) - sizes

    def is_wanted(place: Offsets) -> NDArray[np.bool_]:
        return gather.u8(place) == number

    found = tlv.find(gather, at, at + sizes, is_wanted)
    return [int(x) for x in np.where(found >= 0, found - at, -1)]


def test_first_match_wins() -> None:
    """Of two elements with the number, the first is found."""
    assert find(b"\x01\x01\xff\x25\x00\x25\x00") == [3]


def test_element_that_runs_past_its_list_is_not_found() -> None:
    """Lists stand side by side: the length is checked against their own end."""
    assert find(b"\x25\x02\x00", b"\x25\x01\x00") == [-1, 0]


def test_element_behind_one_that_runs_past_is_not_found() -> None:
    """What follows a broken length cannot be trusted."""
    assert find(b"\x01\x09\x25\x00") == [-1]


def test_lone_byte_is_no_element() -> None:
    """A list may end with a byte that begins no element."""
    assert find(b"\x01\x00\x25", b"") == [-1, -1]


def test_walk_is_bounded() -> None:
    """An element behind MAX_ELEMENTS others is not looked for."""
    others = b"\x01\x00" * (tlv.MAX_ELEMENTS - 1)

    assert find(others + b"\x25\x00", others + b"\x01\x00\x25\x00") == [len(others), -1]
