"""What a worker could not take is not queued."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.app import Clock, settings_for
from tests.support.batches import SENSOR, batch, observation

from sentinel_netlab.controller.ingest.decode import (
    LARGE_BYTES,
    MAX_CONTAINERS,
    MAX_VALUES,
    decode_signed,
    read_batch,
)
from sentinel_netlab.controller.ingest.signed import SignedRequest
from sentinel_netlab.controller.ingest.state import InflateLimits
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.controller.wiring import Clocks, make_ingest
from sentinel_netlab.core.signing import SignedBy
from sentinel_netlab.core.wire import WireError, encode_batch

LIMITS = InflateLimits()


def decoded(body: bytes, *, key: str = batch(1).batch_id, sensor: str = SENSOR):
    """The batch in a signed body."""
    by = SignedBy(sensor, 1, "n", 0, "", "identity", key)
    clock = Clock()
    ingest = make_ingest(settings_for(), Clocks(clock.wall, clock.monotonic))
    return asyncio.run(decode_signed(SignedRequest(by, body, ""), ingest))


@pytest.mark.parametrize("count", [1, 200])
def test_a_batch_of_any_size(count):
    """Small ones at once, large ones beside the event loop."""
    one = batch(1, observations=[observation(n) for n in range(count)])
    body = encode_batch(one)

    assert (len(body) > LARGE_BYTES) == (count == 200)
    assert decoded(body) == one


@pytest.mark.parametrize(
    ("body", "options", "code"),
    [
        (b"", {}, "bad_batch"),
        (encode_batch(batch(1)) + b" x", {}, "bad_batch"),
        (encode_batch(batch(2)), {}, "bad_idempotency_key"),
        (encode_batch(batch(1)), {"sensor": "other"}, "sensor_mismatch"),
        (b"[" * (LARGE_BYTES + 1), {}, "bad_batch"),
    ],
)
def test_refused(body, options, code):
    """As a problem that names no value."""
    with pytest.raises(Problem) as caught:
        decoded(body, **options)

    assert caught.value.code == code


def test_a_refusal_names_the_field():
    """And what is wrong with it."""
    body = encode_batch(batch(1, observations=[observation(channel=1 << 16)]))
    with pytest.raises(Problem) as caught:
        decoded(body)

    assert caught.value.detail == "observations.channel is out of range"


def test_a_name_said_twice_is_refused():
    """Readers differ in which they believe."""
    body = encode_batch(batch(1)).replace(b"{", b'{"sequence":7,', 1)
    with pytest.raises(Problem) as caught:
        decoded(body)

    assert caught.value.code == "bad_batch"


@pytest.mark.parametrize("values", [b"[]," * MAX_CONTAINERS, b"1," * (MAX_VALUES + 1)])
def test_what_would_be_large_in_memory_is_refused_unread(values):
    """Before a decoder makes objects of it."""
    with pytest.raises(WireError, match="too many values"):
        read_batch(b"[" + values + b"1]", "identity", LIMITS)


def test_read_batch_raises_what_it_says():
    """The errors of the wire, for whoever asks for them."""
    with pytest.raises(WireError):
        read_batch(b"{}", "identity", LIMITS)
