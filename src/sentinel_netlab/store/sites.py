"""
Sites and their policies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.reading.keyset import ordered
from sentinel_netlab.store.tables import sites
from sentinel_netlab.store.upserts import insert_for

_columns = sites.c


@dataclass(frozen=True, slots=True)
class StoredSite:
    """
    A site.

    Attributes:
        policy: as `core.policy.policy_from` takes it, None: none.
        policy_version: counts up with each change of the policy.
    """

    id: str
    name: str
    policy: dict[str, Any] | None
    policy_version: int
    created_at: datetime


_FIELDS = tuple(_columns[name] for name in StoredSite.__slots__)
BY_ID = ordered(_columns.id)


def select_sites(site_id: str | None = None) -> sa.Select[Any]:
    """Sites (or the one of that id), for `read_site`."""
    query = sa.select(*_FIELDS)
    return query if site_id is None else query.where(_columns.id == site_id)


def read_site(row: sa.RowMapping) -> StoredSite:
    """The site in a row of `select_sites`."""
    return StoredSite(**{name: row[name] for name in StoredSite.__slots__})


async def find_site(
    c: AsyncConnection, site_id: str, *, to_change: bool = False
) -> StoredSite | None:
    """
    The site of that id.

    Args:
        to_change: nobody else changes it until the transaction ends.
    """
    query = select_sites(site_id)
    if to_change:
        query = query.with_for_update(key_share=True)
    row = (await c.execute(query)).mappings().first()
    return None if row is None else read_site(row)


async def add_site(
    c: AsyncConnection,
    site_id: str,
    name: str,
    policy: dict[str, Any] | None,
    now: datetime,
) -> bool:
    """Make a site; False: there is one of that id."""
    insert = insert_for(c, sites).on_conflict_do_nothing().returning(_columns.id)
    row = {"id": site_id, "name": name, "policy": policy, "created_at": now}
    return (await c.execute(insert, row)).first() is not None


async def change_site(
    c: AsyncConnection,
    site: StoredSite,
    *,
    name: str,
    policy: dict[str, Any] | None,
) -> StoredSite:
    """
    Change a site that was found ``to_change``; another policy, another version.

    Returns:
        The site as it is now.
    """
    version = site.policy_version + (policy != site.policy)
    await c.execute(
        sa.update(sites)
        .where(_columns.id == site.id)
        .values(name=name, policy=policy, policy_version=version)
    )
    return replace(site, name=name, policy=policy, policy_version=version)
