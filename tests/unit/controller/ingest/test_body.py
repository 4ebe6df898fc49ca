"""Bodies bounded by bytes."""

from __future__ import annotations

import asyncio

import pytest

from sentinel_netlab.controller.ingest.body import (
    BodyError,
    declared_bytes,
    read_body,
)


def body(*parts: bytes | None, limit_bytes: int = 10) -> bytes:
    """What `read_body` makes of *parts*; None is a disconnect."""
    messages = iter(parts)

    async def receive():
        part = next(messages)
        if part is None:
            return {"type": "http.disconnect"}
        more = part is not parts[-1]
        return {"type": "http.request", "body": part, "more_body": more}

    return asyncio.run(read_body(receive, limit_bytes=limit_bytes))


def code(*parts: bytes | None) -> str:
    with pytest.raises(BodyError) as caught:
        body(*parts)
    return caught.value.code


def test_parts_are_joined():
    """In their order."""
    assert body(b"ab", b"", b"cd") == b"abcd"


def test_limit_is_inclusive():
    """Ten bytes are ten."""
    assert body(b"12345", b"67890") == b"1234567890"
    assert code(b"12345", b"67890", b"1") == "content_too_large"


def test_endless_body_is_left_at_the_limit():
    """What comes after the limit is not read."""
    assert code(b"x" * 11, b"y", None) == "content_too_large"


def test_sender_that_goes_away():
    """A disconnect in the middle is no body."""
    assert code(b"a", None) == "body_incomplete"


@pytest.mark.parametrize(
    ("lines", "size"),
    [
        ([], 0),
        ([(b"Content-Length", b"7")], 7),
        ([(b"content-length", b"7"), (b"content-length", b"9")], 9),
        ([(b"content-length", b"-7")], 0),
        ([(b"content-length", b"9" * 5000)], 0),
    ],
)
def test_declared_size(lines, size):
    """Text that is no number declares nothing."""
    assert declared_bytes(lines) == size
