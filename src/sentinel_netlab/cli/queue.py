"""
`sentinel queue`: the batches that wait, and those that nobody could store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sentinel_netlab.cli.database import (
    Lab,
    LabFolder,
    actor,
    on_database,
    refused,
    utc_now,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

STATUSES = ("queued", "leased", "done", "dead")
_SHOWN = (
    "job_id", "status", "received_at", "attempts", "next_attempt_at", "lease_owner",
    "error_msg",
)  # fmt: skip

commands = typer.Typer(
    help="The queue of batches: list it, try dead jobs again.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command(name="list")
def list_all(
    *,
    status: Annotated[
        str | None, typer.Option(help="Only those: queued, leased, done or dead.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """
    List jobs, the newest first: id, status, received, attempts, next attempt, worker,
    error.
    """
    if status is not None and status not in STATUSES:
        typer.echo(f"sentinel: --status is one of {', '.join(STATUSES)}", err=True)
        raise typer.Exit(2)
    for job in on_database(lambda e: _list(e, status, limit), lab=lab, folder=data):
        typer.echo("\t".join(_shown(job[name]) for name in _SHOWN))


@commands.command()
def retry(
    job_id: Annotated[str | None, typer.Argument(metavar="[JOB]")] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="All dead jobs instead of one.")
    ] = False,
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """
    Queue a dead job anew, or all of them.

    Exit status: 0 queued, 1 there is no such dead job, 2 neither or both were said.
    """
    if (job_id is None) is not every:
        typer.echo("sentinel: say which job, or --all", err=True)
        raise typer.Exit(2)
    count = on_database(lambda e: _retry(e, job_id), lab=lab, folder=data)
    if count == 0:
        raise refused("there is no such dead job")
    typer.echo(f"{count} {'job is' if count == 1 else 'jobs are'} queued again")


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return ascii(str(value))[1:-1]


async def _list(
    engine: AsyncEngine, status: str | None, limit: int
) -> list[Mapping[str, Any]]:
    from sentinel_netlab.store.engine import reading  # noqa: PLC0415
    from sentinel_netlab.store.queue import list_jobs  # noqa: PLC0415

    async with reading(engine).connect() as c:
        return [dict(row) for row in await list_jobs(c, status=status, limit=limit)]


async def _retry(engine: AsyncEngine, job_id: str | None) -> int:
    from sentinel_netlab.store.audit import record  # noqa: PLC0415
    from sentinel_netlab.store.queue import requeue  # noqa: PLC0415

    now = utc_now()
    async with engine.begin() as c:
        count = await requeue(c, now, job_id)
        if count:
            await record(
                c,
                event_type="job",
                actor=actor(),
                action="retry",
                resource=job_id,
                details={"jobs": count},
                now=now,
            )
    return count
