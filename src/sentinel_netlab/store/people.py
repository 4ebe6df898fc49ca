"""
What is done to tokens and users, with the row that it leaves in the audit log.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.audit import record
from sentinel_netlab.store.tokens import (
    NewToken,
    Token,
    create_token,
    revoke_token,
    revoke_tokens_of,
)
from sentinel_netlab.store.users import create_user, disable_user, set_password


async def issue_token(
    c: AsyncConnection, new: NewToken, *, ip_address: str | None = None, now: datetime
) -> tuple[str, Token]:
    """
    As `tokens.create_token`, in the name of who it is created by.

    Raises:
        TokenError: it cannot be made.
    """
    text, token = await create_token(c, new, now)
    await record(
        c,
        event_type="token",
        actor=new.created_by,
        action="create",
        resource=token.token_id,
        details={
            "name": token.name,
            "role": token.role,
            "site_id": token.site_id,
            "days": new.days,
        },
        ip_address=ip_address,
        now=now,
    )
    return text, token


async def withdraw_token(
    c: AsyncConnection,
    token_id: str,
    *,
    actor: str,
    ip_address: str | None = None,
    now: datetime,
) -> bool:
    """As `tokens.revoke_token`."""
    if not await revoke_token(c, token_id, now):
        return False
    await record(
        c,
        event_type="token",
        actor=actor,
        action="revoke",
        resource=token_id,
        ip_address=ip_address,
        now=now,
    )
    return True


async def admit_user(
    c: AsyncConnection,
    name: str,
    role: str,
    password_hash: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    """
    As `users.create_user`.

    Raises:
        UserError: they cannot be made.
    """
    await create_user(c, name, role, password_hash, now)
    await record(
        c,
        event_type="user",
        actor=actor,
        action="create",
        resource=name,
        details={"role": role},
        now=now,
    )


async def dismiss_user(
    c: AsyncConnection, name: str, *, actor: str, now: datetime
) -> list[str] | None:
    """
    Let *name* sign in no more, and revoke what they made.

    Returns:
        The ids of the revoked tokens; None: there is no such active user.
    """
    if not await disable_user(c, name):
        return None
    revoked = await revoke_tokens_of(c, name, now)
    await record(
        c,
        event_type="user",
        actor=actor,
        action="disable",
        resource=name,
        details={"revoked_tokens": revoked},
        now=now,
    )
    return revoked


async def renew_password(
    c: AsyncConnection, name: str, password_hash: str, *, actor: str, now: datetime
) -> bool:
    """As `users.set_password`."""
    if not await set_password(c, name, password_hash):
        return False
    await record(
        c, event_type="user", actor=actor, action="password", resource=name, now=now
    )
    return True
