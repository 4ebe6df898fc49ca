"""Whatever a power cut leaves of the spool, nothing that was kept is lost."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.evidence import evidence
from tests.support.power import STRACE, Call, Disk, calls_in

from sentinel_netlab.sensor.spool import Spool

SEED = 20
MOST = 1 << 30
NEEDS_STRACE = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed"
)
WRITER = """
import sys
from pathlib import Path
from sentinel_netlab.sensor.spool import Spool
from sentinel_netlab.sensor.spooled import Fresh

def say(text):
    sys.stdout.write(text + "\\n")
    sys.stdout.flush()

spool = Spool(Path(sys.argv[1]), most_bytes=1 << 30)
spool._db.execute("PRAGMA synchronous = " + sys.argv[3])
for number in range(int(sys.argv[2])):
    lane = ("alerts", "observations")[number % 2]
    name = f"{number:05d}"
    size = (number * 7919) % 9000
    spool.append(lane, 1, lambda _: Fresh(name, bytes(size), "identity", 1, 1))
    say(f"kept {lane} {name}")
    if number % 3 == 2:
        first = spool.first("observations") or spool.first("alerts")
        say(f"going {first.batch_id}")
        spool.acknowledged(first.batch_id)
        say(f"gone {first.batch_id}")
    if number % 40 == 39:
        spool._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
"""


def recorded(folder: Path, batches: int, synchronous: str) -> list[Call]:
    """What a process does to the disk that keeps and forgets batches."""
    folder.mkdir()
    trace = folder.parent / "trace"
    subprocess.run(
        [*STRACE, str(trace), sys.executable, "-c", WRITER,
         str(folder / "spool.db"), str(batches), synchronous],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return calls_in(trace, folder)


class Promised:
    """What the process was told, and told others, until some call."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.gone: set[str] = set()

    def hear(self, said: str) -> None:
        """Take in a line of the process."""
        word, *rest = said.split()
        if word == "kept":
            self.kept.append(rest[-1])
        else:  # what is being forgotten may be there or not
            self.gone.add(rest[-1])

    @property
    def due(self) -> list[str]:
        """Names that must be there."""
        return [name for name in self.kept if name not in self.gone]


def states(calls: list[Call], variants: int) -> Iterator[tuple[Disk, Promised, int]]:
    """The disk before each call, several times; at first nothing unsynced is there."""
    disk, promised = Disk(), Promised()
    for call in calls:
        if call.kind == "say":
            promised.hear(call.name)
            continue
        for variant in range(variants):
            yield disk, promised, variant
        disk.apply(call)


def names_found(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Names in the spool that these files are, in order of their lanes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    spool = Spool(folder / "spool.db", most_bytes=MOST)
    rows = spool._db.execute("SELECT batch_id, lane FROM batches ORDER BY lane, id")
    found = [name for name, _ in rows]
    damage = spool.damage
    spool.close()
    assert not damage
    return found


def check(
    folder: Path, *, batches: int, variants: int, most: int, synchronous: str = "FULL"
) -> int:
    """Replay power cuts at every call; how many."""
    calls = recorded(folder / "live", batches, synchronous)
    chance, done = random.Random(SEED), 0
    for disk, promised, variant in states(calls, variants):
        if "spool.db" not in disk.sure:
            continue
        share = (0.0, 1.0, 0.5)[min(variant, 2)]
        found = names_found(folder / "found", disk.after_power_cut(chance, share))
        assert set(promised.due) <= set(found)
        assert len(set(found)) == len(found)
        by_lane = [name for name in found if int(name) % 2 == 0]
        assert by_lane == sorted(by_lane)
        done += 1
        if done == most:
            break
    return done


@NEEDS_STRACE
def test_power_cuts_lose_nothing(tmp_path):
    """A few hundred of them, at every call of a short life."""
    assert check(tmp_path, batches=20, variants=3, most=400) >= 100


@NEEDS_STRACE
def test_the_model_sees_what_is_not_synced(tmp_path):
    """With a laxer database batches are lost, so the test above can fail."""
    with pytest.raises(AssertionError):
        check(tmp_path, batches=20, variants=3, most=400, synchronous="NORMAL")


@NEEDS_STRACE
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_thousand_power_cuts_lose_nothing(tmp_path):
    """The size that is promised."""
    with evidence("power-cuts", seed=SEED) as counts:
        counts["states"] = check(tmp_path, batches=200, variants=12, most=12_000)
        counts["lost"] = 0
        assert counts["states"] >= 10_000
