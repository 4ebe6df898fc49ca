"""
``/api/v1/alerts/{alert_id}/evidence``: the frames behind an alert, as pcapng.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter
from litestar.response import Response as BytesResponse

from sentinel_netlab.controller.api.filters import READ, not_found
from sentinel_netlab.controller.auth import person_of
from sentinel_netlab.controller.ingest.refusals import refusal
from sentinel_netlab.controller.ingest.signed import (
    SensorRequest,
    SignedRequest,
    admit,
    check_media_type,
    receive_signed,
)
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.core.wire import BATCH_ID
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.evidence import find_evidence, put_evidence

MAX_BYTES = 256 << 10
MEDIA_TYPE = "application/x-pcapng"
MEDIA_TYPES = {MEDIA_TYPE.encode(), b"application/octet-stream"}
RETRY_AFTER_S = 60
_SECTION = b"\n\r\r\n"  # block type of a section header, whatever its byte order
_ORDERS = (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a")
_SECTION_BYTES = 28  # draft-ietf-opsawg-pcapng, 4.1
_REFUSED = {
    "foreign": "sensor_mismatch",
    "claimed": "evidence_claimed",
    "too_many": "evidence_full",
}
AlertId = Annotated[str, PathParameter(description="Id of an alert.")]


class EvidenceTaken(msgspec.Struct, frozen=True):
    """
    The frames behind an alert are here.

    Attributes:
        status: ``stored`` now, or ``unchanged``: the same bytes were there.
        digest: their SHA-256 in hexadecimal.
    """

    alert_id: str
    status: str
    digest: str


class EvidenceRoutes(Controller):
    """Frames behind alerts."""

    path = "/api/v1/alerts/{alert_id:str}/evidence"
    tags = ("alerts",)

    @get(
        "/",
        opt=READ,
        summary="Frames behind an alert",
        responses={200: ResponseSpec(bytes, media_type=MEDIA_TYPE)},
    )
    async def get(
        self, request: Request[Any, Any, Any], alert_id: AlertId
    ) -> BytesResponse[bytes]:
        """Give the frames that the alert's sensor sent, as a file."""
        if not BATCH_ID.fullmatch(alert_id):
            raise not_found("evidence")
        site_id = person_of(request).site_id
        async with reading(services_of(request).engine).begin() as c:
            found = await find_evidence(c, alert_id, site_id=site_id)
        if found is None:
            raise not_found("evidence")
        headers = {
            "Content-Disposition": f'attachment; filename="alert-{alert_id}.pcapng"',
            "X-Content-Type-Options": "nosniff",
            "ETag": f'"{found.digest}"',
        }
        return Response(found.pcapng, media_type=MEDIA_TYPE, headers=headers)

    @put(
        "/",
        opt={"role": "sensor"},
        status_code=201,
        responses={200: ResponseSpec(EvidenceTaken, description="They were there.")},
        summary="Send the frames behind an alert",
    )
    async def put(
        self, request: SensorRequest, alert_id: AlertId
    ) -> Response[EvidenceTaken]:
        """
        Keep the frames behind an alert of this sensor, before or after the alert.

        201 stored, 200 the same bytes were there.  403 ``sensor_mismatch``: the alert
        is another sensor's.
        """
        services = services_of(request)
        ingest = services.ingest
        signed = await receive_signed(request, ingest, limit_bytes=MAX_BYTES)
        check_media_type(request, MEDIA_TYPES)
        _check(alert_id, signed)
        now = services.clock()
        async with services.engine.begin() as c:
            signer = await admit(c, signed, ingest, now)
            status = await put_evidence(
                c,
                alert_id=alert_id,
                sensor_id=signer.sensor_id,
                pcapng=signed.body,
                digest=signed.digest,
                now=now,
            )
        if status in _REFUSED:
            raise refusal(_REFUSED[status], retry_after_s=_wait_s(status))
        taken = EvidenceTaken(alert_id, status, signed.digest)
        return Response(taken, status_code=201 if status == "stored" else 200)


def _wait_s(status: str) -> float | None:
    return None if status == "foreign" else RETRY_AFTER_S


def _check(alert_id: str, signed: SignedRequest) -> None:
    if not BATCH_ID.fullmatch(alert_id):
        raise refusal("bad_evidence", "the id of an alert has 32 hexadecimal digits")
    if signed.by.content_encoding != "identity":
        raise refusal("unsupported_encoding")
    body = signed.body
    good = len(body) >= _SECTION_BYTES and body.startswith(_SECTION)
    if not good or body[8:12] not in _ORDERS:
        raise refusal("bad_evidence", "not a pcapng file")
