"""
API tokens: ``snl_<kind>_<id>_<secret>_<crc>``, of which the store keeps a hash.

The secret has 256 bits of a random source, so that a plain SHA-256 of the whole token
is enough.  The check sum lets a token that was cut or mistyped be refused without the
database, and scanners tell a real one from a placeholder.  Adopted tokens open nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.roles import is_role
from sentinel_netlab.store.locks import take_turn
from sentinel_netlab.store.reading.keyset import ordered
from sentinel_netlab.store.tables import api_tokens, sites, users

KIND = "api"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
"""Names of people and tokens: what may stand in a log, a URL and an audit row."""
NAME_RULE = (
    "name: 1 to 64 letters, digits, '.', '_', '@', '-', the first a letter or digit"
)
MAX_DAYS = 366
USED_EVERY = timedelta(minutes=5)
"""`last_used` is written at most so often, and not for each request."""
_TOKEN = re.compile(r"snl_api_([0-9a-f]{16})_([0-9a-f]{64})_([0-9a-f]{8})", re.ASCII)
_columns = api_tokens.c


class TokenError(ValueError):
    """
    A token that cannot be made; the message says why.

    Attributes:
        code: ``invalid``, or ``name_taken``.
    """

    def __init__(self, message: str, code: str = "invalid") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Presented:
    """A token as somebody shows it: well-formed, and not yet known to be one."""

    token_id: str
    hash: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Presented | None:
        """The token that *text* is; None: it has another form or check sum."""
        parts = _TOKEN.fullmatch(text)
        if parts is None or _check_sum(text.rpartition("_")[0]) != parts[3]:
            return None
        return cls(parts[1], _hash(text))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _check_sum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as the store knows it; not its secret."""

    token_id: str
    name: str | None
    role: str
    site_id: str | None
    created_at: datetime | None
    created_by: str | None
    expires_at: datetime | None
    last_used: datetime | None
    revoked_at: datetime | None
    is_active: bool
    adopted: bool

    def refusal(self, now: datetime) -> str | None:
        """Why it opens nothing: unknown, revoked, expired; None: it is good."""
        if self.adopted or not is_role(self.role):
            return "unknown"
        if not self.is_active or self.revoked_at is not None:
            return "revoked"
        if self.expires_at is None or self.expires_at <= now:
            return "expired"
        return None


@dataclass(frozen=True, slots=True)
class NewToken:
    """
    What a token shall be.

    Attributes:
        role: viewer, analyst or admin.
        site_id: the only site that it sees; None: all.
        days: until it expires, 1 to `MAX_DAYS`.
        created_by: who made it.
    """

    name: str
    role: str
    days: int
    created_by: str
    site_id: str | None = None


async def create_token(
    c: AsyncConnection,
    new: NewToken,
    now: datetime,
    make_hex: Callable[[int], str] = secrets.token_hex,
) -> tuple[str, Token]:
    """
    Make a token.

    Args:
        make_hex: random hexadecimal digits for so many bytes.

    Returns:
        Its text, which nobody can give again, and what is known of it.

    Raises:
        TokenError: it cannot be made.
    """
    await _check(c, new, now)
    stem = f"snl_{KIND}_{make_hex(8)}_{make_hex(32)}"
    text = f"{stem}_{_check_sum(stem)}"
    token = Token(
        token_id=stem.split("_")[2],
        name=new.name,
        role=new.role,
        site_id=new.site_id,
        created_at=now,
        created_by=new.created_by,
        expires_at=now + timedelta(days=new.days),
        last_used=None,
        revoked_at=None,
        is_active=True,
        adopted=False,
    )
    row = {name: getattr(token, name) for name in Token.__dataclass_fields__}
    await c.execute(sa.insert(api_tokens).values(token_hash=_hash(text), **row))
    return text, token


async def _check(c: AsyncConnection, new: NewToken, now: datetime) -> None:
    if not NAME.fullmatch(new.name):
        raise TokenError(NAME_RULE)
    if not is_role(new.role):
        raise TokenError("role: viewer, analyst or admin")
    if not 1 <= new.days <= MAX_DAYS:
        raise TokenError(f"days: 1 to {MAX_DAYS}")
    if new.site_id is not None:
        site = await c.execute(sa.select(sites.c.id).where(sites.c.id == new.site_id))
        if site.first() is None:
            raise TokenError("site_id: there is no such site")
    # One name is one person in the audit log while it can act.
    await take_turn(c, "names of people")
    if await name_is_taken(c, new.name, now):
        message = "name: a user or a token that still works has it"
        raise TokenError(message, "name_taken")


async def name_is_taken(c: AsyncConnection, name: str, now: datetime) -> bool:
    """Whether a user or a working token is called *name*."""
    working = sa.select(_columns.token_id).where(_columns.name == name, _works(now))
    user = sa.select(users.c.name).where(users.c.name == name)
    return (await c.execute(sa.union_all(working, user))).first() is not None


def _works(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        _columns.adopted.is_(False),
        _columns.is_active.is_(True),
        _columns.revoked_at.is_(None),
        _columns.expires_at > now,
    )


BY_ID = ordered(_columns.token_id)
"""How tokens are listed."""


def select_tokens() -> sa.Select[Any]:
    """All tokens; `read_token` reads the rows."""
    return sa.select(*(_columns[name] for name in Token.__dataclass_fields__))


def read_token(row: sa.RowMapping) -> Token:
    """The token of a row of `select_tokens`; adopted rows may not say a state."""
    values = {name: row[name] for name in Token.__dataclass_fields__}
    return Token(**values | {"is_active": bool(values["is_active"])})


async def find_token(c: AsyncConnection, token_id: str) -> Token | None:
    """The token of that id."""
    query = select_tokens().where(_columns.token_id == token_id)
    row = (await c.execute(query)).mappings().first()
    return None if row is None else read_token(row)


async def open_with(c: AsyncConnection, presented: Presented) -> Token | None:
    """The token that was *presented*, whether it works or not; None: none of ours."""
    query = select_tokens().add_columns(_columns.token_hash)
    query = query.where(
        _columns.token_id == presented.token_id, _columns.adopted.is_(False)
    )
    row = (await c.execute(query)).mappings().first()
    kept = row["token_hash"] if row else _hash("")
    if not hmac.compare_digest(kept, presented.hash) or row is None:
        return None
    return read_token(row)


async def list_tokens(c: AsyncConnection) -> list[Token]:
    """All tokens by their id."""
    rows = await c.execute(select_tokens().order_by(_columns.token_id))
    return [read_token(row) for row in rows.mappings()]


async def revoke_token(c: AsyncConnection, token_id: str, now: datetime) -> bool:
    """Let it open nothing from now on; False: it did not before."""
    change = sa.update(api_tokens).where(
        _columns.token_id == token_id,
        _columns.is_active.is_(True),
        _columns.revoked_at.is_(None),
    )
    change = change.values(is_active=False, revoked_at=now)
    done = await c.execute(change.returning(_columns.token_id))
    return done.first() is not None


async def revoke_tokens_of(c: AsyncConnection, name: str, now: datetime) -> list[str]:
    """Revoke what *name* made and still works; the ids of it."""
    change = sa.update(api_tokens).where(_columns.created_by == name, _works(now))
    change = change.values(is_active=False, revoked_at=now)
    return sorted(await c.scalars(change.returning(_columns.token_id)))


async def note_use(c: AsyncConnection, token: Token, now: datetime) -> None:
    """Keep when it was used, unless that was done a short time ago."""
    since = now - USED_EVERY
    await c.execute(
        sa.update(api_tokens)
        .where(
            _columns.token_id == token.token_id,
            sa.or_(_columns.last_used.is_(None), _columns.last_used <= since),
        )
        .values(last_used=now)
    )


def use_is_due(token: Token, now: datetime) -> bool:
    """Whether `note_use` would write."""
    return token.last_used is None or token.last_used <= now - USED_EVERY
