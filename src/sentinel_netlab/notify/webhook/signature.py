"""
How a post is signed, for those who send it and those who check it.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

TIMESTAMP = "Sentinel-Timestamp"
SIGNATURE = "Sentinel-Signature"
DELIVERY = "Sentinel-Delivery"


def signature(secret: bytes, timestamp_s: int, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256 of the timestamp, a full stop and *body*, in hex."""
    signed = b"%d." % timestamp_s + body
    return "v1=" + hmac.new(secret, signed, sha256).hexdigest()
