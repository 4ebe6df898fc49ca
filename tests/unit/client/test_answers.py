"""What answers mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sentinel_netlab.client.answers import Outcome, read_answer

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def answer(status: int = 200, body: bytes = b"", **headers: str):
    return read_answer(status, headers, body, NOW)


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ((200, 202), Outcome.TAKEN),
        ((400, 413, 415, 422), Outcome.REFUSED),
        ((401, 403, 404, 405, 426, 301, 308, 100), Outcome.BARRED),
        ((408, 409, 425, 429, 500, 502, 503, 504), Outcome.LATER),
    ],
)
def test_statuses_have_their_outcome(statuses, outcome):
    """Nothing that might be taken later is given up."""
    assert {answer(status).outcome for status in statuses} == {outcome}


def test_code_of_a_problem():
    """It is read from the document."""
    assert answer(401, b'{"code":"replayed"}').code == "replayed"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"code":7}', b"[1]", b"[" * 99_999])
def test_other_bodies_have_no_code(body):
    """A proxy's page, or worse."""
    assert answer(502, body).code == ""


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999", 3_600.0),
        ("9" * 400, None),
        ("-7", None),
        ("soon", None),
        ("Wed, 01 Jul 2026 00:00:30 GMT", 30.0),
        ("Wed, 01 Jul 2020 00:00:30 GMT", 0.0),
        ("Wed, 01 Jul 2026 00:00:30 +99999999999999999999", None),
    ],
)
def test_retry_after(text, wait_s):
    """Seconds or a date, at most an hour."""
    assert answer(503, **{"retry-after": text}).retry_after_s == wait_s
