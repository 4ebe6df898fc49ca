"""
People with tokens, for tests of routes.

    answer = await lab.http.get("/api/v1/me", headers=await bearer(lab, "viewer"))
"""

from __future__ import annotations

from itertools import count

from tests.support.app import Lab

from sentinel_netlab.store.tokens import NewToken, create_token

_numbers = count(1)


def header(token: str) -> dict[str, str]:
    """The header that shows *token*."""
    return {"Authorization": f"Bearer {token}"}


async def new_token(lab: Lab, role: str, site_id: str | None = None, **changed) -> str:
    """A token of *role*, good for 30 days; of one site, if one is given."""
    name = changed.pop("name", f"{role}{next(_numbers)}")
    new = NewToken(name, role, changed.pop("days", 30), "cli:test", site_id)
    async with lab.engine.begin() as c:
        text, _ = await create_token(c, new, lab.clock.wall())
    return text


async def bearer(lab: Lab, role: str, site_id: str | None = None) -> dict[str, str]:
    """Headers of somebody with *role*."""
    return header(await new_token(lab, role, site_id))
