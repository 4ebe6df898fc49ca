"""
How a capture is cut into blocks changes nothing that comes out.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.support import air
from tests.support.run import (
    WHOLE,
    Result,
    decoded,
    every,
    joined,
    packets_of,
    run,
    split,
)
from tests.support.shared import ROOT, SHARED_MARKS, shared_files

from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.sensor.capture.reader import CaptureError

SCENARIOS = sorted((ROOT / "tests").glob("scenarios/*/*/*.pcap.gz"))
BENIGN = sorted((ROOT / "tests").glob("benign/*.pcap.gz"))
SHIPPED = SCENARIOS + BENIGN
NAMES = [str(path.relative_to(ROOT / "tests").parent / path.name) for path in SHIPPED]

CAPTURES = [
    path
    for path in shared_files()
    if path.suffix not in {".md", ".json", ".tsv", ".txt", ".csv"}
]
quick = settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
thorough = settings(quick, max_examples=15)


@cache
def whole(path: Path) -> Packets:
    return joined(packets_of(path, WHOLE))


@cache
def reference(path: Path) -> Result:
    return run(decoded([whole(path)]))


def difference(result: Result, other: Result) -> dict[str, Any]:
    """What the two say differently, in short; empty if nothing."""
    found: dict[str, Any] = {}
    for name in ("alerts", "observations", "networks"):
        mine, theirs = getattr(result, name), getattr(other, name)
        if mine == theirs:
            continue
        pairs = [_fields(a, b) for a, b in zip(mine, theirs, strict=False) if a != b]
        found[name] = (len(mine), len(theirs), pairs[:2])
    return found | ({"broken": result.broken} if result.broken else {})


def _fields(mine: Any, theirs: Any) -> dict[str, Any]:
    a, b = asdict(mine), asdict(theirs)
    who = {name: a[name] for name in ("code", "key") if name in a}
    return who | {name: (a[name], b[name]) for name in a if a[name] != b[name]}


@pytest.mark.parametrize("frames", [1, 2, 7, 256])
@pytest.mark.parametrize("path", SHIPPED, ids=NAMES)
def test_blocks_of_equal_size_change_nothing(path: Path, frames: int) -> None:
    """Blocks of 1, 2, 7 or 256 frames give what one block gives."""
    result = run(decoded(every(whole(path), frames)))

    assert difference(result, reference(path)) == {}


@pytest.mark.parametrize("path", SHIPPED, ids=NAMES)
@quick
@given(data=st.data())
def test_random_cuts_change_nothing(path: Path, data: st.DataObject) -> None:
    """Blocks of any sizes give what one block gives."""
    packets = whole(path)
    rows = st.integers(1, max(1, len(packets) - 1))
    cuts = data.draw(st.lists(rows, min_size=1, max_size=60))

    result = run(decoded(split(packets, cuts)))

    assert difference(result, reference(path)) == {}


@pytest.mark.parametrize("path", SHIPPED, ids=NAMES)
def test_scenario_has_something_to_compare(path: Path) -> None:
    """The comparison is not one of nothing with nothing."""
    assert reference(path).observations
    assert reference(path).networks


def test_wps_in_probe_responses_alone_is_found_however_cut() -> None:
    """A network is found although its first advertisement does not show the finding."""
    there = air.Air()
    there.send(air.beacon())
    there.send(air.probe_response(tail=air.WPA2_PSK + air.WPS))

    found = [{a.code for a in run(there.frames(size)).alerts} for size in (1, 2)]

    assert [codes & {"WD604"} for codes in found] == [{"WD604"}, {"WD604"}]


def _run_of(path: Path, frames: int) -> Result:
    try:
        return run(decoded(every(whole(path), frames)))
    except CaptureError:
        pytest.skip("not a capture, as test_hostile says")


class TestSharedCaptures:
    """The same over all shared captures."""

    pytestmark = SHARED_MARKS

    @pytest.mark.long
    @pytest.mark.optional
    @pytest.mark.parametrize("frames", [1, 3, 64, 1000])
    @pytest.mark.parametrize("path", CAPTURES, ids=[p.name for p in CAPTURES])
    def test_blocks_of_equal_size_change_nothing(self, path: Path, frames: int) -> None:
        """Blocks of 1 to 1,000 frames give what one block gives."""
        result = _run_of(path, frames)

        assert difference(result, reference(path)) == {}

    @pytest.mark.long
    @pytest.mark.parametrize("path", CAPTURES, ids=[p.name for p in CAPTURES])
    @thorough
    @given(data=st.data())
    def test_random_cuts_change_nothing(self, path: Path, data: st.DataObject) -> None:
        """Blocks of any sizes give what one block gives."""
        try:
            packets = whole(path)
        except CaptureError:
            return
        rows = st.integers(1, max(1, len(packets) - 1))
        cuts = data.draw(st.lists(rows, min_size=1, max_size=200))

        result = run(decoded(split(packets, cuts)))

        assert difference(result, reference(path)) == {}
