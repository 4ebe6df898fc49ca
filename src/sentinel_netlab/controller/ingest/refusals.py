"""
Refusals of sensors' requests, one table: a sensor decides by status and code.

400, 413, 415 and 422 refuse the content, which is never sent again; 401 and 403
refuse the sender, who keeps it; 408, 409, 429 and 503 ask to come again.
"""

from __future__ import annotations

import math

from sentinel_netlab.controller.problems import Problem

REFUSALS = {
    "signature_missing": (401, "Signature Missing"),
    "signature_malformed": (401, "Signature Malformed"),
    "signature_invalid": (401, "Signature Invalid"),
    "timestamp_skew": (401, "Timestamp Skew"),
    "digest_mismatch": (401, "Digest Mismatch"),
    "replayed": (401, "Request Replayed"),
    "sensor_unknown": (401, "Sensor Unknown"),
    "key_revoked": (401, "Key Revoked"),
    "sensor_disabled": (403, "Sensor Disabled"),
    "sensor_mismatch": (403, "Sensor Mismatch"),
    "bad_idempotency_key": (400, "Bad Idempotency Key"),
    "body_incomplete": (400, "Body Incomplete"),
    "bad_encoding": (400, "Bad Encoding"),
    "bad_batch": (400, "Bad Batch"),
    "bad_heartbeat": (400, "Bad Heartbeat"),
    "bad_evidence": (400, "Bad Evidence"),
    "evidence_claimed": (409, "Evidence Claimed"),
    "content_too_large": (413, "Content Too Large"),
    "unsupported_encoding": (415, "Unsupported Encoding"),
    "unsupported_media_type": (415, "Unsupported Media Type"),
    "idempotency_conflict": (422, "Idempotency Conflict"),
    "rate_limited": (429, "Rate Limited"),
    "queue_full": (429, "Queue Full"),
    "queue_old": (429, "Queue Behind"),
    "disk_full": (429, "Disk Full"),
    "evidence_full": (429, "Too Much Early Evidence"),
}


def refusal(
    code: str, detail: str | None = None, retry_after_s: float | None = None
) -> Problem:
    """The problem of *code*."""
    status, title = REFUSALS[code]
    headers = {}
    if retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(retry_after_s)))
    return Problem(
        status=status, code=code, title=title, detail=detail, headers=headers
    )
