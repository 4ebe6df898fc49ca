"""
``/api/v1/sites``: where sensors are, and which networks are at home there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post, put
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET, Meta, UnsetType

from sentinel_netlab.controller.api.changes import author_of, check_text, invalid
from sentinel_netlab.controller.api.filters import READ, not_found, site_for
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
from sentinel_netlab.core.policy import policy_from
from sentinel_netlab.core.wire import SENSOR_ID, is_plain
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.sensor_changes import note_site
from sentinel_netlab.store.sites import (
    BY_ID,
    StoredSite,
    add_site,
    change_site,
    find_site,
    read_site,
    select_sites,
)

ADMIN = {"role": "admin"}
MAX_DETAIL = 500
MAX_BODY_BYTES = 1 << 20
AnyRequest = Request[Any, Any, Any]
PolicyTables = dict[str, Any]
SiteId = Annotated[
    str, PathParameter(min_length=1, max_length=64, description="Id of a site.")
]


class SiteOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    A site.

    Attributes:
        policy: its own networks, as `site.toml` says them: {"network": [{"ssid": …}]}.
        policy_version: counts up with each change of the policy.
    """

    id: str
    name: str
    policy: PolicyTables | None
    policy_version: int
    created_at: datetime


class NewSite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A site that is to be.

    Attributes:
        id: 1 to 63 of `a-z`, `0-9` and `-`.
    """

    id: Annotated[str, Meta(pattern="^[a-z0-9-]{1,63}$")]
    name: str
    policy: PolicyTables | None = None


class SiteChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different; what is not said stays; a policy is replaced whole."""

    name: str | UnsetType = UNSET
    policy: PolicyTables | UnsetType | None = UNSET


class SitePage(Page[SiteOut], frozen=True):
    """Sites."""


class SiteRoutes(Controller):
    """Sites and their policies."""

    path = "/api/v1/sites"
    guards = (known_parameters,)
    tags = ("sites",)

    @get("/", opt=READ, summary="List sites")
    async def list_sites(
        self, request: AnyRequest, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> SitePage:
        """Sites by id."""
        query = select_sites(site_for(request, None))
        found = await read_page(request, query, BY_ID, limit=limit, cursor=cursor)
        items = [_out(read_site(row)) for row in found.rows]
        return SitePage(items=items, next=found.next)

    @get("/{site_id:str}", opt=READ, summary="Show a site")
    async def show_site(self, request: AnyRequest, site_id: SiteId) -> SiteOut:
        """A site and its policy."""
        own = site_for(request, None)
        if own not in {None, site_id} or not site_id.isprintable():
            raise not_found("site")
        async with reading(services_of(request).engine).begin() as c:
            site = await find_site(c, site_id)
        if site is None:
            raise not_found("site")
        return _out(site)

    @post("/", opt=ADMIN, summary="Make a site", request_max_body_size=MAX_BODY_BYTES)
    async def make_site(self, request: AnyRequest, data: JSONBody[NewSite]) -> SiteOut:
        """409 ``site_exists``: there is one of that id."""
        if not SENSOR_ID.fullmatch(data.id):
            raise invalid("id: 1 to 63 of a-z, 0-9 and -")
        check_text("name", data.name)
        check_policy(data.policy)
        services = services_of(request)
        now = services.clock()
        async with services.engine.begin() as c:
            if not await add_site(c, data.id, data.name, data.policy, now):
                raise Problem(409, "site_exists", "Site Exists")
            details = {"name": data.name, "policy": data.policy}
            await note_site(c, author_of(request), data.id, "create", details, now)
            site = await find_site(c, data.id)
        if site is None:
            raise not_found("site")
        return _out(site)

    @put(
        "/{site_id:str}",
        opt=ADMIN,
        summary="Change a site",
        request_max_body_size=MAX_BODY_BYTES,
    )
    async def change(
        self, request: AnyRequest, site_id: SiteId, data: JSONBody[SiteChange]
    ) -> SiteOut:
        """Its name and its policy, which its sensors get with their next heartbeat."""
        if data.name is not UNSET:
            check_text("name", data.name)
        if data.policy is not UNSET:
            check_policy(data.policy)
        services = services_of(request)
        async with services.engine.begin() as c:
            before = None
            if site_id.isprintable():
                before = await find_site(c, site_id, to_change=True)
            if before is None:
                raise not_found("site")
            name = before.name if data.name is UNSET else data.name
            policy = before.policy if data.policy is UNSET else data.policy
            after = await change_site(c, before, name=name, policy=policy)
            details = {"name": name, "policy_version": after.policy_version}
            if after.policy_version != before.policy_version:
                details["policy"] = policy
            author, now = author_of(request), services.clock()
            await note_site(c, author, site_id, "change", details, now)
        return _out(after)


def check_policy(tables: PolicyTables | None) -> None:
    """
    Hold a policy to what sensors understand.

    Raises:
        Problem: 400 ``bad_policy``, with every problem.
    """
    if tables is None:
        return
    detail = "texts are printable and lists short; `ssid_hex` says any SSID"
    try:
        if is_plain(tables):
            policy_from(tables)
            return
    except ValueError as error:
        detail = str(error)
    raise Problem(400, "bad_policy", "Bad Policy", detail[:MAX_DETAIL])


def _out(site: StoredSite) -> SiteOut:
    return SiteOut(**{name: getattr(site, name) for name in StoredSite.__slots__})
