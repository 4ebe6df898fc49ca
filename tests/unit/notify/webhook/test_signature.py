"""Signatures of posts."""

from __future__ import annotations

import hashlib
import hmac

from sentinel_netlab.notify.webhook.signature import signature


def test_signature_is_hmac_over_time_and_body():
    """As a receiver would compute it."""
    expected = hmac.new(b"key", b'1700000000.{"a":1}', hashlib.sha256).hexdigest()

    assert signature(b"key", 1_700_000_000, b'{"a":1}') == f"v1={expected}"


def test_time_and_body_cannot_be_shifted():
    """Another time or body has another signature."""
    signed = {
        signature(b"key", time_s, body)
        for time_s, body in ((1, b"x"), (2, b"x"), (1, b"y"), (12, b"3"), (1, b"23"))
    }

    assert len(signed) == 5
