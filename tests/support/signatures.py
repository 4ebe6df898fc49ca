"""Signed requests, and ways to alter them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from sentinel_netlab.core.signing import (
    Keyring,
    SignedBy,
    derive_key,
    sign_request,
    verify_digest,
    verify_headers,
)

MASTER = b"0123456789abcdefghijklmnopqrstuvwxyz"
OTHER_MASTER = b"zyxwvutsrqponmlkjihgfedcba9876543210"
NOW_S = 1_800_000_000


@dataclass(frozen=True)
class Signed:
    """A request as a server receives it."""

    method: str = "POST"
    path: bytes = b"/api/v1/telemetry"
    query: bytes = b"part=1&of=2"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b"a body"
    keys: Keyring = field(default_factory=lambda: Keyring(MASTER))

    def check(self, now_s: float = NOW_S) -> SignedBy:
        """Verify headers, then body."""
        signed = verify_headers(
            self.method, self.path, self.query, self.headers, self.keys, now_s
        )
        verify_digest(signed, self.body)
        return signed

    def value(self, name: bytes) -> bytes:
        return dict(self.headers)[name]

    def with_header(self, name: bytes, value: bytes) -> Signed:
        """The request with another value of an existing field."""
        lines = tuple((n, value if n == name else v) for n, v in self.headers)
        return replace(self, headers=lines)

    def without(self, name: bytes) -> Signed:
        return replace(self, headers=tuple(x for x in self.headers if x[0] != name))


def make_signed(
    *, master: bytes = MASTER, body: bytes = b"a body", target: str = "", **options
) -> Signed:
    """A request with a good signature; *options* as those of `sign_request`."""
    target = target or "/api/v1/telemetry?part=1&of=2"
    sensor_id = options.setdefault("sensor_id", "roof-1")
    version = options.setdefault("key_version", 1)
    options.setdefault("created", NOW_S)
    options.setdefault("nonce", "n" * 22)
    options.setdefault("idempotency_key", "0" * 32)
    options.setdefault("key", derive_key(master, sensor_id, version))
    headers = sign_request("POST", target, body, **options)
    path, _, query = target.encode().partition(b"?")
    lines = tuple((n.lower().encode(), v.encode()) for n, v in headers.items())
    return Signed("POST", path, query, lines, body)


def altered_text(text: bytes, rng: random.Random) -> bytes:
    """*text* with a change of one to three octets: always another one."""
    while True:
        out = bytearray(text)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(out) + 1)
            kind = rng.randrange(5)
            if kind == 0 and at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            elif kind == 1 and at < len(out):
                del out[at]
            elif kind == 2:
                out.insert(at, rng.choice(b"\x00 \t,;=:\"()a0A/+%#?&\xff'"))
            elif kind == 3 and at < len(out):
                out[at] = rng.randrange(256)
            elif at < len(out):
                other = rng.randrange(len(out))
                out[at], out[other] = out[other], out[at]
        if bytes(out) != text:
            return bytes(out)


def altered(request: Signed, rng: random.Random) -> Signed:
    """*request* with one of its signed parts changed."""
    part = rng.randrange(4 + 2 * len(request.headers))
    if part == 0:
        words = ("GET", "PUT", "post", "PATCH", "", "POST ", "DELETE")
        return replace(request, method=rng.choice(words))
    if part == 1:
        return replace(request, path=altered_text(request.path, rng))
    if part == 2:
        return replace(request, query=altered_text(request.query, rng))
    if part == 3:
        return replace(request, body=altered_text(request.body, rng))
    return _with_altered_header(request, rng.choice(request.headers), rng)


def _with_altered_header(
    request: Signed, line: tuple[bytes, bytes], rng: random.Random
) -> Signed:
    name, value = line
    match rng.randrange(8):
        case 0:
            return request.without(name)
        case 1:
            lines = (*request.headers, (name, rng.choice((value, b"", b"x"))))
            return replace(request, headers=lines)
        case _:
            return request.with_header(name, altered_text(value, rng))
