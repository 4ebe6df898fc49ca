"""
Requests signed by a sensor: HTTP Message Signatures (RFC 9421) with hmac-sha256.

One signature covers `COMPONENTS`; its keyid is ``<sensor id>.v<version of the key>``.
The body is bound by Content-Digest (RFC 9530), so that the signature is checked
before a byte of the body is read, and `verify_digest` when it has been.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)
from http_message_signatures.algorithms import HMAC_SHA256

from sentinel_netlab.core.quick_signature import is_canonical, quick_look

TAG = "sentinel-v1"
COMPONENTS = (
    "@method",
    "@path",
    "@query",
    "content-digest",
    "content-encoding",
    "idempotency-key",
    "sentinel-sensor",
)
WINDOW_S = 300
"""How far ``created`` may lie from the verifier's clock, either way, inclusive."""
NONCE_S = 2 * WINDOW_S
"""How long a nonce is remembered."""
MAX_SIGNATURE_BYTES = 2048
"""Signature-Input and Signature together."""
MIN_MASTER_BYTES = 32
_KEY_BYTES = 32
_FIELDS = COMPONENTS[3:]
# The signature covers no authority, for proxies change it; the library wants a URL.
_HOST = "https://sentinel.invalid"
_KEYID = re.compile(r"([a-z0-9-]{1,63})\.v([1-9][0-9]{0,8})")
_NONCE = re.compile(r"[!-~]{1,64}")
_PATH = re.compile(rb"/[^?#]*")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


class SignatureRefused(Exception):  # noqa: N818  # a refusal, not a fault
    """
    A request that its sensor did not sign, or not now.

    Attributes:
        code: ``signature_missing``, ``signature_malformed``, ``signature_invalid``,
            ``timestamp_skew`` or ``digest_mismatch``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class SignedBy:
    """
    What a good signature says.

    Attributes:
        created: seconds since 1970 by the sensor's clock.
        key_number: which of the keys of that version it was, 0: the likeliest.
        content_digest, content_encoding, idempotency_key: the covered fields.
    """

    sensor_id: str
    key_version: int
    nonce: str
    created: int
    content_digest: str
    content_encoding: str
    idempotency_key: str
    key_number: int = 0

    @property
    def keyid(self) -> str:
        """The name of the key: nonces are unique within it."""
        return make_keyid(self.sensor_id, self.key_version)


def make_keyid(sensor_id: str, key_version: int) -> str:
    """The name of version *key_version* of a sensor's key."""
    return f"{sensor_id}.v{key_version}"


def derive_key(master: bytes, sensor_id: str, key_version: int) -> bytes:
    """
    The 32 bytes that *sensor_id* signs with: HKDF-SHA256 (RFC 5869) of *master*.

    Raises:
        ValueError: *master* is too short.
    """
    if len(master) < MIN_MASTER_BYTES:
        raise ValueError(f"a master secret has at least {MIN_MASTER_BYTES} bytes")
    info = f"sentinel-netlab sensor key\0{sensor_id}\0{key_version}".encode()
    kdf = HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=info)
    return kdf.derive(master)


class Keys(Protocol):
    """Where the keys of sensors come from."""

    def of(self, sensor_id: str, key_version: int) -> Sequence[bytes]:
        """Keys that may have signed, the likeliest first; empty: no such key."""


class Keyring:
    """Keys derived from a master secret, and from the one before while rotating."""

    def __init__(self, master: bytes, previous: bytes | None = None) -> None:
        self._masters = (master,) if previous is None else (master, previous)
        for one in self._masters:
            derive_key(one, "-", 1)

    def of(self, sensor_id: str, key_version: int) -> list[bytes]:
        """The key of the current master secret, then of the previous one."""
        return [derive_key(one, sensor_id, key_version) for one in self._masters]


class _OneKey(HTTPSignatureKeyResolver):
    """Gives the library the one key that is to be tried."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> bytes:
        return self._key

    def resolve_private_key(self, key_id: str) -> bytes:
        return self._key


class _Lines:
    """All header lines in order, repeated names too."""

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        self._lines = lines

    def items(self) -> Iterator[tuple[str, str]]:
        return iter(self._lines)


@dataclass
class _Message:
    method: str
    url: str
    headers: Any


class _Skewed(InvalidSignature):
    """The signature is too old, expired, or of the future."""


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, on the clock that it is given."""

    def __init__(self, key: bytes, now_s: float) -> None:
        super().__init__(signature_algorithm=HMAC_SHA256, key_resolver=_OneKey(key))
        self._now_s = now_s

    def validate_created_and_expires(
        self, sig_input: Any, max_age: timedelta | None = None
    ) -> None:
        """Hold ``created`` to the window and ``expires`` to the clock."""
        created = sig_input.params.get("created")
        if type(created) is not int:
            raise InvalidSignature("created is missing")
        expires = sig_input.params.get("expires")
        if abs(self._now_s - created) > WINDOW_S:
            raise _Skewed("created")
        if expires is not None and expires < self._now_s:
            raise _Skewed("expires")


def verify_headers(
    method: str,
    raw_path: bytes,
    query: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    keys: Keys,
    now_s: float,
) -> SignedBy:
    """
    Who signed the request, by its headers alone.

    Args:
        method: in capitals.
        raw_path, query: as received, percent-encoded.
        headers: all lines in order; names in any case.
        keys: where keys come from.
        now_s: the verifier's clock, seconds since 1970.

    Raises:
        SignatureRefused: nobody did, or the signature is not of now.
    """
    if not _PATH.fullmatch(raw_path) or b"#" in query:
        raise SignatureRefused("signature_malformed")
    lines = [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in headers
    ]
    fields = _single_fields(lines)
    sensor_id, version = _claimed_key(fields["signature-input"])
    if fields["sentinel-sensor"] != sensor_id:
        raise SignatureRefused("signature_invalid")
    target = raw_path + (b"?" + query if query else b"")
    message = _Message(method, _HOST + target.decode("latin-1"), _Lines(lines))
    refusal = SignatureRefused("signature_invalid")
    for number, key in enumerate(keys.of(sensor_id, version)):
        try:
            claimed = (message, fields, key, now_s, (sensor_id, version))
            signed = _quickly(*claimed) or _verified(*claimed)
        except SignatureRefused as error:
            refusal = error
        else:
            return replace(signed, key_number=number)
    raise refusal


def _single_fields(lines: list[tuple[str, str]]) -> dict[str, str]:
    """Values of the fields that the signature needs, each of exactly one line."""
    wanted = {"signature", "signature-input", *_FIELDS}
    found: dict[str, str] = {}
    size = 0
    for name, value in lines:
        if name not in wanted:
            continue
        # Space around a value is the transport's; the signature would not tell.
        if name in found or value != value.strip(" \t\r") or "\n" in value:
            raise SignatureRefused("signature_malformed")
        found[name] = value
        size += len(value) if name.startswith("signature") else 0
    if "signature" not in found or "signature-input" not in found:
        raise SignatureRefused("signature_missing")
    if size > MAX_SIGNATURE_BYTES:
        raise SignatureRefused("signature_malformed")
    if len(found) < len(wanted) or not _DIGEST.fullmatch(found["content-digest"]):
        raise SignatureRefused("signature_malformed")
    if not is_canonical(found["signature"]):
        raise SignatureRefused("signature_malformed")
    return found


def _claimed_key(signature_input: str) -> tuple[str, int]:
    """Sensor and version that the one keyid names; to be proven by the signature."""
    claims = re.findall(r';keyid="([^"]*)"', signature_input)
    match = _KEYID.fullmatch(claims[0]) if len(claims) == 1 else None
    if match is None:
        raise SignatureRefused("signature_malformed")
    return match[1], int(match[2])


def _quickly(
    message: _Message,
    fields: Mapping[str, str],
    key: bytes,
    now_s: float,
    claimed: tuple[str, int],
) -> SignedBy | None:
    """As `_verified`, for what needs no library; None says nothing."""
    path, _, query = message.url.removeprefix(_HOST).partition("?")
    derived = {"@method": message.method, "@path": path, "@query": "?" + query}
    found = quick_look(
        {**derived, **fields}, fields, key, components=COMPONENTS, tag=TAG
    )
    if found is None or found.keyid != make_keyid(*claimed):
        return None
    if abs(now_s - found.created) > WINDOW_S:
        return None
    return _signed_by(fields, claimed, found.nonce, found.created)


def _signed_by(
    fields: Mapping[str, str], claimed: tuple[str, int], nonce: str, created: int
) -> SignedBy:
    return SignedBy(
        *claimed,
        nonce=nonce,
        created=created,
        content_digest=fields["content-digest"],
        content_encoding=fields["content-encoding"],
        idempotency_key=fields["idempotency-key"],
    )


def _verified(
    message: _Message,
    fields: Mapping[str, str],
    key: bytes,
    now_s: float,
    claimed: tuple[str, int],
) -> SignedBy:
    """What the signature says if *key* made it."""
    verifier = _Verifier(key, now_s)
    try:
        # The verifier's own window replaces max_age, whose default is a day.
        (result,) = verifier.verify(
            message,
            max_age=timedelta(0),
            expect_tag=TAG,
            require_components=COMPONENTS,
        )
    except _Skewed:
        raise SignatureRefused("timestamp_skew") from None
    except Exception:  # noqa: BLE001  # hostile text in somebody's parsers
        raise SignatureRefused("signature_invalid") from None
    params = result.parameters
    inner = result.covered_components['"@signature-params"']
    # What was signed is the parsed text written anew: other spellings are refused.
    exact = fields["signature-input"] == f"{result.label}={inner}"
    nonce = result.nonce
    if not exact or nonce is None or not _NONCE.fullmatch(nonce):
        raise SignatureRefused("signature_malformed")
    if params["keyid"] != make_keyid(*claimed):
        raise SignatureRefused("signature_malformed")
    return _signed_by(fields, claimed, nonce, int(params["created"]))


def content_digest(body: bytes) -> str:
    """The value of Content-Digest for *body* as sent."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def verify_digest(signed: SignedBy, body: bytes) -> str:
    """
    The SHA-256 of *body* in hexadecimal, which is the one that was signed.

    Raises:
        SignatureRefused: it is another one.
    """
    digest = hashlib.sha256(body).digest()
    match = _DIGEST.fullmatch(signed.content_digest)
    wanted = base64.b64decode(match[1]) if match else b""
    if not hmac.compare_digest(digest, wanted):
        raise SignatureRefused("digest_mismatch")
    return digest.hex()


def sign_request(
    method: str,
    target: str,
    body: bytes,
    *,
    sensor_id: str,
    key_version: int,
    key: bytes,
    created: int,
    nonce: str,
    idempotency_key: str,
    encoding: str = "identity",
) -> dict[str, str]:
    """
    Headers that sign a request, those that the signature covers among them.

    Args:
        method: in capitals.
        target: path and query, percent-encoded, as they will be sent.
        body: as it will be sent, in *encoding*.
        sensor_id, key_version, key: who signs, and with what.
        created: seconds since 1970.
        nonce: never used before with this key; at most 64 visible characters.
        idempotency_key: the same for each attempt to do the same thing.
        encoding: zstd, gzip or identity.
    """
    headers = {
        "Content-Digest": content_digest(body),
        "Content-Encoding": encoding,
        "Idempotency-Key": idempotency_key,
        "Sentinel-Sensor": sensor_id,
    }
    HTTPMessageSigner(signature_algorithm=HMAC_SHA256, key_resolver=_OneKey(key)).sign(
        _Message(method, _HOST + target, headers),
        key_id=make_keyid(sensor_id, key_version),
        created=datetime.fromtimestamp(created, UTC),
        nonce=nonce,
        label="sentinel",
        tag=TAG,
        covered_component_ids=COMPONENTS,
        use_existing_digest=True,
    )
    return headers
