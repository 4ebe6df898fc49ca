"""
Decode a batch far enough to know that a worker will take it.
"""

from __future__ import annotations

import asyncio

from sentinel_netlab.controller.ingest.refusals import refusal
from sentinel_netlab.controller.ingest.signed import SignedRequest
from sentinel_netlab.controller.ingest.state import InflateLimits, Ingest
from sentinel_netlab.core.inflate import InflateError, inflate
from sentinel_netlab.core.unique_keys import DuplicateKeyError, check_unique_keys
from sentinel_netlab.core.wire import Batch, WireError, decode_batch, encode_batch

LARGE_BYTES = 1 << 14
"""Bodies above this are decoded beside the event loop."""
MAX_VALUES = 1_000_000
MAX_CONTAINERS = 200_000
"""What a batch of full size does not reach: 20 bytes of memory for one of JSON."""


def read_batch(body: bytes, encoding: str, limits: InflateLimits) -> Batch:
    """
    The batch in *body*.

    Raises:
        InflateError, WireError, DuplicateKeyError: there is none.
    """
    content = inflate(body, encoding, limits.content_bytes, limits.ratio)
    _check_memory(content)
    batch = decode_batch(content)
    check_unique_keys(content, encode_batch(batch))
    return batch


def _check_memory(content: bytes) -> None:
    """Refuse what becomes much larger as objects than it is as text."""
    containers = content.count(b"[") + content.count(b"{")
    if containers > MAX_CONTAINERS or content.count(b",") > MAX_VALUES:
        raise WireError("too many values")


async def decode_signed(signed: SignedRequest, ingest: Ingest) -> Batch:
    """
    The batch that *signed* carries, which is its sensor's and bears its key.

    Raises:
        Problem: there is none, or it is somebody else's.
    """
    by = signed.by
    parts = (signed.body, by.content_encoding, ingest.inflating)
    try:
        if len(signed.body) > LARGE_BYTES:
            async with ingest.decoding:
                batch = await asyncio.to_thread(read_batch, *parts)
        else:
            batch = read_batch(*parts)
    except InflateError as error:
        raise refusal(error.code) from None
    except (WireError, DuplicateKeyError) as error:
        raise refusal("bad_batch", str(error)) from None
    if batch.sensor_id != by.sensor_id:
        raise refusal("sensor_mismatch")
    if batch.batch_id != by.idempotency_key:
        raise refusal("bad_idempotency_key")
    return batch
