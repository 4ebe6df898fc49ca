"""Signatures of sensors: what is accepted, and that nothing else is."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.evidence import evidence
from tests.support.signatures import (
    MASTER,
    NOW_S,
    OTHER_MASTER,
    altered,
    make_signed,
)

from sentinel_netlab.core.signing import (
    COMPONENTS,
    Keyring,
    SignatureRefused,
    derive_key,
    sign_request,
)

SEED = 9421


def refusal(request, now_s=NOW_S) -> str:
    """The code with which *request* is refused."""
    with pytest.raises(SignatureRefused) as caught:
        request.check(now_s)
    return caught.value.code


def accepts(request) -> bool:
    try:
        request.check()
    except SignatureRefused:
        return False
    return True


def test_good_signature_names_its_sensor():
    """Sensor, version, nonce and covered fields come from the signature."""
    signed = make_signed(key_version=3, encoding="zstd").check()

    assert (signed.sensor_id, signed.key_version) == ("roof-1", 3)
    assert signed.keyid == "roof-1.v3"
    assert (signed.nonce, signed.created) == ("n" * 22, NOW_S)
    assert signed.content_encoding == "zstd"
    assert signed.idempotency_key == "0" * 32


@pytest.mark.parametrize("target", ["/", "/a%2Fb", "/a?", "/a?x=%41&y", "/~*'()!$"])
def test_raw_path_and_query_are_what_is_signed(target):
    """Percent-encoding is neither added nor taken away."""
    assert make_signed(target=target).check().sensor_id == "roof-1"


@pytest.mark.parametrize("offset_s", [-300, -299.5, 0, 299.5, 300])
def test_window_is_inclusive(offset_s):
    """Exactly 300 s early or late is still in time."""
    assert make_signed().check(NOW_S + offset_s)


@pytest.mark.parametrize("offset_s", [-86400, -300.001, 300.001, 86400, 1e15])
def test_outside_the_window_is_skew(offset_s):
    """The library's default of a day does not hold."""
    assert refusal(make_signed(), NOW_S + offset_s) == "timestamp_skew"


def test_previous_master_secret_still_opens():
    """While the master secret rotates, both hold."""
    request = make_signed(master=OTHER_MASTER)

    assert refusal(request) == "signature_invalid"
    assert replace(request, keys=Keyring(MASTER, OTHER_MASTER)).check()


def test_keys_differ_by_sensor_version_and_master():
    """No two of them share a key."""
    places = [(m, s, v) for m in (MASTER, OTHER_MASTER) for s in "ab" for v in (1, 2)]

    assert len({derive_key(*one) for one in places}) == len(places)
    assert all(len(derive_key(*one)) == 32 for one in places)


def test_keys_stay_what_they_were():
    """A key is never stored, so its derivation never changes."""
    assert derive_key(MASTER, "roof-1", 1).hex() == (
        "80ed38c998383fd13799e410232f982c3fdb1f6f03b65ee65107fb2aa363ff74"
    )


def test_short_master_secret_is_an_error():
    """31 bytes are too few."""
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"x" * 31)


def test_key_of_another_sensor_is_invalid():
    """Sensor a cannot sign as b."""
    key = derive_key(MASTER, "roof-2", 1)

    assert refusal(make_signed(key=key)) == "signature_invalid"


def test_sensor_header_must_be_the_signer():
    """A header that names another sensor than the keyid is refused."""
    request = make_signed().with_header(b"sentinel-sensor", b"roof-2")

    assert refusal(request) == "signature_invalid"


@pytest.mark.parametrize("name", [b"signature", b"signature-input"])
def test_without_signature_headers_it_is_missing(name):
    """Both are needed."""
    assert refusal(make_signed().without(name)) == "signature_missing"


def test_other_body_is_a_digest_mismatch():
    """The headers are good; the body is another one."""
    assert refusal(replace(make_signed(), body=b"b")) == "digest_mismatch"


def resigned(name: bytes, pattern: bytes, by: bytes):
    request = make_signed()
    return request.with_header(name, re.sub(pattern, by, request.value(name)))


@pytest.mark.parametrize(
    ("name", "pattern", "by"),
    [
        (b"signature-input", rb';nonce="n+"', b""),
        (b"signature-input", rb'keyid="roof-1.v1"', b'keyid="roof-1.v01"'),
        (b"signature-input", rb"created=", b"created=0"),
        (b"signature-input", rb'" "', b'"  "'),
        (b"signature-input", rb' "@query"', b""),
        (b"signature-input", rb"^(.*)$", rb"\1, \1"),
        (b"signature", rb"^(.*)$", rb"\1, b=:AAAA:"),
        (b"signature", rb"=:$", b":"),
        (b"content-digest", rb"sha-256", b"sha-512"),
    ],
)
def test_other_spellings_are_refused(name, pattern, by):
    """Missing, repeated and unusual parts of signature headers."""
    assert not accepts(resigned(name, pattern, by))


def test_spare_bits_of_base64_are_no_second_spelling():
    """A signature has one text."""
    request = make_signed()
    text = request.value(b"signature")
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters[letters.index(text[-3]) + 1]
    other = text[:-3] + bytes((last,)) + text[-2:]

    assert refusal(request.with_header(b"signature", other)) == "signature_malformed"


def test_long_signature_headers_are_refused():
    """More than 2 KiB of them are not parsed."""
    long = b"sentinel=" + b"(" * 2048

    assert (
        refusal(make_signed().with_header(b"signature-input", long))
        == "signature_malformed"
    )


@pytest.mark.parametrize("left_out", COMPONENTS)
def test_every_component_must_be_covered(left_out, monkeypatch):
    """A signature over less is refused although it is good."""
    covered = tuple(name for name in COMPONENTS if name != left_out)
    monkeypatch.setattr(f"{sign_request.__module__}.COMPONENTS", covered)
    request = make_signed()
    monkeypatch.undo()

    assert refusal(request) == "signature_invalid"


@pytest.mark.parametrize("tag", ["sentinel-v2", ""])
def test_other_tag_is_refused(tag, monkeypatch):
    """Signatures for other purposes open nothing."""
    monkeypatch.setattr(f"{sign_request.__module__}.TAG", tag)
    request = make_signed()
    monkeypatch.undo()

    assert refusal(request) == "signature_invalid"


@pytest.mark.parametrize("path", [b"", b"*", b"@evil/", b"/a#b", b"/a?b", b"//x\xff"])
def test_strange_targets_are_refused(path):
    """The synthetic URL cannot be bent by the path."""
    assert not accepts(replace(make_signed(target="/a"), path=path))


def test_fragment_in_query_is_refused():
    """URL parsers would drop it, the application would not."""
    request = make_signed(target="/a?b")

    assert not accepts(replace(request, query=b"b#c"))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 64))
def test_altered_requests_are_never_accepted(seed):
    """One change of a signed part is enough."""
    assert not accepts(altered(make_signed(), random.Random(seed)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=100))
def test_any_signature_headers_are_refused(first, second):
    """Hostile octets raise nothing else."""
    request = make_signed().with_header(b"signature-input", first)

    assert not accepts(request)
    assert not accepts(request.with_header(b"signature", second))


@pytest.mark.long
def test_100_000_altered_requests_are_refused():
    """The number that is promised; writes docs/evidence/signatures.json."""
    rng = random.Random(SEED)
    with evidence("signatures", SEED) as counts:
        counts.update(mutated=0, accepted=0, refused={})
        for number in range(100_000):
            request = altered(make_signed(nonce=f"n{number}"), rng)
            counts["mutated"] += 1
            try:
                request.check()
                counts["accepted"] += 1
            except SignatureRefused as error:
                refused = counts["refused"]
                refused[error.code] = refused.get(error.code, 0) + 1
        assert counts["accepted"] == 0
