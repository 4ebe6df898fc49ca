"""Syslog messages by the grammar of RFC 5424."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.messages import NOW, notice

from sentinel_netlab.notify.syslog.format import escape, format_notice, frame

GRAMMAR = re.compile(
    r"<(?P<pri>\d{1,3})>1 (?P<time>\S+) (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) "
    r"(?P<process>[!-~]{1,128}) (?P<msgid>[!-~]{1,32}) "
    r'\[(?P<sd>sentinel@32473(?: [!-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] '
    "\ufeff(?P<text>.*)"
)


def line(**alert: object) -> str:
    """A message of one notice."""
    one = notice(**alert)
    return format_notice(one, host="hq-worker", process=42, created_at=NOW)


def test_message_has_all_fields():
    """Header, structured data and text, in their places."""
    found = GRAMMAR.fullmatch(line())

    assert found is not None
    assert found["time"] == "2026-03-01T12:00:00.250000Z"
    assert (found["host"], found["process"], found["msgid"]) == (
        "hq-worker",
        "42",
        "WD101",
    )
    assert 'code="WD101"' in found["sd"]
    assert found["text"].startswith("Deauthentication flood (raised): 64 frames")


@pytest.mark.parametrize(
    ("severity", "number"),
    [("critical", 2), ("high", 3), ("medium", 4), ("low", 5), ("info", 6)],
)
def test_severity_is_that_of_the_alert(severity, number):
    """Facility 4, security."""
    assert line(severity=severity).startswith(f"<{4 * 8 + number}>1 ")


def test_values_cannot_break_out():
    """Quotation marks, backslashes and brackets are escaped."""
    assert escape('a"b\\c]d\n') == 'a\\"b\\\\c\\]d<0a>'


@given(st.text(), st.text(), st.text(max_size=64))
def test_any_text_keeps_the_grammar(description, ssid, code):
    """An SSID may hold anything."""
    text = line(description=description, ssid_text=ssid, code=code)

    assert GRAMMAR.fullmatch(text)
    assert len(text.splitlines()) == 1


def test_frame_counts_octets():
    """Not characters."""
    assert frame("é\ufeff") == b"5 \xc3\xa9\xef\xbb\xbf"
