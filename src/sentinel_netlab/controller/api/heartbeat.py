"""
``POST /api/v1/sensors/heartbeat``: how a sensor is, and what is wanted of it.

A new key is in the answer until the sensor signs with it: what is lost on the way is
said again, and the old key opens until then.  So is a key made of the new master
secret, to a sensor that still signs with one made of the secret before.
"""

from __future__ import annotations

import msgspec
from litestar import Controller, Response, post
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.controller.ingest.refusals import refusal
from sentinel_netlab.controller.ingest.signed import (
    SensorRequest,
    SignedRequest,
    admit,
    check_media_type,
    receive_signed,
)
from sentinel_netlab.controller.ingest.state import Ingest
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.core.configuration import (
    Configuration,
    Desired,
    DesiredPolicy,
    Heartbeat,
    HeartbeatAnswer,
    SensorKey,
    check_heartbeat,
)
from sentinel_netlab.core.inflate import InflateError, inflate
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import WireError
from sentinel_netlab.store.events import emit
from sentinel_netlab.store.sensor_health import record_health
from sentinel_netlab.store.sensors import report_configuration, wanted_of
from sentinel_netlab.store.signers import Signer

MAX_BODY_BYTES = 64 << 10
MEDIA_TYPES = {b"application/json"}


class HeartbeatRoutes(Controller):
    """The sensor's side of its configuration."""

    path = "/api/v1/sensors/heartbeat"
    tags = ("sensors",)

    @post(
        "/",
        opt={"role": "sensor"},
        status_code=200,
        summary="Report, and hear what is wanted",
    )
    async def post(self, request: SensorRequest) -> Response[HeartbeatAnswer]:
        """
        Take a signed report; answer with configuration, policy and, if due, a key.

        400 ``bad_heartbeat``: the body is no report.
        """
        services = services_of(request)
        ingest = services.ingest
        signed = await receive_signed(request, ingest, limit_bytes=MAX_BODY_BYTES)
        check_media_type(request, MEDIA_TYPES)
        heartbeat = read_heartbeat(signed)
        async with services.engine.begin() as c:
            answer = await _answer(c, signed, heartbeat, ingest)
        return Response(answer, headers={"Cache-Control": "no-store"})


def read_heartbeat(signed: SignedRequest) -> Heartbeat:
    """
    The report in *signed*.

    Raises:
        Problem: there is none.
    """
    try:
        content = inflate(signed.body, signed.by.content_encoding, MAX_BODY_BYTES)
        heartbeat = msgspec.json.decode(content, type=Heartbeat)
        check_heartbeat(heartbeat)
    except InflateError as error:
        raise refusal(error.code) from None
    except WireError as error:
        raise refusal("bad_heartbeat", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise refusal("bad_heartbeat") from None
    return heartbeat


async def _answer(
    c: AsyncConnection, signed: SignedRequest, heartbeat: Heartbeat, ingest: Ingest
) -> HeartbeatAnswer:
    now = ingest.clock()
    signer = await admit(c, signed, ingest, now)
    health = {"at_us": heartbeat.at_us}
    if heartbeat.health is not None:
        health |= msgspec.to_builtins(heartbeat.health)
    await record_health(
        c,
        signer.sensor_id,
        heard_at=now,
        health=None if heartbeat.health is None else health,
    )
    version, problem = heartbeat.config_version, heartbeat.config_problem
    if await report_configuration(c, signer.sensor_id, version, problem):
        facts = {
            "change": "configuration",
            "id": signer.sensor_id,
            "site_id": signer.site_id,
            "status": signer.status,
        }
        await emit(c, "sensor", signer.sensor_id, facts, now)
    desired, policy = await _wanted(c, signer.sensor_id)
    key = _key_due(signer, signed, ingest)
    return HeartbeatAnswer(microseconds(now), desired, policy, key)


async def _wanted(
    c: AsyncConnection, sensor_id: str
) -> tuple[Desired | None, DesiredPolicy | None]:
    wanted = await wanted_of(c, sensor_id)
    desired = policy = None
    if wanted.config is not None:
        configuration = msgspec.convert(wanted.config, Configuration)
        desired = Desired(wanted.config_version, configuration)
    if wanted.policy is not None:
        version, site_id = wanted.policy_version or 1, wanted.site_id or ""
        policy = DesiredPolicy(version, site_id, wanted.policy)
    return desired, policy


def _key_due(signer: Signer, signed: SignedRequest, ingest: Ingest) -> SensorKey | None:
    """The key that the sensor should sign with and does not."""
    newest = signer.key_version
    if signed.by.key_version == newest and signed.by.key_number == 0:
        return None
    return SensorKey(newest, ingest.keys.of(signer.sensor_id, newest)[0])
