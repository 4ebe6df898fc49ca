"""
`sentinel token`: what programs and people show to the API.
"""

from __future__ import annotations

from datetime import datetime
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

    from sentinel_netlab.store.tokens import NewToken, Token

commands = typer.Typer(
    help="API tokens: make them, list them, revoke them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    *,
    role: Annotated[str, typer.Option(help="viewer, analyst or admin.")],
    site: Annotated[
        str | None, typer.Option(help="The only site that it sees; all, if not given.")
    ] = None,
    days: Annotated[int, typer.Option(help="Days until it expires.")] = 90,
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """Make a token and print it, once.  Exit status: 0 made, 1 refused."""
    from sentinel_netlab.store.tokens import NewToken, TokenError  # noqa: PLC0415

    new = NewToken(name, role, days, actor(), site)
    try:
        text, token = on_database(lambda e: _create(e, new), lab=lab, folder=data)
    except TokenError as error:
        raise refused(str(error)) from None
    typer.echo(text)
    typer.echo(
        f"token {token.token_id} of {name} expires {_day(token.expires_at)}; "
        "it is shown once",
        err=True,
    )


@commands.command(name="list")
def list_all(*, lab: Lab = False, data: LabFolder = None) -> None:
    """List the tokens: id, name, role, site, state, expiry, last use, maker."""
    now = utc_now()
    for token in on_database(_list, lab=lab, folder=data):
        row = (
            token.token_id,
            token.name,
            token.role,
            token.site_id or "all sites",
            "adopted, opens nothing" if token.adopted else token.refusal(now) or "good",
            _day(token.expires_at),
            _day(token.last_used),
            token.created_by,
        )
        typer.echo("\t".join(ascii(item or "-").strip("'") for item in row))


@commands.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID")],
    *,
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """Let a token open nothing from now on."""
    if not on_database(lambda e: _revoke(e, token_id), lab=lab, folder=data):
        raise refused("there is no such token that still works")
    typer.echo(f"token {token_id} is revoked")


def _day(when: datetime | None) -> str:
    return when.date().isoformat() if when else "never"


async def _create(engine: AsyncEngine, new: NewToken) -> tuple[str, Token]:
    from sentinel_netlab.store.people import issue_token  # noqa: PLC0415

    async with engine.begin() as c:
        return await issue_token(c, new, now=utc_now())


async def _list(engine: AsyncEngine) -> list[Token]:
    from sentinel_netlab.store.engine import reading  # noqa: PLC0415
    from sentinel_netlab.store.tokens import list_tokens  # noqa: PLC0415

    async with reading(engine).connect() as c:
        return await list_tokens(c)


async def _revoke(engine: AsyncEngine, token_id: str) -> bool:
    from sentinel_netlab.store.people import withdraw_token  # noqa: PLC0415

    async with engine.begin() as c:
        return await withdraw_token(c, token_id, actor=actor(), now=utc_now())
