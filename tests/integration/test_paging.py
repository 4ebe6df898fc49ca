"""Any filter, order and size of pages: the pages together are the list."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import count
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from tests.support.app import running
from tests.support.batches import NOW
from tests.support.evidence import evidence
from tests.support.lists import (
    LISTS,
    MANY,
    OTHER_SITE,
    alert_row,
    at,
    put_alerts,
    put_other_site,
    turn_pages,
)
from tests.support.people import bearer

from sentinel_netlab.core.alerts import Severity

SEED = 20_260_301
WORDS = ("info", "low", "medium", "high", "critical")
ROWS = [
    alert_row(
        f"{number:x}",
        # ties, gaps, and rows without a value in every column that sorts
        last_seen=None if number % 11 == 0 else at(number * 7 % 9),
        first_seen=None if number % 7 == 0 else at(-(number * 5 % 6)),
        risk_score=None if number % 3 == 0 else float(number % 4),
        severity=(*WORDS, "HIGH", "LOW", None, "odd")[number % 9],
        status=("open", "acknowledged", "resolved", "false_positive")[number % 4],
        site_id=("hq", OTHER_SITE, None)[number % 3],
        code=f"WD10{number % 3}",
        title=("Flood 100%", "flood_one", "Evil twin")[number % 3],
    )
    for number in range(70)
]
SEEN = {"last_seen": "last_seen", "first_seen": "first_seen", "risk": "risk_score"}
FILTERS = st.fixed_dictionaries(
    {"limit": st.integers(1, 30)},
    optional={
        "sort": st.sampled_from((*SEEN, "severity")),
        "order": st.sampled_from(("asc", "desc")),
        "status": st.sets(st.sampled_from(("open", "resolved")), min_size=1),
        "severity": st.sampled_from(WORDS),
        "site": st.sampled_from(("hq", OTHER_SITE)),
        "code": st.sets(st.sampled_from(("WD100", "WD101")), min_size=1),
        "text": st.sampled_from(("flood", "FLOOD_", "%", "100%", "x")),
        "since": st.integers(0, 9),
        "until": st.integers(0, 9),
    },
)
QUICK = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LONG = settings(QUICK, max_examples=500)


def _rank(row):
    word = (row["severity"] or "").lower()
    return WORDS.index(word) if word in WORDS else None


def _kept(row, asked):
    """Whether a row is in the list, by the words of the API."""
    seen, text = row["last_seen"], asked.get("text", "").lower()
    least = Severity.parse(asked.get("severity", "info"))
    return (
        row["status"] in asked.get("status", [row["status"]])
        and row["code"] in asked.get("code", [row["code"]])
        and row["site_id"] == asked.get("site", row["site_id"])
        and text in row["title"].lower()
        and (not least or (_rank(row) or 0) >= least)
        and ("since" not in asked or (seen and seen >= at(asked["since"])))
        and ("until" not in asked or (seen and seen < at(asked["until"])))
    )


def _key(row, sort):
    """What a row is sorted by; None: it stands last."""
    if sort != "severity":
        return row[SEEN[sort]]
    if _rank(row) is None or row["last_seen"] is None:
        return None
    # one severity, two spellings: the older version's come after or before
    spelled = row["severity"].isupper()
    return (_rank(row), spelled, row["last_seen"])


def _listed(rows, asked):
    """Ids in order, without a database and without pages."""
    sort, down = asked.get("sort", "last_seen"), asked.get("order", "desc") == "desc"
    kept = sorted((row for row in rows if _kept(row, asked)), key=lambda r: r["id"])
    keyed = [(_key(row, sort), row["id"]) for row in kept]
    known = sorted((pair for pair in keyed if pair[0] is not None), reverse=down)
    rest = sorted((pair for pair in keyed if pair[0] is None), reverse=down,
                  key=lambda pair: pair[1])  # fmt: skip
    return [name for _, name in known + rest]


def _path(asked):
    times = {name: at(asked[name]) for name in ("since", "until") if name in asked}
    shown = {name: time.isoformat() for name, time in times.items()}
    return f"/api/v1/alerts?{urlencode({**asked, **shown}, doseq=True)}"


class Bench:
    """An application with `ROWS`, and a loop that stays."""

    def __init__(self, loop, lab, headers):
        self.loop, self.lab, self.headers = loop, lab, headers
        self.numbers = count(1000)

    def ids(self, asked):
        """All pages together."""
        turn = turn_pages(self.lab, _path(asked), self.headers)
        return [item["id"] for item in self.loop.run_until_complete(turn)]

    def disturbed(self, asked, arriving):
        """All pages together, while between them rows arrive."""
        arrivals = iter(arriving)

        async def between():
            for seconds in arrivals:
                name, time = f"{next(self.numbers):x}", NOW + timedelta(seconds=seconds)
                row = alert_row(name, last_seen=time, first_seen=time, title="Flood x")
                async with self.lab.engine.begin() as c:
                    await put_alerts(c, row)
                return

        turn = turn_pages(self.lab, _path(asked), self.headers, between)
        return [item["id"] for item in self.loop.run_until_complete(turn)]


@pytest.fixture
def bench(migrated_url):
    loop = asyncio.new_event_loop()
    running_lab = running(migrated_url, routes=LISTS, **MANY)
    lab = loop.run_until_complete(running_lab.__aenter__())

    async def fill():
        async with lab.engine.begin() as c:
            await put_other_site(c)
            await put_alerts(c, *ROWS)
        return await bearer(lab, "viewer")

    yield Bench(loop, lab, loop.run_until_complete(fill()))
    loop.run_until_complete(running_lab.__aexit__(None, None, None))
    loop.close()


@QUICK
@given(asked=FILTERS)
def test_pages_together_are_the_list(bench, asked):
    """As it is without a database: the same rows in the same order, each once."""
    assert bench.ids(asked) == _listed(ROWS, asked)


@pytest.mark.long
def test_pages_together_are_the_list_at_length(bench, database_kind):
    """The same, many times more."""
    with evidence(f"paging-{database_kind}", SEED) as counts:
        counts |= {"lists": 0, "rows": 0}

        @LONG
        @seed(SEED)
        @given(asked=FILTERS)
        def check(asked):
            found = bench.ids(asked)
            assert found == _listed(ROWS, asked)
            counts["lists"] += 1
            counts["rows"] += len(found)

        check()


@QUICK
@given(asked=FILTERS, arriving=st.lists(st.integers(-9, 12), max_size=6))
def test_arriving_rows_hide_and_repeat_nothing(bench, asked, arriving):
    """What was there before is listed once and in order, whatever comes between."""
    found = bench.disturbed(asked, arriving)

    assert len(found) == len(set(found))
    there = {row["id"] for row in ROWS}
    assert [name for name in found if name in there] == _listed(ROWS, asked)
