"""
What commands that work on the database share: settings, engine, and clear refusals.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

Lab = Annotated[
    bool, typer.Option("--lab", help="Use the database of the lab on this machine.")
]
LabFolder = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the lab's data.", file_okay=False),
]
_T = TypeVar("_T")


def on_database(
    action: Callable[[AsyncEngine], Awaitable[_T]], *, lab: bool, folder: Path | None
) -> _T:
    """
    What *action* gives, on the database that the environment names.

    Exits with 78 if the settings are unusable, with 1 if the database is away, or not
    one that this version may use.
    """
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from sentinel_netlab.cli.lab import environment_of  # noqa: PLC0415
    from sentinel_netlab.settings import load_or_exit  # noqa: PLC0415
    from sentinel_netlab.store.settings import DatabaseSettings  # noqa: PLC0415

    environ, profile = environment_of(lab=lab, folder=folder)
    settings = load_or_exit(DatabaseSettings, environ, profile=profile)
    url = settings.database_url.get_secret_value()
    try:
        return asyncio.run(_checked(url, action))
    except DBAPIError as error:
        # Not its text: that may hold what was to be written.
        raise refused(f"the database failed: {type(error.orig).__name__}") from None


async def _checked(url: str, action: Callable[[AsyncEngine], Awaitable[_T]]) -> _T:
    from sentinel_netlab.store.engine import make_engine, reading  # noqa: PLC0415
    from sentinel_netlab.store.schema_state import quick_state  # noqa: PLC0415

    engine = make_engine(url, application_name="sentinel-cli")
    try:
        async with reading(engine).connect() as c:
            state = await quick_state(c)
        if not state.ready:
            raise refused(f"{state.title}: run `sentinel migrate` first")
        return await action(engine)
    finally:
        await engine.dispose()


def refused(message: str) -> typer.Exit:
    """Say *message*; raise what comes back, which exits with 1."""
    typer.echo(f"sentinel: {message}", err=True)
    return typer.Exit(1)


def actor() -> str:
    """Who runs the command, as the audit log names them."""
    try:
        return f"cli:{getpass.getuser()}"[:64]
    except (KeyError, OSError):
        return "cli"


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)
