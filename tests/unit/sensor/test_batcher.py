"""When something goes into a batch, and into which."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.sensor.test_outgoing import ALERT, OBSERVATION
from tests.unit.sensor.test_spool import MOST

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.inflate import inflate
from sentinel_netlab.core.wire import Batch, Health, decode_batch
from sentinel_netlab.sensor.batcher import MOST_ALERTS, MOST_OBSERVATIONS, Batcher
from sentinel_netlab.sensor.spool import Spool, SpoolError

SECOND = 1_000_000


@pytest.fixture
def spool(tmp_path):
    """An empty spool."""
    made = Spool(tmp_path / "spool.db", most_bytes=MOST)
    yield made
    made.close()


def batcher(spool: Spool) -> Batcher:
    """A batcher of the sensor roof."""
    return Batcher(spool, "roof", lambda: 5 * SECOND, lambda: Health(frames=7))


def kept(spool: Spool, lane: str) -> list[Batch]:
    """Batches of *lane*, which are then gone."""
    found = []
    while (one := spool.first(lane)) is not None:
        found.append(decode_batch(inflate(one.body, one.encoding)))
        spool.acknowledged(one.batch_id)
    return found


def test_new_alert_goes_at_once(spool):
    """It waits for no window, and is told as opened once."""
    outbox = batcher(spool)

    first = outbox.take([ALERT], [], 1 * SECOND)
    again = outbox.take([replace(ALERT, count=99)], [], 2 * SECOND)

    assert (first, again) == ([ALERT], [])
    [batch] = kept(spool, "alerts")
    assert [one.id for one in batch.alerts] == [ALERT.id]
    assert batch.health == Health(frames=7)


@pytest.mark.parametrize(
    "change", [{"severity": Severity.CRITICAL}, {"closed": True}], ids=str
)
def test_worse_or_closed_alert_goes_at_once(spool, change):
    """People wait for that."""
    outbox = batcher(spool)
    outbox.take([ALERT], [], 0)
    kept(spool, "alerts")

    outbox.take([replace(ALERT, **change)], [], 1 * SECOND)

    assert len(kept(spool, "alerts")) == 1


def test_what_else_changes_goes_with_the_window(spool):
    """A flood of 100 changes is one more batch, with the last state."""
    outbox = batcher(spool)
    for number in range(100):
        outbox.take([replace(ALERT, count=number)], [], number * 90_000)
    kept(spool, "alerts")

    outbox.take([], [], 10 * SECOND)

    [batch] = kept(spool, "alerts")
    assert [one.count for one in batch.alerts] == [99]


def test_observations_go_when_their_window_ends(spool):
    """With numbers that go on from batch to batch."""
    outbox = batcher(spool)
    outbox.take([], [OBSERVATION] * 3, 10 * SECOND)
    outbox.take([], [OBSERVATION] * 2, 20 * SECOND)

    batches = kept(spool, "observations")

    assert [[one.seq for one in batch.observations] for batch in batches] == [
        [0, 1, 2],
        [3, 4],
    ]
    assert [batch.sequence for batch in batches] == [0, 1]


@pytest.mark.parametrize(
    ("alerts", "observations", "lane", "batches"),
    [
        (MOST_ALERTS + 1, 0, "alerts", 2),
        (0, 2 * MOST_OBSERVATIONS + 1, "observations", 3),
    ],
)
def test_batches_are_bounded(spool, alerts, observations, lane, batches):
    """However much there is, each batch is one that the controller takes."""
    many = [replace(ALERT, id=f"{number:032x}") for number in range(alerts)]

    batcher(spool).take(many, [OBSERVATION] * observations, 0)

    assert len(kept(spool, lane)) == batches


def test_what_cannot_be_kept_is_counted(spool, monkeypatch):
    """A full disk loses it, and the loss is told with the next batch that is kept."""
    outbox = batcher(spool)

    def full(*_: object) -> None:
        raise SpoolError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(spool, "append", full)
        outbox.take([], [OBSERVATION] * 3, 0)
        assert outbox.refused == "disk full"
    outbox.take([], [OBSERVATION], 0)

    assert outbox.refused == ""
    assert spool.fill().lost_observations == 3
