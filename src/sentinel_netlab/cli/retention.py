"""
`sentinel db retention`: forget now what the worker forgets in time, and more if asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sentinel_netlab.cli.database import actor, on_database, utc_now
from sentinel_netlab.cli.lab import environment_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from sentinel_netlab.store.retention import Ages


def run(*, include_adopted: bool, lab: bool, folder: Path | None) -> dict[str, int]:
    """Forget what is older than the settings keep; rows by table."""
    from sentinel_netlab.settings import load_or_exit  # noqa: PLC0415
    from sentinel_netlab.store.settings import RetentionSettings  # noqa: PLC0415
    from sentinel_netlab.worker.process import ages_of  # noqa: PLC0415

    environ, profile = environment_of(lab=lab, folder=folder)
    ages = ages_of(load_or_exit(RetentionSettings, environ, profile=profile))
    return on_database(
        lambda engine: _forget(engine, ages, include_adopted=include_adopted),
        lab=lab,
        folder=folder,
    )


async def _forget(
    engine: AsyncEngine, ages: Ages, *, include_adopted: bool
) -> dict[str, int]:
    from sentinel_netlab.store import audit  # noqa: PLC0415
    from sentinel_netlab.worker.sweep import forget  # noqa: PLC0415

    gone = await forget(engine, ages, utc_now, include_adopted=include_adopted)
    async with engine.begin() as c:
        await audit.record(
            c,
            event_type="database",
            actor=actor(),
            action="retention",
            resource="adopted rows too" if include_adopted else "our rows",
            details={"rows": gone},
            now=utc_now(),
        )
    return gone
