"""The chain by itself: what is hashed, and what a walk along it finds."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.batches import NOW

from sentinel_netlab.store.audit_chain import (
    GENESIS,
    Entry,
    Fault,
    Head,
    Link,
    Walk,
    plain_details,
    plain_text,
)

ENTRY = Entry(
    id=7,
    position=1,
    timestamp=NOW,
    event_type="token",
    actor="änn",
    action="create",
    resource="t1",
    details={"b": 1, "a": None},
    ip_address="192.0.2.1",
)
CANONICAL = (
    b'{"action":"create","actor":"\\u00e4nn","details":{"a":null,"b":1},'
    b'"event_type":"token","id":7,"ip_address":"192.0.2.1","position":1,'
    b'"resource":"t1","timestamp":"2026-03-01T12:00:00.000000+00:00"}'
)
CHANGES = {
    "id": 8,
    "position": 2,
    "timestamp": NOW + timedelta(microseconds=1),
    "event_type": "user",
    "actor": None,
    "action": "",
    "resource": "t1 ",
    "details": {"b": "1", "a": None},
    "ip_address": "192.0.2.2",
}


def test_bytes_that_are_hashed():
    """As docs/reference/audit.md says, for others to compute."""
    expected = hashlib.sha256(bytes(32) + CANONICAL).hexdigest()

    assert ENTRY.canonical() == CANONICAL
    assert ENTRY.hash(GENESIS) == expected


def test_zone_of_a_time_changes_nothing():
    """The same moment is the same row."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))

    assert replace(ENTRY, timestamp=elsewhere).canonical() == CANONICAL


@pytest.mark.parametrize("name", CHANGES)
def test_every_column_is_hashed(name):
    """And so is the hash before."""
    assert replace(ENTRY, **{name: CHANGES[name]}).hash(GENESIS) != ENTRY.hash(GENESIS)
    assert ENTRY.hash("1" * 64) != ENTRY.hash(GENESIS)


def chain(count: int) -> list[Link]:
    """A whole one."""
    links, previous = [], GENESIS
    for position in range(1, count + 1):
        entry = replace(ENTRY, id=position, position=position)
        links.append(Link(entry, previous, entry.hash(previous)))
        previous = links[-1].hash or ""
    return links


def walked(links: list[Link], kept: Head | None) -> Fault | None:
    """The first fault of a walk."""
    walk = Walk()
    faults = (walk.step(link) for link in links)
    return next((fault for fault in faults if fault), None) or walk.end(kept)


def head_of(links: list[Link]) -> Head | None:
    return Head(len(links), links[-1].hash) if links else None


@given(st.integers(0, 6))
def test_whole_chain_has_no_fault(count):
    """Of any length."""
    links = chain(count)

    assert walked(links, head_of(links)) is None


@given(st.data())
def test_any_other_order_is_found_at_the_first_row_that_moved(data):
    """Rows that are missing, repeated, or in another place."""
    links = chain(6)
    order = data.draw(st.lists(st.integers(0, 5), max_size=8))
    fault = walked([links[n] for n in order], head_of(links))
    same = next((n for n, m in enumerate(order) if n != m), len(order))

    assert (fault is None) == (order == [0, 1, 2, 3, 4, 5])
    if fault and not (len(order) > 6 and same == 6):
        assert fault.position in {same + 1, order[same] + 1 if order[same:] else 7}


@given(
    st.integers(0, 5), st.sampled_from(sorted(CHANGES)), st.sampled_from([None, "0"])
)
def test_any_change_is_found_at_its_row(at, name, digest):
    """In a column, or in a hash."""
    links = chain(6)
    changed = replace(links[at].entry, **{name: CHANGES[name]})
    links[at] = replace(links[at], entry=changed)
    if digest is not None:
        links[at] = replace(chain(6)[at], hash=digest * 64)
    if links[at] == chain(6)[at]:
        return
    fault = walked(links, head_of(chain(6)))

    assert fault
    assert fault.position in {at + 1, changed.position}


@pytest.mark.parametrize(
    ("kept", "fault"),
    [
        (None, Fault("the kept head is missing")),
        (Head(7, "0" * 64), Fault("the row is missing", 7)),
        (Head(5, chain(5)[-1].hash), Fault("the kept head is another", 6)),
        (Head(6, "0" * 64), Fault("the kept head is another", 6)),
    ],
)
def test_end_is_compared_with_the_kept_head(kept, fault):
    """More, fewer, or another row."""
    assert walked(chain(6), kept) == fault


@given(st.integers(0, 10**18 - 1))
def test_head_is_read_as_it_is_written(position):
    """``<position>:<hash>``."""
    head = Head(position, "ab" * 32)

    assert Head.parse(f" {head}\n") == head


@given(st.text())
def test_other_texts_are_no_head(text):
    """An error, and no other."""
    with pytest.raises(ValueError, match="a head is"):
        Head.parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_details_are_plain_and_stay_so(details):
    """No float, no NUL, no lone surrogate; once more changes nothing."""
    plain = plain_details(details)

    assert plain_details(plain) == plain
    assert "\0" not in str(plain)
    assert "float" not in str(types_in(plain))
    str(plain).encode()


def types_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(types_in, value.values()), *map(types_in, value))
    if isinstance(value, list):
        return set().union(*map(types_in, value))
    return {type(value).__name__}


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a\0b", "a\\x00b"), ("\ud800", "\\ud800"), ("x" * 9, "x" * 8), (None, None)],
)
def test_texts_are_what_both_databases_take(text, plain):
    """Escaped, then cut."""
    assert plain_text(text, 8) == plain
