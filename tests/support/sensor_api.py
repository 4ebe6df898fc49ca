"""Sensors' and admins' requests to the application."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
from tests.support.app import Lab, signer_for, transport_to
from tests.support.batches import SENSOR
from tests.support.people import bearer

from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.core.configuration import Heartbeat, HeartbeatAnswer
from sentinel_netlab.core.times import microseconds

SECTION = bytes.fromhex("0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffffffffffff 1c000000")
"""The shortest pcapng file: a section of nothing."""
BASE = "https://controller.test"


async def as_admin(
    lab: Lab, method: str, path: str, body: Any = None, role: str = "admin"
) -> httpx.Response:
    """What somebody with *role* is answered below ``/api/v1``."""
    headers = await bearer(lab, role)
    content = None if body is None else msgspec.json.encode(body)
    if content is not None:
        headers["Content-Type"] = "application/json"
    return await lab.http.request(
        method, f"/api/v1{path}", headers=headers, content=content
    )


def client_of(lab: Lab, sensor_id: str, key_version: int = 1) -> SensorClient:
    """The client of another sensor, or with another key."""
    signer = signer_for(lab.clock, sensor_id, key_version)
    return SensorClient(BASE, signer, transport=transport_to(lab.app))


def report(lab: Lab, **values: Any) -> dict[str, Any]:
    """A heartbeat as JSON has it."""
    one = Heartbeat(microseconds(lab.clock.wall()), **values)
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return plain


async def beat(
    lab: Lab, key_version: int = 1, sensor_id: str = SENSOR, **values: Any
) -> HeartbeatAnswer | str:
    """What a heartbeat is answered; of a refusal, its code."""
    async with client_of(lab, sensor_id, key_version) as client:
        answer = await client.heartbeat(report(lab, **values))
    if answer.status != 200:
        return answer.code
    return msgspec.convert(answer.content, HeartbeatAnswer)
