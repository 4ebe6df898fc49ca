"""Networks and stations, the same for every order of batches."""

from __future__ import annotations

from itertools import count

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.support.batches import (
    AP,
    NOW,
    NOW_US,
    SENSOR,
    SITE,
    client,
    in_transaction,
    observation,
)
from tests.support.batches import rows as rows_in

from sentinel_netlab.core.addresses import parse_mac
from sentinel_netlab.store.inventory import add_to_inventory
from sentinel_netlab.store.observations import Origin, add_observations
from sentinel_netlab.store.tables import networks, stations, telemetry

NUMBERS = count(1)


async def add(c, batch, number: int, doubts=None) -> None:
    """Store *batch* and add it to the inventory."""
    origin = Origin(SENSOR, f"{number:032x}", f"{number:x}", NOW)
    numbered = [structs.replace(one, seq=seq) for seq, one in enumerate(batch)]
    await add_observations(c, origin, numbered, doubts or {})
    await add_to_inventory(c, SITE, SENSOR, origin.batch_id)


def after(url: str, *batches):
    """The inventory after *batches*."""

    async def run(c):
        for batch in batches:
            await add(c, batch, next(NUMBERS))
        return (
            await rows_in(c, networks, "bssid", "ssid"),
            await rows_in(c, stations, "address"),
        )

    return in_transaction(url, run)


ADDRESSES = [f"02:00:00:00:00:{last:02x}" for last in (1, 10, 11)]
times = st.integers(NOW_US, NOW_US + 2)
advertised = st.builds(
    lambda mac, **values: observation(transmitter=mac, bssid=mac, **values),
    st.sampled_from(ADDRESSES),
    first_us=times,
    last_us=times,
    ssid=st.sampled_from(["", "00ff"]),
    security=st.sampled_from([None, "Open", "a", "B"]),
    channel=st.integers(0, 2),
    signal_max_dbm=st.sampled_from([None, -40, -30]),
)
silent = st.builds(
    client,
    address=st.sampled_from(ADDRESSES),
    first_us=times,
    last_us=times,
    channel=st.integers(0, 2),
    signal_max_dbm=st.sampled_from([None, -40, -30]),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(advertised | silent, max_size=8), st.data())
def test_order_and_cut_do_not_matter(migrated_url, seen, data):
    """One batch of all, or one of each in any order: the same networks and stations."""
    shuffled = data.draw(st.permutations(seen))

    async def run(c):
        found = []
        for batches in ([seen], [[one] for one in shuffled]):
            for table in (telemetry, networks, stations):
                await c.execute(sa.delete(table))
            for number, batch in enumerate(batches):
                await add(c, batch, number)
            clients = await rows_in(c, stations, "address")
            found.append((await rows_in(c, networks, "bssid", "ssid"), clients))
        return found

    at_once, one_by_one = in_transaction(migrated_url, run)

    # An access point that passed as a station first is forgotten as one, not counted.
    assert at_once == one_by_one


def test_last_advertisement_describes_a_network(migrated_url):
    """Counts are sums; an older one adds its counts only."""
    newer = observation(last_us=NOW_US, security="WPA3-SAE-CCMP", channel=11)
    older = observation(last_us=NOW_US - 1, first_us=NOW_US - 60_000_000)
    [[row], _] = after(migrated_url, [newer], [older])

    assert (row["security"], row["channel"]) == ("WPA3-SAE-CCMP", 11)
    assert (row["frames"], row["beacons"], row["signal_max_dbm"]) == (180, 160, -50)
    assert (row["last_seen"] - row["first_seen"]).total_seconds() == 60


def test_names_of_one_bssid_are_networks_of_their_own(migrated_url):
    """A hidden name is the empty one."""
    found, _ = after(migrated_url, [observation(), observation(ssid=None)])

    assert [row["ssid"] for row in found] == [b"", b"corp"]
    assert [row["ssid_text"] for row in found] == ["", "corp"]


def test_access_point_is_no_station(migrated_url):
    """Whatever was heard first, its beacons or its data."""
    _, before = after(migrated_url, [client(address=AP)])
    _, then = after(migrated_url, [observation()])
    _, later = after(migrated_url, [client(address=AP)])

    assert [row["address"] for row in before] == [parse_mac(AP)]
    assert then == later == []


def test_group_address_is_no_station(migrated_url):
    """Nobody sends from one; somebody forged it."""
    assert after(migrated_url, [client(address="03:00:00:00:00:01")]) == ([], [])


def test_other_batches_and_doubtful_rows_are_left_out(migrated_url):
    """Each batch adds its own rows once, and those alone that are believed."""

    async def run(c):
        await add(c, [observation(), observation()], 1, doubts={1: "past"})
        await add(c, [observation()], 2)
        return await rows_in(c, networks)

    [row] = in_transaction(migrated_url, run)

    assert row["frames"] == 180
