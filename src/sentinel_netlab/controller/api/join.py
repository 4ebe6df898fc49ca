"""
``POST /api/v1/sensors/join``: a code becomes a sensor's key, once.

The only route that changes something for somebody who shows no credential: the code
is one.  It is found by its hash, so that the time of the answer tells nothing of it,
and every refusal is the same.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from sentinel_netlab.controller.api.changes import address_of
from sentinel_netlab.controller.limits import address_key
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.core.configuration import Joined, SensorKey
from sentinel_netlab.core.join_codes import hash_code
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.store.sensor_changes import Author, note_sensor
from sentinel_netlab.store.sensors import redeem

MAX_CODE_CHARS = 64
MAX_BODY_BYTES = 1024


class JoinRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `sentinel sensors enroll` printed."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CODE_CHARS)]


async def limited(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """
    Let an address try so often, before its body is read: a guard.

    Raises:
        Problem: 429.
    """
    limit = services_of(connection).ingest.join_limit
    address = address_of(connection)
    wait_s = limit.take(address_key(address))
    if wait_s:
        headers = {"Retry-After": str(max(1, math.ceil(wait_s)))}
        raise Problem(429, "rate_limited", "Rate Limited", headers=headers)


class JoinRoutes(Controller):
    """How a machine becomes a sensor."""

    path = "/api/v1/sensors/join"
    tags = ("sensors",)

    @post(
        "/",
        opt={"role": "public"},
        guards=[limited],
        status_code=200,
        request_max_body_size=MAX_BODY_BYTES,
        summary="Become a sensor",
    )
    async def join(
        self, request: Request[Any, Any, Any], data: JSONBody[JoinRequest]
    ) -> Response[Joined]:
        """
        Exchange a join code for the id and the key of a sensor.

        The code is used up when the answer is made: if that is lost, enroll again.
        401 ``join_refused``: the code is unknown, used or expired, or its sensor is
        disabled.
        """
        services = services_of(request)
        now = services.clock()
        async with services.engine.begin() as c:
            found = await redeem(c, hash_code(data.code), now)
            if found is None:
                raise Problem(401, "join_refused", "Join Refused")
            sensor_id, version = found
            author = Author(f"sensor:{sensor_id}", address_of(request))
            await note_sensor(
                c, author, sensor_id, "join", {"key_version": version}, now
            )
        key = services.ingest.keys.of(sensor_id, version)[0]
        joined = Joined(sensor_id, microseconds(now), SensorKey(version, key))
        return Response(joined, headers={"Cache-Control": "no-store"})
