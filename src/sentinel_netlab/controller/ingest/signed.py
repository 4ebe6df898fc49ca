"""
Receive what a sensor signed, in the order in which checks cost.

`receive_signed` touches no database.  `admit` does, in its caller's transaction, so
that a nonce is used up exactly when what the request does is done.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.controller.ingest.body import (
    BodyError,
    declared_bytes,
    read_body,
)
from sentinel_netlab.controller.ingest.refusals import refusal
from sentinel_netlab.controller.ingest.state import Ingest
from sentinel_netlab.controller.limits import address_key
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.core.signing import (
    NONCE_S,
    SignatureRefused,
    SignedBy,
    verify_digest,
    verify_headers,
)
from sentinel_netlab.core.wire import BATCH_ID
from sentinel_netlab.store.signers import (
    Signer,
    find_signers,
    remember_nonces,
    retire_older_keys,
)

SensorRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """
    A request that its sensor signed.

    Attributes:
        body: as received, in the encoding that *by* names.
        digest: its SHA-256 in hexadecimal.
    """

    by: SignedBy
    body: bytes
    digest: str


async def receive_signed(
    request: SensorRequest, ingest: Ingest, *, limit_bytes: int | None = None
) -> SignedRequest:
    """
    Address limit, header syntax, signature, bounded body, digest.

    Raises:
        Problem: one of them refuses.
    """
    limit_bytes = limit_bytes or ingest.max_body_bytes
    wait_s = ingest.address_limit.take(address_key(client_address(request)))
    if wait_s:
        raise refusal("rate_limited", retry_after_s=wait_s)
    by = _signer(request, ingest)
    if not BATCH_ID.fullmatch(by.idempotency_key):
        raise refusal("bad_idempotency_key")
    if declared_bytes(request.scope["headers"]) > limit_bytes:
        raise refusal("content_too_large")
    try:
        body = await read_body(request.receive, limit_bytes=limit_bytes)
        digest = verify_digest(by, body)
    except (BodyError, SignatureRefused) as error:
        raise refusal(error.code) from None
    return SignedRequest(by, body, digest)


def client_address(request: SensorRequest) -> str | None:
    """The address that the resolver found for the request's client."""
    client = request.scope["state"].get("client")
    return None if client is None else client.address


def _signer(request: SensorRequest, ingest: Ingest) -> SignedBy:
    scope = request.scope
    try:
        return verify_headers(
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            scope["headers"],
            ingest.keys,
            ingest.clock().timestamp(),
        )
    except SignatureRefused as error:
        raise refusal(error.code) from None


async def admit(
    c: AsyncConnection, signed: SignedRequest, ingest: Ingest, now: datetime
) -> Signer:
    """
    Use up the nonce, hold the sensor to its rate and find it, in the transaction of
    what follows.

    Raises:
        Problem: the nonce was used before; the sensor sends too much, is unknown,
            disabled, or holds another key by now.
    """
    [answer] = await admit_all(c, [signed], ingest, now)
    if isinstance(answer, Problem):
        raise answer
    return answer


async def admit_all(
    c: AsyncConnection, requests: Sequence[SignedRequest], ingest: Ingest, now: datetime
) -> list[Signer | Problem]:
    """
    As `admit`, for several requests; a problem is the answer to the one that has it.

    The nonces of all are used up then.
    """
    used = [(one.by.keyid, one.by.nonce) for one in requests]
    fresh = await remember_nonces(c, used, now=now, keep_s=NONCE_S)
    problems = [
        _pace(one, ingest) if is_fresh else refusal("replayed")
        for one, is_fresh in zip(requests, fresh, strict=True)
    ]
    signers = await find_signers(c, {one.by.sensor_id for one in requests})
    answers: list[Signer | Problem] = []
    for one, problem in zip(requests, problems, strict=True):
        answer = problem or _judge(one.by, signers.get(one.by.sensor_id))
        if (
            isinstance(answer, Signer)
            and one.by.key_version > answer.oldest_key_version
        ):
            # It has the newer key for certain: the older ones have had their time.
            await retire_older_keys(c, one.by.sensor_id, one.by.key_version)
            answer = replace(answer, oldest_key_version=one.by.key_version)
            signers[one.by.sensor_id] = answer
        answers.append(answer)
    return answers


def _pace(signed: SignedRequest, ingest: Ingest) -> Problem | None:
    # After the nonce: a replay is not the sensor's doing, and costs it nothing.
    wait_s = ingest.sensor_limit.take(signed.by.sensor_id)
    return refusal("rate_limited", retry_after_s=wait_s) if wait_s else None


def _judge(by: SignedBy, signer: Signer | None) -> Signer | Problem:
    if signer is None or signer.key_version == 0:
        return refusal("sensor_unknown")
    if signer.status == "disabled":
        return refusal("sensor_disabled")
    if not signer.holds(by.key_version):
        return refusal("key_revoked")
    return signer


def check_media_type(request: SensorRequest, allowed: Collection[bytes]) -> None:
    """
    Hold the request to a media type of *allowed*; b"" among them: none may be said.

    Raises:
        Problem: 415.
    """
    said = [
        value for name, value in request.scope["headers"] if name == b"content-type"
    ]
    for value in said or [b""]:
        if value.partition(b";")[0].strip().lower() not in allowed:
            raise refusal("unsupported_media_type")
