"""What is kept stays, in order, until it is acknowledged or counted as lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel_netlab.sensor.spool import ROW_BYTES, Spool, SpoolError
from sentinel_netlab.sensor.spooled import Fresh, Numbers

MOST = 1 << 20
BODY = 100


@pytest.fixture
def path(tmp_path) -> Path:
    """Where the spool is."""
    return tmp_path / "spool.db"


def keep(spool: Spool, lane: str, name: str, *, items: int = 1, size: int = BODY):
    """Keep a batch; the numbers that it was given."""
    given_numbers: list[Numbers] = []

    def make(numbers: Numbers) -> Fresh:
        given_numbers.append(numbers)
        return Fresh(name, bytes(size), "identity", items, 1_000)

    spool.append(lane, items if lane == "observations" else 0, make)
    return given_numbers[0]


def drained(spool: Spool, lane: str) -> list[str]:
    """Names of the batches of *lane* in the order in which they are sent."""
    names = []
    while (one := spool.first(lane)) is not None:
        names.append(one.batch_id)
        spool.acknowledged(one.batch_id)
    return names


def test_each_lane_is_in_order(path):
    """Alerts do not wait for observations; each lane keeps its own order."""
    spool = Spool(path, most_bytes=MOST)
    for number in range(4):
        keep(spool, "observations", f"o{number}")
        keep(spool, "alerts", f"a{number}")

    assert drained(spool, "alerts") == ["a0", "a1", "a2", "a3"]
    assert drained(spool, "observations") == ["o0", "o1", "o2", "o3"]
    assert spool.fill().size_bytes == 0
    spool.close()


def test_numbers_go_on_after_a_restart(path):
    """Epoch, sequences and observations are counted on where they were."""
    first = Spool(path, most_bytes=MOST)
    keep(first, "observations", "a", items=7)
    first.close()
    second = Spool(path, most_bytes=MOST)

    numbers = keep(second, "observations", "b", items=2)

    assert numbers == Numbers(first.epoch, 1, 7)
    assert drained(second, "observations") == ["a", "b"]
    second.close()


def test_failed_batch_uses_up_nothing(path):
    """What could not be made leaves no gap."""
    spool = Spool(path, most_bytes=MOST)

    def fail(_: Numbers) -> Fresh:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        spool.append("observations", 5, fail)

    assert keep(spool, "observations", "a").seq == 0
    spool.close()


def test_oldest_observations_go_first_and_are_counted(path):
    """A full spool loses observations before alerts, and tells how many."""
    spool = Spool(path, most_bytes=4 * (BODY + ROW_BYTES))
    for number in range(3):
        keep(spool, "observations", f"o{number}", items=10)
    for number in range(3):
        keep(spool, "alerts", f"a{number}", items=2)

    fill = spool.fill()

    assert (fill.lost_observations, fill.lost_alerts) == (20, 0)
    assert drained(spool, "observations") == ["o2"]
    assert drained(spool, "alerts") == ["a0", "a1", "a2"]
    spool.close()


def test_alerts_are_lost_last(path):
    """When there is nothing else to drop, the oldest alerts go, counted."""
    spool = Spool(path, most_bytes=2 * (BODY + ROW_BYTES))
    for number in range(4):
        keep(spool, "alerts", f"a{number}", items=3)

    assert spool.fill().lost_alerts == 6
    assert drained(spool, "alerts") == ["a2", "a3"]
    spool.close()


def test_refused_batch_stands_aside(path):
    """It holds nobody up, is shown with its reason, and can be sent again."""
    spool = Spool(path, most_bytes=MOST)
    keep(spool, "alerts", "bad")
    keep(spool, "alerts", "good")

    spool.put_aside("bad", "422 invalid")

    assert spool.first("alerts").batch_id == "good"
    assert [(one.batch_id, one.aside) for one in spool.set_aside()] == [
        ("bad", "422 invalid")
    ]
    assert spool.fill().aside == 1
    assert spool.retry(["other"]) == 0
    assert spool.retry() == 1
    assert drained(spool, "alerts") == ["bad", "good"]
    spool.close()


def test_purge_forgets_only_what_stands_aside(path):
    """What waits is never purged."""
    spool = Spool(path, most_bytes=MOST)
    keep(spool, "alerts", "bad")
    keep(spool, "alerts", "good")
    spool.put_aside("bad", "why")

    assert spool.purge(["good", "bad"]) == 1
    assert drained(spool, "alerts") == ["good"]
    assert spool.fill().size_bytes == 0
    spool.close()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["alerts", "observations", "drop", "aside", "purge"]),
            st.integers(1, 400),
        ),
        max_size=25,
    )
)
@settings(max_examples=30)
def test_size_is_what_is_there(tmp_path_factory, steps):
    """However batches come and go, the bound holds and the size is right."""
    path = tmp_path_factory.mktemp("spool") / "spool.db"
    spool = Spool(path, most_bytes=3000)
    for number, (step, size) in enumerate(steps):
        first = spool.first("alerts") or spool.first("observations")
        if step in {"alerts", "observations"}:
            keep(spool, step, f"b{number}", size=size)
        elif step == "purge":
            spool.purge()
        elif first is not None and step == "drop":
            spool.acknowledged(first.batch_id)
        elif first is not None:
            spool.put_aside(first.batch_id, "why")
        assert spool.fill().size_bytes <= 3000
    told = spool.fill()
    spool.close()
    again = Spool(path, most_bytes=3000)

    assert again.fill() == told
    again.close()


@pytest.mark.parametrize("damage", ["garbage", "middle", "tail", "empty"])
def test_damaged_file_is_put_beside(path, damage):
    """The sensor goes on in a new epoch, with what could be read."""
    spool = Spool(path, most_bytes=MOST)
    for number in range(50):
        keep(spool, "alerts", f"a{number}", size=2000)
    spool.close()
    content = path.read_bytes()
    changed = {
        "garbage": b"no database" * 1000,
        "middle": content[:8192] + bytes(40_000) + content[48_192:],
        "tail": content[: len(content) // 2],
        "empty": b"",
    }
    path.write_bytes(changed[damage])

    again = Spool(path, most_bytes=MOST)

    assert again.epoch != spool.epoch
    keep(again, "alerts", "new")
    assert "new" in drained(again, "alerts")
    assert damage == "empty" or again.damage
    assert damage == "empty" or list(path.parent.glob("*.damaged-*"))
    again.close()


def test_unusable_place_is_told(tmp_path):
    """A folder that is not there is nobody's damage."""
    with pytest.raises(SpoolError, match="unable to open"):
        Spool(tmp_path / "nowhere" / "spool.db", most_bytes=MOST)


def test_full_disk_is_an_error_and_passes(path):
    """Nothing is corrupted; when there is room again, it goes on by itself."""
    spool = Spool(path, most_bytes=MOST)
    keep(spool, "alerts", "before")
    spool._db.execute("PRAGMA max_page_count = 20")
    with pytest.raises(SpoolError, match="full"):
        keep(spool, "alerts", "big", size=500_000)
    spool.lose("alerts", 1)
    spool._db.execute("PRAGMA max_page_count = 100000")
    keep(spool, "alerts", "after")

    assert drained(spool, "alerts") == ["before", "after"]
    assert spool.fill().lost_alerts == 1
    spool.close()


WRITER = """
import sys
from pathlib import Path
from sentinel_netlab.sensor.spool import Fresh, Spool

spool = Spool(Path(sys.argv[1]), most_bytes=1 << 30)
for number in range(1_000_000):
    name = f"{spool.fill().waiting:06d}"
    spool.append("alerts", 0, lambda _: Fresh(name, bytes(500), "identity", 1, 1))
    print(name, flush=True)
"""


@pytest.mark.parametrize("kill_after", [1, 5, 20])
def test_killed_writer_loses_nothing_that_it_kept(path, kill_after):
    """What `append` returned from is there after SIGKILL, in order."""
    told: list[str] = []
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            told += [writer.stdout.readline().strip() for _ in range(kill_after)]
            writer.send_signal(signal.SIGKILL)
            told += [line.strip() for line in writer.stdout if line.endswith("\n")]
    spool = Spool(path, most_bytes=1 << 30)
    names = drained(spool, "alerts")
    spool.close()

    assert set(told) <= set(names)
    assert names == [f"{number:06d}" for number in range(len(names))]


def test_closed_spool_is_not_damaged(path):
    """A thread that comes after the end is told so; the file stays what it is."""
    spool = Spool(path, most_bytes=MOST)
    keep(spool, "alerts", "kept")
    spool.close()

    with pytest.raises(SpoolError, match="closed"):
        spool.first("alerts")
    with pytest.raises(SpoolError, match="closed"):
        spool.fill()
    with pytest.raises(SpoolError, match="closed"):
        keep(spool, "alerts", "late")

    assert not list(path.parent.glob("*.damaged-*"))
    again = Spool(path, most_bytes=MOST)
    assert drained(again, "alerts") == ["kept"]
    assert again.epoch == spool.epoch
    again.close()


def damaged_while_open(path: Path) -> Spool:
    """A spool of alerts whose file was damaged under it."""
    spool = Spool(path, most_bytes=MOST)
    for number in range(50):
        keep(spool, "alerts", f"a{number}", size=2000)
    spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 100_000)
    spool._db.execute("PRAGMA cache_size = 0")
    return spool


def test_file_damaged_while_open(path):
    """The next batch is kept in a new file, and the sensor goes on."""
    spool = damaged_while_open(path)
    epoch = spool.epoch

    keep(spool, "alerts", "new")

    assert spool.damage
    assert spool.epoch != epoch
    assert "new" in drained(spool, "alerts")
    spool.close()


@pytest.mark.parametrize(
    "look", [lambda s: s.first("alerts"), Spool.fill, Spool.set_aside]
)
def test_who_only_looks_at_a_damaged_file_is_answered(path, look):
    """From the new file: neither the uplink nor the status ends with the old one."""
    spool = damaged_while_open(path)

    look(spool)

    assert spool.damage
    keep(spool, "alerts", "new")
    assert "new" in drained(spool, "alerts")
    spool.close()


def test_second_evidence_of_an_alert_does_not_count(path):
    """The first that waits stays, and the size is that of what is there."""
    spool = Spool(path, most_bytes=MOST)
    for size in (100, 200):
        keep(spool, "evidence", "a" * 32, size=size)

    assert spool.fill().size_bytes == 100 + ROW_BYTES
    assert len(spool.first("evidence").body) == 100
    spool.close()


def test_several_are_kept_at_once(path):
    """In one transaction, in order; one that is there already is not kept twice."""
    spool = Spool(path, most_bytes=MOST)
    fresh = [Fresh(f"e{number}", b"x", "identity", 1, 1) for number in range(3)]
    spool.append_all("evidence", fresh)
    spool.append_all("evidence", fresh[1:])

    assert drained(spool, "evidence") == ["e0", "e1", "e2"]
    assert spool.fill().size_bytes == 0
    spool.close()
