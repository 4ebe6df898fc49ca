"""Lines that no input breaks, without secrets."""

from __future__ import annotations

import io
import json
import logging

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.app import Clock

from sentinel_netlab.controller.logs import (
    MAX_TEXT_CHARS,
    Bridge,
    clean_text,
    make_logger,
    take_over,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def written(event: str = "It", level: str = "info", **values) -> list[bytes]:
    """The lines of one call of the logger."""
    stream = io.BytesIO()
    make_logger("debug", Clock().wall, stream).log(20, event, **values)
    return stream.getvalue().splitlines()


def test_a_line_is_an_object():
    """With time in UTC, level and event."""
    [line] = written(a=1, b=[True, None])

    assert json.loads(line) == {
        "timestamp": "2026-03-01T12:00:00Z",
        "event": "It",
        "level": "info",
        "a": 1,
        "b": [True, None],
    }


@given(VALUES)
def test_any_value_is_one_line_of_ascii(value):
    """Octets, surrogates, numbers that are none: nothing raises or breaks out."""
    [line] = written(value=value)

    assert all(0x20 <= octet < 0x7F for octet in line)
    json.loads(line, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Bearer snl_api_ab12_SECRET_crc x", "Bearer snl_api_*** x"),
        ("SNL_API_SECRET", "SNL_API_***"),
        ("/x/snl%5Fapi%5FSECRET?y", "/x/snl%5Fapi%5F***?y"),
        ("postgresql://u:SECRET@db/x", "postgresql://u:***@db/x"),
        ("https://host/path", "https://host/path"),
    ],
)
def test_tokens_and_passwords_are_blotted(text, clean):
    """At any depth."""
    assert clean_text(text) == clean
    assert b"SECRET" not in written(v={"a": [text]})[0]


def test_long_texts_are_cut():
    """And show it."""
    assert clean_text("a" * (MAX_TEXT_CHARS + 1)) == "a" * MAX_TEXT_CHARS + "…"


@pytest.mark.parametrize(("level", "count"), [("warning", 1), ("INFO", 2)])
def test_levels(level, count):
    """What is less than the level is not written."""
    stream = io.BytesIO()
    log = make_logger(level, Clock().wall, stream)
    log.info("a")
    log.error("b")

    assert stream.getvalue().count(b"\n") == count


def test_a_full_disk_stops_nothing():
    """A line is lost, and nobody is told: there is no place to tell it."""
    stream = io.BytesIO()
    log = make_logger("info", Clock().wall, stream)
    stream.close()

    log.info("lost")


@pytest.fixture
def root():
    """The root logger as it was, afterwards."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_libraries_log_the_same_way(root):
    """Their warnings are our lines; their chatter is not."""
    stream = io.BytesIO()
    take_over(make_logger("info", Clock().wall, stream), "info")
    logging.getLogger("lib").warning("pool %s", "postgresql://u:SECRET@db/x")
    logging.getLogger("lib").info("chatter")

    [line] = map(json.loads, stream.getvalue().splitlines())
    assert line["logger"] == "lib"
    assert line["message"] == "pool postgresql://u:***@db/x"
    assert line["level"] == "warning"


@pytest.mark.parametrize(
    ("error", "level", "traced"),
    [
        (psycopg.OperationalError("the connection is closed"), "warning", False),
        (psycopg.errors.UndefinedTable("x"), "error", True),
        (ValueError("x"), "error", True),
    ],
)
def test_an_outage_needs_no_traceback(root, error, level, traced):
    """As the pool tells it of each connection that it had."""
    stream = io.BytesIO()
    take_over(make_logger("info", Clock().wall, stream), "info")
    try:
        raise error
    except type(error):
        logging.getLogger("sqlalchemy.pool").exception("Exception closing")

    [line] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (line["event"], line["level"]) == ("Library", level)
    assert line["message"] == "Exception closing"
    assert ("exception" in line) == traced
    assert ("error" in line) != traced


def test_a_record_that_cannot_be_written_is_none_of_ours(monkeypatch):
    """Arguments that do not fit are the library's fault."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    stream = io.BytesIO()
    bridge = Bridge(make_logger("info", Clock().wall, stream))

    bridge.emit(logging.LogRecord("x", 30, "f", 1, "%d", ("a",), None))

    assert stream.getvalue() == b""
