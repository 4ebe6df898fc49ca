"""
Whether a password is the one that a server keeps a verifier of (RFC 5802, RFC 7677).
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from hashlib import pbkdf2_hmac, sha256

_VERIFIER = re.compile(
    r"SCRAM-SHA-256\$([1-9][0-9]{0,8}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):"
    r"[A-Za-z0-9+/=]+"
)


def matches(password: str, verifier: str) -> bool:
    """
    Whether *verifier*, as in `pg_authid.rolpassword`, was made of *password*.

    False for other kinds of verifiers, and for a password that SASLprep changes, which
    no ASCII text is.
    """
    parts = _VERIFIER.fullmatch(verifier)
    if parts is None:
        return False
    try:
        salt, stored = b64decode(parts[2]), b64decode(parts[3])
    except ValueError:
        return False
    salted = pbkdf2_hmac("sha256", password.encode(), salt, int(parts[1]))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(sha256(client_key).digest(), stored)
