"""
`sentinel user`: people with a password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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

    from sentinel_netlab.store.users import User

commands = typer.Typer(
    help="Users: make them, list them, disable them, give a new password.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME")]


@commands.command()
def create(
    name: Name,
    *,
    role: Annotated[str, typer.Option(help="viewer, analyst or admin.")],
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """
    Make a user and print their password, once; it has to be changed.

    There is no default account.  Exit status: 0 made, 1 refused.
    """
    from sentinel_netlab.store.passwords import (  # noqa: PLC0415
        hash_password,
        make_password,
    )
    from sentinel_netlab.store.users import UserError  # noqa: PLC0415

    password = make_password()
    kept = hash_password(password)
    try:
        on_database(lambda e: _create(e, name, role, kept), lab=lab, folder=data)
    except UserError as error:
        raise refused(str(error)) from None
    typer.echo(password)
    typer.echo(f"user {name} is made; this password is shown once", err=True)


@commands.command(name="list")
def list_all(*, lab: Lab = False, data: LabFolder = None) -> None:
    """List the users: name, role, state, since when."""
    for user in on_database(_list, lab=lab, folder=data):
        state = "active" if user.is_active else "disabled"
        if user.is_active and user.must_change:
            state = "password to be changed"
        since = user.created_at.isoformat(timespec="seconds")
        typer.echo(f"{user.name}\t{user.role}\t{state}\t{since}")


@commands.command()
def disable(name: Name, *, lab: Lab = False, data: LabFolder = None) -> None:
    """Let a user in no more, and revoke the tokens that they made."""
    revoked = on_database(lambda e: _disable(e, name), lab=lab, folder=data)
    if revoked is None:
        raise refused("there is no such active user")
    typer.echo(f"user {name} is disabled, tokens revoked: {len(revoked)}")


@commands.command()
def password(name: Name, *, lab: Lab = False, data: LabFolder = None) -> None:
    """Give a user a new password and print it, once; it has to be changed."""
    from sentinel_netlab.store.passwords import (  # noqa: PLC0415
        hash_password,
        make_password,
    )

    new = make_password()
    kept = hash_password(new)
    if not on_database(lambda e: _renew(e, name, kept), lab=lab, folder=data):
        raise refused("there is no such active user")
    typer.echo(new)
    typer.echo(f"the new password of {name} is shown once", err=True)


async def _create(engine: AsyncEngine, name: str, role: str, kept: str) -> None:
    from sentinel_netlab.store.people import admit_user  # noqa: PLC0415

    async with engine.begin() as c:
        await admit_user(c, name, role, kept, actor=actor(), now=utc_now())


async def _list(engine: AsyncEngine) -> list[User]:
    from sentinel_netlab.store.engine import reading  # noqa: PLC0415
    from sentinel_netlab.store.users import list_users  # noqa: PLC0415

    async with reading(engine).connect() as c:
        return await list_users(c)


async def _disable(engine: AsyncEngine, name: str) -> list[str] | None:
    from sentinel_netlab.store.people import dismiss_user  # noqa: PLC0415

    async with engine.begin() as c:
        return await dismiss_user(c, name, actor=actor(), now=utc_now())


async def _renew(engine: AsyncEngine, name: str, kept: str) -> bool:
    from sentinel_netlab.store.people import renew_password  # noqa: PLC0415

    async with engine.begin() as c:
        return await renew_password(c, name, kept, actor=actor(), now=utc_now())
