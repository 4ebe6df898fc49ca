"""
`sentinel sensor status` and `sentinel sensor spool`.
"""

from __future__ import annotations

from pathlib import Path

import typer

from sentinel_netlab.cli.agent import SPOOL_FILE, clock_us
from sentinel_netlab.core.times import format_time
from sentinel_netlab.sensor import status as statuses
from sentinel_netlab.sensor.spool import Spool, SpoolError

UNBOUNDED = 1 << 62


def show_status(folder: Path) -> int:
    """Lines about the agent in *folder*; 0 if it runs."""
    status = statuses.read(folder)
    if status is None:
        typer.echo(f"no agent ran with --state-dir {folder}", err=True)
        return 1
    for name, text in statuses.rows(status, clock_us()):
        typer.echo(f"{name:10} {text}")
    return 0 if statuses.is_running(status, clock_us()) else 1


def show_aside(folder: Path) -> int:
    """A line for each batch that was set aside."""
    spool = _opened(folder)
    for one in spool.set_aside():
        made = format_time(one.created_us)
        text = f"{one.batch_id}  {one.lane:12} {made}  {one.items:6}  {one.aside}"
        typer.echo(text)
    spool.close()
    return 0


def change(folder: Path, batches: list[str] | None, *, purge: bool) -> int:
    """Forget or retry what was set aside; 1 if one of *batches* was not there."""
    spool = _opened(folder)
    done = spool.purge(batches or None) if purge else spool.retry(batches or None)
    spool.close()
    typer.echo(f"{done} {'forgotten' if purge else 'to be sent again'}")
    return 0 if not batches or done == len(batches) else 1


def _opened(folder: Path) -> Spool:
    path = folder / SPOOL_FILE
    if not path.exists():
        typer.echo(f"sentinel: there is no spool in {folder}", err=True)
        raise typer.Exit(2)
    try:
        return Spool(path, most_bytes=UNBOUNDED)
    except SpoolError as error:
        typer.echo(f"sentinel: {error}", err=True)
        raise typer.Exit(2) from None
