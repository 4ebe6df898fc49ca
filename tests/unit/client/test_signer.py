"""Signing in the name of a sensor."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.support.signatures import MASTER, NOW_S

from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.signing import Keyring, derive_key, verify_headers


def make_signer(now_s: float = NOW_S) -> Signer:
    return Signer(
        "roof-1",
        1,
        derive_key(MASTER, "roof-1", 1),
        lambda: datetime.fromtimestamp(now_s, UTC),
    )


def created(signer: Signer, now_s: float = NOW_S) -> int:
    """When the signer's request says it was made, for a verifier at *now_s*."""
    headers = signer.headers("GET", "/a?b=c", b"", idempotency_key="0" * 32)
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    signed = verify_headers("GET", b"/a", b"b=c", lines, Keyring(MASTER), now_s)
    return signed.created


def test_headers_verify():
    """What it signs is accepted by the other side."""
    assert created(make_signer()) == NOW_S


def test_nonces_differ():
    """No two requests are the same."""
    signer = make_signer()
    made = {
        signer.headers("GET", "/", b"", idempotency_key="0" * 32)["Signature-Input"]
        for _ in range(100)
    }

    assert len(made) == 100


@pytest.mark.parametrize("late_s", [-86_400 * 3_650, -3_600, 3_600, 86_400 * 3_650])
def test_learned_time_mends_a_wrong_clock(late_s):
    """The offset moves signatures, whatever the sensor's clock says."""
    signer = make_signer(NOW_S + late_s)
    date = datetime.fromtimestamp(NOW_S, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")

    assert signer.learn_time(date)
    assert created(signer) == NOW_S


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Mon, 99 Xyz 2026 00:00:00 GMT",
        "Wed, 01 Jul 2026 00:00:30 +99999999999999999999",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_text_that_is_no_date_teaches_nothing(date):
    """The offset stays."""
    signer = make_signer()

    assert not signer.learn_time(date)
    assert signer.offset_s == 0


def test_key_is_not_shown():
    """Logs and traces show no key."""
    signer = make_signer()

    assert signer.key.hex() not in repr(signer)
    assert repr(signer.key) not in repr(signer)
