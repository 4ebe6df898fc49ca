"""
``POST /api/v1/telemetry``: a batch into the queue, once.
"""

from __future__ import annotations

import msgspec
from litestar import Controller, Response, post
from litestar.openapi import ResponseSpec

from sentinel_netlab.controller.ingest.decode import decode_signed
from sentinel_netlab.controller.ingest.refusals import refusal
from sentinel_netlab.controller.ingest.signed import (
    SensorRequest,
    check_media_type,
    receive_signed,
)
from sentinel_netlab.controller.services import services_of

MEDIA_TYPES = {b"", b"application/json"}


class Taken(msgspec.Struct, frozen=True):
    """
    A batch is in the queue.

    Attributes:
        status: ``queued`` now, or a ``duplicate`` of what was queued before.
        observations, alerts: how many the batch holds.
    """

    batch_id: str
    status: str
    observations: int
    alerts: int


class TelemetryIn(Controller):
    """What sensors send."""

    path = "/api/v1/telemetry"

    @post(
        "/",
        opt={"role": "sensor"},
        status_code=202,
        responses={200: ResponseSpec(Taken, description="It came before.")},
        summary="Send a batch",
        tags=["telemetry"],
    )
    async def post(self, request: SensorRequest) -> Response[Taken]:
        """
        Queue a signed batch.

        202 queued, 200 the same bytes came before, 422 other bytes came under this
        key; answered after commit.
        """
        services = services_of(request)
        ingest = services.ingest
        signed = await receive_signed(request, ingest)
        check_media_type(request, MEDIA_TYPES)
        batch = await decode_signed(signed, ingest)
        status = await services.intake.take(signed)
        if status == "conflict":
            raise refusal("idempotency_conflict")
        taken = Taken(
            batch_id=batch.batch_id,
            status=status,
            observations=len(batch.observations),
            alerts=len(batch.alerts),
        )
        return Response(taken, status_code=202 if status == "queued" else 200)
