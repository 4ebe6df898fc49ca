"""Who may sign, and what was signed before."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SENSOR, SITE, in_transaction, rows

from sentinel_netlab.store.signers import (
    Signer,
    find_signers,
    forget_nonces,
    purge_nonces,
    remember_nonces,
    retire_older_keys,
)
from sentinel_netlab.store.tables import sensor_nonces, sensors

KEEP_S = 600.0


async def remember(c, nonce: str = "n", keyid: str = "roof.v1", now=NOW) -> bool:
    """Whether it is new."""
    return (await remember_nonces(c, [(keyid, nonce)], now=now, keep_s=KEEP_S))[0]


async def find_signer(c, sensor_id: str) -> Signer | None:
    """The sensor of that id."""
    return (await find_signers(c, [sensor_id])).get(sensor_id)


def signer(newest: int, oldest: int) -> Signer:
    return Signer("roof", "online", None, newest, oldest)


def test_unknown_sensor_is_nobody(migrated_url):
    """There is no signer of an id that no sensor has."""
    assert in_transaction(migrated_url, lambda c: find_signer(c, "attic")) is None


def test_known_sensor(migrated_url):
    """Everything that its signatures are judged by."""
    found = in_transaction(migrated_url, lambda c: find_signer(c, SENSOR))

    assert found == Signer(SENSOR, "enrolled", SITE, 1, 0)


@pytest.mark.parametrize(
    ("newest", "oldest", "held"),
    [(0, 0, []), (1, 0, [1]), (1, 1, [1]), (3, 2, [2, 3]), (3, 3, [3])],
)
def test_versions_between_oldest_and_newest_open(newest, oldest, held):
    """None before the sensor joined, and never version 0."""
    assert [v for v in range(5) if signer(newest, oldest).holds(v)] == held


def test_of_two_equal_nonces_the_first_is_new(migrated_url):
    """Those of one statement too; each other one is judged for itself."""
    used = [("roof.v1", "b"), ("roof.v1", "a"), ("roof.v1", "b"), ("roof.v2", "b")]

    async def run(c):
        await remember(c, "a")
        return await remember_nonces(c, used, now=NOW, keep_s=KEEP_S)

    assert in_transaction(migrated_url, run) == [True, False, False, True]


def test_a_nonce_that_is_forgotten_is_new_again(migrated_url):
    """And no other one."""

    async def run(c):
        await remember(c, "a")
        await remember(c, "b")
        await forget_nonces(c, [("roof.v1", "a"), ("roof.v2", "b")])
        return await remember(c, "a"), await remember(c, "b")

    assert in_transaction(migrated_url, run) == (True, False)


def test_nonce_is_good_once(migrated_url):
    """Of each key on its own."""

    async def run(c):
        return [
            await remember(c),
            await remember(c),
            await remember(c, keyid="roof.v2"),
            await remember(c, "m"),
        ]

    assert in_transaction(migrated_url, run) == [True, False, True, True]


def test_nonces_are_forgotten_after_their_time(migrated_url):
    """At most so many at once; those whose time runs stay."""

    async def run(c):
        for nonce in "abc":
            await remember(c, nonce)
        await remember(c, "d", now=NOW + timedelta(seconds=1))
        when = NOW + timedelta(seconds=KEEP_S, milliseconds=1)
        counts = [await purge_nonces(c, when, 2), await purge_nonces(c, when, 2)]
        return counts, await rows(c, sensor_nonces)

    counts, [left] = in_transaction(migrated_url, run)

    assert (counts, left["nonce"]) == ([2, 1], "d")


def test_older_keys_are_closed_for_good(migrated_url):
    """A late request with an older key does not open it again."""

    async def run(c):
        await c.execute(sa.update(sensors).values(key_version=3, oldest_key_version=1))
        for version in (3, 2):
            await retire_older_keys(c, SENSOR, version)
        return await find_signer(c, SENSOR)

    assert in_transaction(migrated_url, run).oldest_key_version == 3
