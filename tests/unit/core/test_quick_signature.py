"""What the quick look says of a signature, the library says too."""

from __future__ import annotations

import random

import pytest
from tests.support.signatures import MASTER, NOW_S, Signed, altered, make_signed

from sentinel_netlab.core import signing
from sentinel_netlab.core.quick_signature import Parameters, quick_look
from sentinel_netlab.core.signing import COMPONENTS, TAG, SignatureRefused, derive_key

KEY = derive_key(MASTER, "roof-1", 1)


def looked(request: Signed, key: bytes = KEY) -> Parameters | None:
    """What the quick look says of a request whose fields are whole."""
    fields = {n.decode(): v.decode("latin-1") for n, v in request.headers}
    values = fields | {
        "@method": request.method,
        "@path": request.path.decode("latin-1"),
        "@query": "?" + request.query.decode("latin-1"),
    }
    return quick_look(values, fields, key, components=COMPONENTS, tag=TAG)


def verdict(request: Signed, now_s: float = NOW_S) -> object:
    """Who signed it, or why nobody did."""
    try:
        return request.check(now_s)
    except SignatureRefused as error:
        return error.code


@pytest.fixture
def by_library(monkeypatch):
    """The verdict of the library alone."""

    def judge(request: Signed, now_s: float = NOW_S) -> object:
        with monkeypatch.context() as patch:
            patch.setattr(signing, "quick_look", lambda *_, **__: None)
            return verdict(request, now_s)

    return judge


def test_a_good_signature_has_parameters():
    """Those that it was made with."""
    assert looked(make_signed()) == Parameters("roof-1.v1", "n" * 22, NOW_S)


def test_another_key_says_nothing():
    """The signature is over everything, by one key."""
    assert looked(make_signed(), bytes(32)) is None


@pytest.mark.parametrize(
    "target", ["/", "/a%2Fb", "/a?", "/a?x=%41&y", "/~*'()!$", "/a?b?c", "//a", "/a//"]
)
def test_what_we_sign_needs_no_library(target, by_library, monkeypatch):
    """Each target, and the verdicts are the same."""
    request = make_signed(target=target, encoding="zstd")
    expected = by_library(request)
    monkeypatch.setattr(signing, "_verified", None)

    assert verdict(request) == expected


@pytest.mark.parametrize("offset_s", [-301, -300.5, -300, 0, 300, 300.5, 301])
def test_the_window_is_the_same(offset_s, by_library):
    """To its edges."""
    now_s = NOW_S + offset_s

    assert verdict(make_signed(), now_s) == by_library(make_signed(), now_s)


@pytest.mark.parametrize(
    "nonce", ["n", "n" * 64, "!#$%&'()*+,-./:;<=>?@[]^_`{|}~", 'a"b', "a\\b"]
)
def test_strange_nonces(nonce, by_library):
    """What has to be escaped is the library's."""
    request = make_signed(nonce=nonce)

    assert verdict(request) == by_library(request)
    assert (looked(request) is None) == bool({'"', "\\"} & set(nonce))


@pytest.mark.parametrize("seed", range(500))
def test_altered_requests_get_the_same_verdict(seed, by_library):
    """Whatever was changed."""
    request = altered(make_signed(), random.Random(seed))

    assert verdict(request) == by_library(request)
