"""Observations, each stored once."""

from __future__ import annotations

from tests.support.batches import AP, NOW, SENSOR, client, in_transaction, observation
from tests.support.batches import rows as rows_in

from sentinel_netlab.core.addresses import parse_mac
from sentinel_netlab.store.observations import (
    COLUMNS,
    Origin,
    add_observations,
    copy_lines,
    row_of,
)
from sentinel_netlab.store.tables import telemetry

ORIGIN = Origin(SENSOR, "0" * 32, "1", NOW)


def stored(url: str, *batches, doubts=None):
    """What each of *batches* newly stored, and the table."""

    async def run(c):
        fresh = [
            await add_observations(c, ORIGIN, batch, doubts or {}) for batch in batches
        ]
        return fresh, await rows_in(c, telemetry, "seq")

    return in_transaction(url, run)


def test_every_value_comes_back(migrated_url):
    """COPY and INSERT write the same row."""
    one = observation(7)
    _, [row] = stored(migrated_url, [one])

    expected = row_of(ORIGIN, one)
    assert {name: row[name] for name in expected} == expected
    assert set(COLUMNS) == set(expected)
    assert row["adopted"] is False
    assert (row["bssid"], row["rssi_dbm"]) == (parse_mac(AP), -61)


def test_observation_comes_once(migrated_url):
    """The second net: the same number in another batch stays out."""
    fresh, table = stored(
        migrated_url,
        [observation(1), observation(2)],
        [observation(2, frames=1), observation(3), observation(3)],
    )

    assert [[one.seq for one in new] for new in fresh] == [[1, 2], [3]]
    assert [(row["seq"], row["frames"]) for row in table] == [(1, 90), (2, 90), (3, 90)]


def test_hostile_texts_stay_in_their_column(migrated_url):
    """Tabs, newlines and backslashes are part of a name, not of the format."""
    name = b"\\.\n\t\\N\r\0\xff"
    label = "a\tb\\n"
    _, [row] = stored(migrated_url, [observation(1, ssid=name.hex(), security=label)])

    assert row["ssid"] == name
    assert row["ssid_text"] == r"\x5c.\x0a\x09\x5cN\x0d\x00\xff"
    assert row["security"] == label


def test_unknown_values_are_null(migrated_url):
    """Nothing is made up for a transmitter without name and signal."""
    bare = client(1, signal_mean_dbm=None, signal_min_dbm=None, channel=0)
    _, [row] = stored(migrated_url, [bare])

    names = ("bssid", "ssid", "ssid_text", "rssi_dbm", "signal_min_dbm", "channel")
    assert [row[name] for name in names] == [None] * len(names)


def test_doubted_times_are_marked(migrated_url):
    """Kept, with the reason."""
    _, table = stored(
        migrated_url, [observation(1), observation(2)], doubts={2: "past"}
    )

    assert [row["raw_data"] for row in table] == [None, {"quarantined": "past"}]


def test_nothing_is_nothing(migrated_url):
    """An empty batch writes nothing."""
    assert stored(migrated_url, []) == ([[]], [])


def test_copy_format_has_one_line_each():
    """As many fields as columns."""
    lines = copy_lines(ORIGIN, [observation(1), client(2)], {}).decode().splitlines()

    assert [line.count("\t") + 1 for line in lines] == [len(COLUMNS)] * 2
