"""
``/api/v1/sensors``: who listens, how they are, and how they are to listen.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from litestar import Controller, Request, get, post, put
from litestar.params import JSONBody, PathParameter

from sentinel_netlab.controller.api.changes import author_of
from sentinel_netlab.controller.api.filters import READ, Name, not_found, site_for
from sentinel_netlab.controller.api.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Page,
    known_parameters,
    read_page,
)
from sentinel_netlab.controller.api.sensor_shapes import (
    Enrolled,
    Enrollment,
    SensorChange,
    SensorOut,
    sensor_out,
)
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.core.join_codes import CODE_BYTES, make_code
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.sensor_changes import Action, invite, note_sensor, switch
from sentinel_netlab.store.sensors import (
    BY_ID,
    change_sensor,
    find_sensor,
    read_sensor,
    select_sensors,
)

ADMIN = {"role": "admin"}
AnyRequest = Request[Any, Any, Any]
SensorId = Annotated[
    str, PathParameter(min_length=1, max_length=64, description="Id of a sensor.")
]


class SensorPage(Page[SensorOut], frozen=True):
    """Sensors."""


class SensorRoutes(Controller):
    """Sensors, for people."""

    path = "/api/v1/sensors"
    guards = (known_parameters,)
    tags = ("sensors",)

    @get("/", opt=READ, summary="List sensors")
    async def list_sensors(
        self,
        request: AnyRequest,
        *,
        site: Name = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> SensorPage:
        """Sensors by id."""
        query = select_sensors(site_for(request, site))
        found = await read_page(request, query, BY_ID, limit=limit, cursor=cursor)
        items = [sensor_out(read_sensor(row)) for row in found.rows]
        return SensorPage(items=items, next=found.next)

    @get("/{sensor_id:str}", opt=READ, summary="Show a sensor")
    async def show_sensor(self, request: AnyRequest, sensor_id: SensorId) -> SensorOut:
        """A sensor, its health, and what is wanted of it."""
        site_id = site_for(request, None)
        async with reading(services_of(request).engine).begin() as c:
            sensor = await find_sensor(c, _plain(sensor_id))
        if sensor is None or site_id not in {None, sensor.site_id}:
            raise not_found("sensor")
        return sensor_out(sensor)

    @post(
        "/",
        opt=ADMIN,
        summary="Enroll a sensor",
        response_headers={"Cache-Control": "no-store"},
    )
    async def enroll(self, request: AnyRequest, data: JSONBody[Enrollment]) -> Enrolled:
        """
        Make a code that a machine becomes this sensor with, once.

        The code is shown in this answer only; a new one replaces it.  409
        ``sensor_exists``: a machine has joined as this sensor; say ``again``.
        """
        data.check()
        services, code = (
            services_of(request),
            make_code(secrets.token_bytes(CODE_BYTES)),
        )
        now = services.clock()
        async with services.engine.begin() as c:
            done = await invite(
                c,
                author_of(request),
                sensor_id=data.id,
                code=code,
                name=data.name,
                site_id=data.site_id,
                valid_hours=data.valid_hours,
                again=data.again,
                now=now,
            )
            sensor = await find_sensor(c, data.id)
        if done == "site_unknown":
            raise no_such_site()
        if done == "exists" or sensor is None or sensor.join_expires_at is None:
            raise Problem(409, "sensor_exists", "Sensor Exists")
        return Enrolled(
            sensor=sensor_out(sensor), code=code, expires_at=sensor.join_expires_at
        )

    @put("/{sensor_id:str}", opt=ADMIN, summary="Change a sensor")
    async def change(
        self, request: AnyRequest, sensor_id: SensorId, data: JSONBody[SensorChange]
    ) -> SensorOut:
        """Its name, site, position, and how it is to listen."""
        columns = data.columns()
        services = services_of(request)
        async with services.engine.begin() as c:
            if await find_sensor(c, _plain(sensor_id), to_change=True) is None:
                raise not_found("sensor")
            try:
                await change_sensor(c, sensor_id, columns)
            except LookupError:
                raise no_such_site() from None
            author, now = author_of(request), services.clock()
            details = {"changed": columns}
            changed = await note_sensor(c, author, sensor_id, "change", details, now)
        return sensor_out(changed)

    @post(
        "/{sensor_id:str}/rotate",
        opt=ADMIN,
        status_code=200,
        summary="Give a sensor a new key",
    )
    async def rotate(self, request: AnyRequest, sensor_id: SensorId) -> SensorOut:
        """
        Let it have a new key with its next heartbeat.

        The old one opens until the new one was used.  409 ``not_joined``: it has none.
        """
        return await _switch(request, sensor_id, "rotate")

    @post(
        "/{sensor_id:str}/disable",
        opt=ADMIN,
        status_code=200,
        summary="Hear a sensor no more",
    )
    async def disable(self, request: AnyRequest, sensor_id: SensorId) -> SensorOut:
        """Refuse everything that it signs; it keeps what it has to say."""
        return await _switch(request, sensor_id, "disable")

    @post(
        "/{sensor_id:str}/enable",
        opt=ADMIN,
        status_code=200,
        summary="Hear a sensor again",
    )
    async def enable(self, request: AnyRequest, sensor_id: SensorId) -> SensorOut:
        """Take what it signs; it goes on with the key that it has."""
        return await _switch(request, sensor_id, "enable")


def no_such_site() -> Problem:
    """400: a sensor cannot be put where nothing is."""
    return Problem(400, "site_unknown", "Site Unknown")


def _plain(sensor_id: str) -> str:
    """
    The id from a path, if a database could hold it.

    Raises:
        Problem: 404.
    """
    if not sensor_id.isprintable():
        raise not_found("sensor")
    return sensor_id


async def _switch(request: AnyRequest, sensor_id: str, action: Action) -> SensorOut:
    services = services_of(request)
    author, now = author_of(request), services.clock()
    async with services.engine.begin() as c:
        done = await switch(c, author, _plain(sensor_id), action, now)
        sensor = await find_sensor(c, sensor_id)
    if done == "not_joined":
        raise Problem(409, "not_joined", "Sensor Has Not Joined")
    if sensor is None:
        raise not_found("sensor")
    return sensor_out(sensor)
