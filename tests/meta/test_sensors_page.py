"""docs/reference/sensors.md says what controller and sensors do."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from tests.meta.test_sizes import ROOT

from sentinel_netlab.client.answers import Outcome, read_answer
from sentinel_netlab.controller.api.evidence import MAX_BYTES
from sentinel_netlab.controller.ingest.refusals import REFUSALS
from sentinel_netlab.controller.wiring import JOIN_BURST, JOIN_RATE_PER_S
from sentinel_netlab.core.configuration import (
    MAX_DWELL_MS,
    MIN_DWELL_MS,
    Configuration,
)
from sentinel_netlab.core.join_codes import CODE_BYTES
from sentinel_netlab.core.signing import WINDOW_S
from sentinel_netlab.store.evidence import MAX_EARLY
from sentinel_netlab.store.retention import ORPHAN_HOURS
from sentinel_netlab.store.sensor_changes import DEFAULT_CODE_HOURS, MAX_CODE_HOURS

PAGE = (ROOT / "docs/reference/sensors.md").read_text()
ROWS = {
    row[1].strip("` "): (int(row[0]), row[2].strip())
    for line in PAGE.split("## Refusals")[1].splitlines()
    if (row := line.strip("|").split("|"))[0].strip().isdecimal()
}
DOES = {Outcome.REFUSED: "aside", Outcome.BARRED: "stop", Outcome.LATER: "again"}


def test_every_refusal_is_there():
    """And no other."""
    assert {code: status for code, (status, _) in ROWS.items()} == {
        code: status for code, (status, _) in REFUSALS.items()
    }


@pytest.mark.parametrize("code", ROWS)
def test_what_the_sensor_does(code):
    """By the status alone."""
    status, does = ROWS[code]
    answer = read_answer(status, {}, b"", datetime(2026, 7, 1, tzinfo=UTC))

    assert DOES[answer.outcome] == does


@pytest.mark.parametrize("name", Configuration.__struct_fields__)
def test_field_of_the_configuration_is_there(name):
    """By its name on the wire."""
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize(
    "words",
    [
        f"{CODE_BYTES * 8} random bits",
        f"for {DEFAULT_CODE_HOURS:g} hours",
        f"at most {MAX_CODE_HOURS:g}",
        f"{JOIN_BURST} attempts at once, then one in {1 / JOIN_RATE_PER_S:g} s",
        f"{MIN_DWELL_MS} to {MAX_DWELL_MS}",
        f"by default {Configuration().dwell_ms}",
        f"at most {MAX_BYTES >> 10} KiB",
        f"after {ORPHAN_HOURS} hours without one",
        f"more than {WINDOW_S} s",
        f"{MAX_EARLY} pieces of evidence",
    ],
)
def test_numbers_are_those_of_the_source(words):
    """As they stand in a sentence."""
    assert words in PAGE


def test_default_configuration_is_empty_on_the_wire():
    """What is not said is the default."""
    assert msgspec.to_builtins(Configuration()) == {}
