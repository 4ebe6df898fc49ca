"""The stream of changes through a real server: nothing waits in it, and it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from tests.support.batches import on_engine
from tests.support.controllers import Controller, furnish_lab, lab_controller
from tests.support.people import header

from sentinel_netlab.controller.outbox import MAX_STREAMS_OF_ONE
from sentinel_netlab.store.events import emit
from sentinel_netlab.store.tokens import NewToken, create_token

EVENTS = "/api/v1/events"
SOON_S = 25.0
"""A busy machine is slow; what is buffered never comes."""


@pytest.fixture
def folder(tmp_path):
    """The data of a lab at head."""
    made = tmp_path / "lab"
    made.mkdir(mode=0o700)
    furnish_lab(made)
    return made


def _url(folder):
    return f"sqlite:///{folder / 'sentinel.db'}"


def _token(folder):
    async def make(engine):
        async with engine.begin() as c:
            new = NewToken("screen", "viewer", 1, "cli:test", None)
            return (await create_token(c, new, datetime.now(UTC)))[0]

    return header(on_engine(_url(folder), make))


def _tell(folder, name):
    """What another process writes into the outbox."""

    async def tell(engine):
        async with engine.begin() as c:
            await emit(c, "alert", name, {"id": name}, datetime.now(UTC))

    on_engine(_url(folder), tell)


@contextmanager
def _stream(one: Controller, headers) -> Iterator[tuple[httpx.Response, Iterator[str]]]:
    with one.http.stream("GET", EVENTS, headers=headers, timeout=SOON_S) as answer:
        yield answer, answer.iter_lines()


def _data(lines):
    return next(line for line in lines if line.startswith("data: "))


def test_a_change_comes_at_once(folder):
    """Written by another process; no server, proxy header or buffer holds it back."""
    headers = _token(folder)
    with lab_controller(folder) as one:
        one.wait_until("/readyz", 200)
        with _stream(one, headers) as (answer, lines):
            next(line for line in lines if line.startswith("id: "))
            _tell(folder, "a")
            assert _data(lines) == 'data: {"id":"a"}'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"


def test_who_leaves_makes_room(folder):
    """Closed connections are noticed, although nothing is sent to them."""
    headers = _token(folder)
    with lab_controller(folder) as one:
        one.wait_until("/readyz", 200)
        for number in range(2 * MAX_STREAMS_OF_ONE):
            with _stream(one, headers) as (answer, lines):
                assert answer.status_code == 200
                next(lines)
            _wait_for_ends(one, number + 1)


def _wait_for_ends(one: Controller, count: int) -> None:
    """Wait until the server says that so many streams are over."""
    until = time.monotonic() + SOON_S
    while time.monotonic() < until:
        lines = one.logged("Access Log")
        if sum(line["path"] == EVENTS for line in lines) >= count:
            return
        time.sleep(0.02)
    raise AssertionError("the server still sends")


def test_streams_end_with_the_process(folder):
    """After SIGTERM at once, whole, and the process ends by itself."""
    headers = _token(folder)
    with lab_controller(folder, DRAIN_DELAY="0.5") as one:
        one.wait_until("/readyz", 200)
        with _stream(one, headers) as (_, lines):
            next(lines)
            one.terminate()
            rest = list(lines)
        assert one.process.wait(SOON_S) == 0
    assert not [line for line in rest if line.startswith("event: ")]
