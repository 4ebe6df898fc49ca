"""
A quick look at signatures in the one form that our sensors write.

The library that judges signatures parses structured fields of every kind, at ten times
the cost.  What is not in this form, not good or not of now stays for it to judge.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a signature says beside what it covers; `created` in seconds since 1970."""

    keyid: str
    nonce: str
    created: int


_SIGNATURE = re.compile(r"sentinel=:([A-Za-z0-9+/]{43}=):")


@cache
def _form(components: Sequence[str], tag: str) -> re.Pattern[str]:
    covered = " ".join(f'"{name}"' for name in components)
    return re.compile(
        rf"sentinel=(?P<params>\({covered}\)"
        r";created=(?P<created>[1-9][0-9]{0,14})"
        r';keyid="(?P<keyid>[a-z0-9-]{1,63}\.v[1-9][0-9]{0,8})"'
        r';alg="hmac-sha256"'
        r';nonce="(?P<nonce>[!#-\[\]-~]{1,64})"'
        rf';tag="{tag}")'
    )


def quick_look(
    values: Mapping[str, str],
    fields: Mapping[str, str],
    key: bytes,
    *,
    components: tuple[str, ...],
    tag: str,
) -> Parameters | None:
    """
    The parameters of a good signature in our form; None says nothing.

    Args:
        values: of all *components*: what was received.
        fields: ``signature-input`` and ``signature``.
        components: what has to be covered, in this order.
    """
    form = _form(components, tag).fullmatch(fields["signature-input"])
    signature = _SIGNATURE.fullmatch(fields["signature"])
    if form is None or signature is None:
        return None
    lines = [f'"{name}": {values[name]}' for name in components]
    base = "\n".join([*lines, f'"@signature-params": {form["params"]}'])
    if not base.isascii():
        return None
    made = hmac.digest(key, base.encode("ascii"), "sha256")  # RFC 9421, 2.5 and 3.3.3
    if not hmac.compare_digest(made, base64.b64decode(signature[1])):
        return None
    return Parameters(form["keyid"], form["nonce"], int(form["created"]))


def is_canonical(signature: str) -> bool:
    """Whether no spare bits of its base64 are set: they say the same in other words."""
    text = signature.partition("=:")[2].rstrip(":")
    try:
        again = base64.b64encode(base64.b64decode(text, validate=True)).decode()
    except (binascii.Error, ValueError):
        return False
    return again == text and signature.endswith(":")
