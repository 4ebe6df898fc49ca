"""Cursors that nobody forges, and parameters that are what they seem."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Controller, Litestar, Request, get
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery
from litestar.testing import TestClient
from pydantic import SecretStr

from sentinel_netlab.controller.api.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Page,
    Time,
    known_parameters,
    make_cursor,
    open_cursor,
    time_of,
)
from sentinel_netlab.controller.problems import Problem, on_problem
from sentinel_netlab.store.reading.keyset import Place

PLACE = Place(1, (datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=UTC), 3, "a", b"\xff"))


class Numbers(Page[int], frozen=True):
    """A list of numbers."""


class NumberRoutes(Controller):
    """A list with filters."""

    path = "/numbers/{site:str}"
    guards = [known_parameters]  # noqa: RUF012  # the framework's attribute

    @get("/")
    async def list(
        self,
        request: Request,
        site: FromPath[str],
        kind: FromQuery[list[str] | None] = None,
        since: Time = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Numbers:
        time_of("since", since)
        return Numbers(items=[limit], next=None)


@cache
def _app(secret: str = "s" * 32) -> Litestar:
    services = SimpleNamespace(settings=SimpleNamespace(secret_key=SecretStr(secret)))
    return Litestar(
        [NumberRoutes],
        state=State({"services": services}, deep_copy=False),
        exception_handlers={Problem: on_problem},
    )


def _asked(query: str = "", path: str = "/a", secret: str = "s" * 32) -> Any:
    """A request as far as cursors look at it."""
    scope = {
        "type": "http",
        "path": path,
        "query_string": query.encode(),
        "litestar_app": _app(secret),
    }
    return Request(scope)


def _answer(query: str) -> tuple[int, str | None]:
    with TestClient(_app()) as http:
        answer = http.get(f"/numbers/hq{query}")
    return answer.status_code, answer.json().get("code")


@pytest.mark.parametrize(
    ("made", "used"),
    [
        ("", ""),
        ("limit=5", "limit=7"),
        ("b=1&a=2&a=1", "a=1&a=2&b=1"),
        ("kind=", "kind=&cursor=x"),
    ],
)
def test_a_cursor_opens_for_the_same_filters(made, used):
    """Order and paging parameters do not matter; times keep their microseconds."""
    assert open_cursor(_asked(used), make_cursor(_asked(made), PLACE)) == PLACE


@pytest.mark.parametrize(
    "other",
    [
        {"query": "kind=b"},
        {"query": "kind=a&kind=a"},
        {"query": ""},
        {"query": "kind=a", "path": "/b"},
        {"query": "kind=a", "secret": "t" * 32},
    ],
    ids=str,
)
def test_a_cursor_fits_no_other_list(other):
    """Another filter, path or secret: it says to begin again."""
    cursor = make_cursor(_asked("kind=a"), PLACE)

    with pytest.raises(Problem) as caught:
        open_cursor(_asked(**other), cursor)

    assert (caught.value.status, caught.value.code) == (400, "bad_cursor")


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_cursor_is_refused(position, flip):
    """Any byte changed, in the signature or in the place."""
    cursor = make_cursor(_asked(), PLACE)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[position % len(raw)] ^= flip

    with pytest.raises(Problem):
        open_cursor(_asked(), base64.urlsafe_b64encode(raw).decode().rstrip("="))


@given(st.text(max_size=200))
def test_any_text_is_refused(text):
    """What we did not make is a bad cursor and never a failure."""
    with pytest.raises(Problem, match="bad_cursor"):
        open_cursor(_asked(), text)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("", (200, None)),
        ("?limit=500&kind=a&kind=b&since=2026-03-01T12:00:00Z", (200, None)),
        ("?limit=0", (400, None)),
        ("?limit=501", (400, None)),
        ("?limit=x", (400, None)),
        ("?kinds=a", (400, "unknown_parameter")),
        ("?Kind=a", (400, "unknown_parameter")),
        ("?request=a", (400, "unknown_parameter")),
        ("?site=a", (400, "unknown_parameter")),
        ("?limit=5&limit=6", (400, "repeated_parameter")),
        ("?since=2026-03-01T12:00:00", (400, "invalid")),
        ("?since=1700000000", (400, "invalid")),
        ("?since=yesterday", (400, "invalid")),
        ("?since=", (400, "invalid")),
        ("?since=0001-01-01T00:00:00%2B14:00", (400, "invalid")),
    ],
)
def test_parameters_are_what_they_seem(query, answer):
    """A typing error never gives an unfiltered list."""
    assert _answer(query) == answer
