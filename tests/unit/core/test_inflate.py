"""Bodies inflated within limits."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.inflate import (
    MAX_INFLATED_BYTES,
    SMALL_BYTES,
    InflateError,
    inflate,
    zstd,
)

PACK = {
    "zstd": zstd.compress,
    "gzip": gzip.compress,
    "identity": bytes,
}
PACKED = ("zstd", "gzip")


def code(body: bytes, encoding: str, **options) -> str:
    with pytest.raises(InflateError) as caught:
        inflate(body, encoding, **options)
    return caught.value.code


@pytest.mark.parametrize("encoding", PACK)
@given(content=st.binary(max_size=2000))
def test_content_comes_back(encoding, content):
    """Whatever it is, empty too."""
    assert inflate(PACK[encoding](content), encoding) == content


@pytest.mark.parametrize("encoding", PACK)
def test_limit_is_inclusive(encoding):
    """As many bytes as the limit are fine, one more is not."""
    body = PACK[encoding](b"ab" * 50)

    assert len(inflate(body, encoding, limit_bytes=100)) == 100
    assert code(body, encoding, limit_bytes=99) == "content_too_large"


@pytest.mark.parametrize("encoding", PACKED)
def test_bomb_is_too_large(encoding):
    """Zeros without end are not inflated beyond the limit."""
    bomb = PACK[encoding](bytes(2 * MAX_INFLATED_BYTES))

    assert code(bomb, encoding) == "content_too_large"


@pytest.mark.parametrize("encoding", PACKED)
def test_ratio_is_limited_beyond_small_content(encoding):
    """100:1 is a bomb already, unless there is little of it."""
    assert code(PACK[encoding](bytes(1 << 20)), encoding) == "content_too_large"
    assert len(inflate(PACK[encoding](bytes(SMALL_BYTES)), encoding)) == SMALL_BYTES


def test_large_window_is_refused():
    """A frame that asks for 128 MiB of window gets none."""
    parameter = zstd.CompressionParameter
    options = {parameter.window_log: 27, parameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=options)
    body = packer.compress(b"a" * 100) + packer.compress(b"b" * 100) + packer.flush()

    assert code(body, "zstd") == "bad_encoding"


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("what", ["second", "zeros", "skippable"])
def test_nothing_may_follow(encoding, what):
    """A second frame or member, padding, or a skippable frame."""
    body = PACK[encoding](b"{}")
    rest = {"second": body, "zeros": b"\0", "skippable": b"\x50\x2a\x4d\x18\0\0\0\0"}

    assert code(body + rest[what], encoding) == "bad_encoding"


@pytest.mark.parametrize("encoding", PACKED)
def test_cut_body_is_refused(encoding):
    """Every beginning of a body is damaged, the empty one too."""
    body = PACK[encoding](b"some content, some content")

    assert {code(body[:end], encoding) for end in range(len(body))} == {"bad_encoding"}


@pytest.mark.parametrize("encoding", ["br", "zstd, gzip", "GZIP", "", "deflate"])
def test_other_encodings_are_unsupported(encoding):
    """Nested ones too."""
    assert code(b"", encoding) == "unsupported_encoding"


def test_raw_deflate_and_zlib_are_no_gzip():
    """Only gzip is called gzip."""
    assert code(zlib.compress(b"{}"), "gzip") == "bad_encoding"


@pytest.mark.parametrize("encoding", PACKED)
@given(body=st.binary(max_size=200), head=st.booleans())
def test_any_octets_are_inflated_or_refused(encoding, body, head):
    """Nothing else is raised."""
    start = PACK[encoding](b"abc" * 10)[:12] if head else b""
    with contextlib.suppress(InflateError):
        assert len(inflate(start + body, encoding)) <= SMALL_BYTES
