"""
What the database knows of those who sign: versions of their keys, used nonces.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.tables import sensor_nonces, sensors
from sentinel_netlab.store.upserts import insert_for


@dataclass(frozen=True, slots=True)
class Signer:
    """
    A sensor as far as its signatures are concerned.

    Attributes:
        key_version: the newest version of its key; 0: it has not joined.
        oldest_key_version: older ones open nothing.
    """

    sensor_id: str
    status: str | None
    site_id: str | None
    key_version: int
    oldest_key_version: int

    def holds(self, key_version: int) -> bool:
        """Whether *key_version* of its key is one that opens."""
        return 1 <= max(1, self.oldest_key_version) <= key_version <= self.key_version


async def find_signers(
    c: AsyncConnection, sensor_ids: Collection[str]
) -> dict[str, Signer]:
    """Those sensors that there are, by id."""
    columns = sensors.c
    query = sa.select(
        columns.id,
        columns.status,
        columns.site_id,
        columns.key_version,
        columns.oldest_key_version,
    ).where(columns.id.in_(sensor_ids))
    return {row[0]: Signer(*row) for row in await c.execute(query)}


async def retire_older_keys(
    c: AsyncConnection, sensor_id: str, key_version: int
) -> None:
    """Close the versions before *key_version*, which the sensor has shown to hold."""
    columns = sensors.c
    await c.execute(
        sa.update(sensors)
        .where(columns.id == sensor_id, columns.oldest_key_version < key_version)
        .values(oldest_key_version=key_version)
    )


async def remember_nonces(
    c: AsyncConnection,
    used: Sequence[tuple[str, str]],
    *,
    now: datetime,
    keep_s: float,
) -> list[bool]:
    """
    Remember nonces for *keep_s*, in one statement.

    Args:
        used: pairs of keyid and nonce.

    Returns:
        For each whether it is new; of two equal ones the first may be.
    """
    until = now + timedelta(seconds=keep_s)
    # In one order, so that transactions that meet wait for each other one way only.
    rows = [
        {"keyid": keyid, "nonce": nonce, "expires_at": until}
        for keyid, nonce in sorted(set(used))
    ]
    columns = sensor_nonces.c
    insert = insert_for(c, sensor_nonces).on_conflict_do_nothing()
    # RETURNING, for psycopg's count of an INSERT does not reach us.
    found = await c.execute(insert.returning(columns.keyid, columns.nonce), rows)
    fresh = {(row[0], row[1]) for row in found}
    return [pair in fresh and pair not in used[:at] for at, pair in enumerate(used)]


async def forget_nonces(c: AsyncConnection, used: Sequence[tuple[str, str]]) -> None:
    """Take back what `remember_nonces` did for *used*."""
    columns = sensor_nonces.c
    for keyid, nonce in used:
        same = (columns.keyid == keyid) & (columns.nonce == nonce)
        await c.execute(sa.delete(sensor_nonces).where(same))


async def purge_nonces(c: AsyncConnection, now: datetime, limit: int = 10_000) -> int:
    """Forget at most *limit* nonces whose time is over; the number of them."""
    columns = sensor_nonces.c
    old = (
        sa.select(columns.keyid, columns.nonce)
        .where(columns.expires_at < now)
        .limit(limit)
    )
    key = sa.tuple_(columns.keyid, columns.nonce)
    done = await c.execute(sa.delete(sensor_nonces).where(key.in_(old)))
    return done.rowcount
