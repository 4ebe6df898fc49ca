"""
Users: people with a password.  There is none until somebody makes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.roles import is_role
from sentinel_netlab.store.locks import take_turn
from sentinel_netlab.store.tables import users
from sentinel_netlab.store.tokens import NAME, NAME_RULE, name_is_taken

_columns = users.c


class UserError(ValueError):
    """A user that cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class User:
    """
    Somebody with a password.

    Attributes:
        must_change: the password is one that we made.
    """

    name: str
    role: str
    must_change: bool
    is_active: bool
    created_at: datetime


async def create_user(
    c: AsyncConnection, name: str, role: str, password_hash: str, now: datetime
) -> User:
    """
    Make a user whose password has to be changed.

    Raises:
        UserError: the name is taken or none, or the role is none.
    """
    if not NAME.fullmatch(name):
        raise UserError(NAME_RULE)
    if not is_role(role):
        raise UserError("role: viewer, analyst or admin")
    await take_turn(c, "names of people")
    if await name_is_taken(c, name, now):
        raise UserError("name: a user or a token that still works has it")
    user = User(name, role, must_change=True, is_active=True, created_at=now)
    row = {field: getattr(user, field) for field in User.__dataclass_fields__}
    await c.execute(sa.insert(users).values(password_hash=password_hash, **row))
    return user


async def list_users(c: AsyncConnection) -> list[User]:
    """All users by name."""
    shown = (_columns[name] for name in User.__dataclass_fields__)
    return [User(*row) for row in await c.execute(sa.select(*shown).order_by("name"))]


async def disable_user(c: AsyncConnection, name: str) -> bool:
    """Let *name* sign in no more; False: there is no such active user."""
    change = sa.update(users).where(_columns.name == name, _columns.is_active.is_(True))
    done = await c.execute(change.values(is_active=False).returning(_columns.name))
    return done.first() is not None


async def set_password(c: AsyncConnection, name: str, password_hash: str) -> bool:
    """Give *name* a password that has to be changed; False: no such active user."""
    change = sa.update(users).where(_columns.name == name, _columns.is_active.is_(True))
    change = change.values(password_hash=password_hash, must_change=True)
    return (await c.execute(change.returning(_columns.name))).first() is not None


async def password_hash_of(c: AsyncConnection, name: str) -> str | None:
    """What is kept of the password of *name*; None: no such active user."""
    query = sa.select(_columns.password_hash).where(
        _columns.name == name, _columns.is_active.is_(True)
    )
    found: str | None = await c.scalar(query)
    return found
