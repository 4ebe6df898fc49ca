"""
``/api/v1/tokens``: what programs and people show to the API.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from sentinel_netlab.controller.api.changes import author_of, invalid
from sentinel_netlab.controller.api.filters import not_found
from sentinel_netlab.controller.api.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Page,
    known_parameters,
    read_page,
)
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.store.people import issue_token, withdraw_token
from sentinel_netlab.store.tokens import (
    BY_ID,
    MAX_DAYS,
    NewToken,
    Token,
    TokenError,
    find_token,
    read_token,
    select_tokens,
)

DEFAULT_DAYS = 90
MAX_BODY_BYTES = 16 << 10
_SECRET = {"Cache-Control": "no-store"}
AnyRequest = Request[Any, Any, Any]
TokenId = Annotated[
    str, PathParameter(min_length=1, max_length=32, description="Id of a token.")
]


class TokenIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A token that is to be.

    Attributes:
        name: who acts with it, in the audit log; free again when it works no more.
        site_id: the only site that it sees; null: all.
        days: until it expires.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    role: Literal["viewer", "analyst", "admin"]
    site_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS


class TokenOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    A token without its secret.

    Attributes:
        state: active, expired, revoked; adopted: of an older version, opens nothing.
        last_used: within five minutes.
    """

    id: str
    name: str | None
    role: str
    site_id: str | None
    state: str
    created_at: datetime | None
    created_by: str | None
    expires_at: datetime | None
    last_used: datetime | None
    revoked_at: datetime | None


class NewTokenOut(TokenOut, frozen=True, kw_only=True):
    """
    A new token.

    Attributes:
        token: what is to be shown; it is never told again.
    """

    token: str


class TokenPage(Page[TokenOut], frozen=True):
    """Tokens."""


class TokenRoutes(Controller):
    """Tokens, for those who rule over all sites."""

    path = "/api/v1/tokens"
    opt = {"role": "admin"}  # noqa: RUF012  # the framework's way
    guards = (known_parameters,)
    tags = ("people",)

    @get("/", summary="List tokens")
    async def list_tokens(
        self, request: AnyRequest, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> TokenPage:
        """Tokens by id, dead ones too."""
        query, now = select_tokens(), services_of(request).clock()
        found = await read_page(request, query, BY_ID, limit=limit, cursor=cursor)
        items = [TokenOut(**_shown(read_token(row), now)) for row in found.rows]
        return TokenPage(items=items, next=found.next)

    @post("/", summary="Make a token", request_max_body_size=MAX_BODY_BYTES)
    async def make_token(
        self, request: AnyRequest, data: JSONBody[TokenIn]
    ) -> Response[NewTokenOut]:
        """409 ``name_taken``: a user or a token that still works has the name."""
        services, author = services_of(request), author_of(request)
        new = NewToken(data.name, data.role, data.days, author.name, data.site_id)
        now = services.clock()
        try:
            async with services.engine.begin() as c:
                text, token = await issue_token(
                    c, new, ip_address=author.ip_address, now=now
                )
        except TokenError as error:
            if error.code == "invalid":
                raise invalid(str(error)) from None
            raise Problem(409, "name_taken", "Name Taken", str(error)) from None
        made = NewTokenOut(token=text, **_shown(token, now))
        return Response(made, status_code=201, headers=_SECRET)

    @post("/{token_id:str}/revoke", status_code=200, summary="Revoke a token")
    async def revoke_token(self, request: AnyRequest, token_id: TokenId) -> TokenOut:
        """Let it open nothing from now on; once more changes nothing."""
        services, author = services_of(request), author_of(request)
        now = services.clock()
        async with services.engine.begin() as c:
            await withdraw_token(
                c, token_id, actor=author.name, ip_address=author.ip_address, now=now
            )
            token = await find_token(c, token_id)
        if token is None:
            raise not_found("token")
        return TokenOut(**_shown(token, now))


def _shown(token: Token, now: datetime) -> dict[str, Any]:
    state = "adopted" if token.adopted else token.refusal(now) or "active"
    names = set(TokenOut.__struct_fields__) - {"id", "state"}
    values = {name: getattr(token, name) for name in names}
    return values | {"id": token.token_id, "state": state}
