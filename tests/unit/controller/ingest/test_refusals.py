"""What sensors decide by."""

from __future__ import annotations

import pytest
from tests.support.batches import NOW

from sentinel_netlab.client.answers import Outcome, read_answer
from sentinel_netlab.controller.ingest.refusals import REFUSALS, refusal
from sentinel_netlab.controller.problems import body_of

OUTCOMES = {
    **dict.fromkeys((401, 403), Outcome.BARRED),
    **dict.fromkeys((400, 413, 415, 422), Outcome.REFUSED),
    **dict.fromkeys((409, 429), Outcome.LATER),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_sensor_understands_it(code):
    """Refused content is dropped, a barred sender keeps it, the rest comes again."""
    problem = refusal(code)
    answer = read_answer(problem.status, problem.headers, body_of(problem, ""), NOW)

    assert answer.code == code
    assert answer.outcome is OUTCOMES[problem.status]


@pytest.mark.parametrize(("wait_s", "said"), [(0.01, "1"), (1.2, "2"), (15, "15")])
def test_retry_after_is_whole_seconds(wait_s, said):
    """Rounded up: who comes too early is refused again."""
    assert refusal("rate_limited", retry_after_s=wait_s).headers["Retry-After"] == said
