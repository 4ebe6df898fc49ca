"""The order of checks: what costs little comes first, and the database last."""

from __future__ import annotations

import pytest
from tests.support.app import Lab, on_app
from tests.support.asgi import Exchange, exchange, http_scope, parts_of
from tests.support.batches import batch

from sentinel_netlab.core.wire import encode_batch

URL = "/api/v1/telemetry"
BODY = encode_batch(batch(1))


def signed_scope(lab: Lab, body: bytes = BODY, *more: tuple[bytes, bytes]):
    """A request with a good signature over *body*, and *more* header lines."""
    headers = lab.signer.headers("POST", URL, body, idempotency_key=batch(1).batch_id)
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    return http_scope("POST", URL, [*lines, *more])


def changed(scope, name: bytes, value: bytes | None):
    """*scope* with another value of a header, or without it."""
    lines = [(n, value if n == name else v) for n, v in scope["headers"]]
    return scope | {"headers": [line for line in lines if line[1] is not None]}


def answered(make, *parts: bytes, **settings) -> Exchange:
    """What a request gets where there is no database."""

    async def ask(lab):
        return await exchange(lab.app, make(lab), parts_of(*parts))

    return on_app(None, ask, **settings)


class TestHeaders:
    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            (b"signature", None, "signature_missing"),
            (b"signature-input", None, "signature_missing"),
            (b"content-digest", None, "signature_malformed"),
            (b"content-encoding", None, "signature_malformed"),
            (b"idempotency-key", None, "signature_malformed"),
            (b"sentinel-sensor", None, "signature_malformed"),
            (b"signature", b"sentinel=:" + b"A" * 3000 + b":", "signature_malformed"),
            (b"sentinel-sensor", b"another", "signature_invalid"),
            (b"idempotency-key", b"0" * 32, "signature_invalid"),
            (b"content-encoding", b"zstd", "signature_invalid"),
        ],
    )
    def test_are_judged_before_the_body(self, name, value, code):
        """401, and not an octet of it is taken."""
        done = answered(lambda lab: changed(signed_scope(lab), name, value), BODY)

        assert (done.status, done.problem["code"]) == (401, code)
        assert done.received == 0

    @pytest.mark.parametrize(
        "change", [{"query_string": b"a=b"}, {"raw_path": URL.encode() + b"/"}]
    )
    def test_the_target_is_signed(self, change):
        """Path and query as they were sent."""
        done = answered(lambda lab: signed_scope(lab) | change, BODY)

        assert done.problem["code"] == "signature_invalid"
        assert done.received == 0

    def test_two_signatures_are_none(self):
        """There is one, or there is a choice."""
        done = answered(
            lambda lab: signed_scope(lab, BODY, (b"signature", b"x=:YQ==:")), BODY
        )

        assert done.problem["code"] == "signature_malformed"


class TestBody:
    def test_what_is_declared_too_large_is_not_read(self):
        """413 by the header alone."""
        length = (b"content-length", b"1048577")
        done = answered(lambda lab: signed_scope(lab, BODY, length), BODY)

        assert (done.status, done.received) == (413, 0)

    def test_what_becomes_too_large_is_left(self):
        """Also in the middle of it."""
        parts = [bytes(1000)] * 10
        done = answered(signed_scope, *parts, max_body_bytes=2500)

        assert (done.status, done.received) == (413, 3)

    def test_another_body_is_refused(self):
        """The digest is signed."""
        done = answered(signed_scope, BODY + b" ")

        assert (done.status, done.problem["code"]) == (401, "digest_mismatch")

    def test_half_a_body_is_none(self):
        """The sender went away, or its connection did."""

        async def ask(lab):
            half = parts_of(BODY, b"")[:1]
            return await exchange(lab.app, signed_scope(lab), half)

        done = on_app(None, ask)
        assert (done.status, done.problem["code"]) == (400, "body_incomplete")


def test_only_then_the_database_is_asked():
    """There is none: everything before was good, and now it is 503."""
    done = answered(signed_scope, BODY)

    assert done.status == 503
    assert done.headers["retry-after"]


def test_the_limit_of_the_address_is_the_first():
    """Before any header is looked at; of an IPv6 network as a whole."""

    async def ask(lab):
        found = []
        for peer in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"):
            scope = http_scope("POST", URL, peer=peer)
            found.append((await exchange(lab.app, scope)).problem["code"])
        return found

    codes = on_app(None, ask, address_burst=1)
    assert codes == ["signature_missing", "rate_limited", "signature_missing"]
