"""
Inflate what a request's body holds, within limits.
"""

from __future__ import annotations

import sys
import zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_INFLATED_BYTES = 16 << 20
MAX_RATIO = 100
"""Bytes of content for a byte received; a bomb has a thousand and more."""
SMALL_BYTES = 1 << 16
"""Content up to here may be of any ratio."""
WINDOW_LOG = 23
"""zstd decoders must allow 2^23 (RFC 8878, 3.1.1.1.2), and need not allow more."""
ENCODINGS = ("zstd", "gzip", "identity")
_GZIP_WBITS = 31


class InflateError(ValueError):
    """
    A body that is refused.

    Attributes:
        code: ``unsupported_encoding``, ``content_too_large``, ``bad_encoding``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def inflate(
    body: bytes,
    encoding: str,
    limit_bytes: int = MAX_INFLATED_BYTES,
    ratio: int = MAX_RATIO,
) -> bytes:
    """
    The content of *body*.

    One frame or member alone is inflated: nothing may follow it.

    Raises:
        InflateError: more than *limit_bytes*, or than *ratio* bytes for one of *body*,
            damaged, or an encoding that is not one of `ENCODINGS`.
    """
    if encoding == "identity":
        if len(body) > limit_bytes:
            raise InflateError("content_too_large")
        return body
    if encoding not in ENCODINGS:
        raise InflateError("unsupported_encoding")
    most = min(limit_bytes, max(SMALL_BYTES, ratio * len(body)))
    try:
        content, complete, rest = _steps[encoding](body, most + 1)
    except (zlib.error, zstd.ZstdError):
        raise InflateError("bad_encoding") from None
    if len(content) > most:
        raise InflateError("content_too_large")
    if not complete or rest:
        raise InflateError("bad_encoding")
    return content


def _inflate_zstd(body: bytes, most: int) -> tuple[bytes, bool, bytes]:
    decoder = zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG}
    )
    return decoder.decompress(body, most), decoder.eof, decoder.unused_data


def _inflate_gzip(body: bytes, most: int) -> tuple[bytes, bool, bytes]:
    decoder = zlib.decompressobj(_GZIP_WBITS)
    return decoder.decompress(body, most), decoder.eof, decoder.unused_data


_steps = {"zstd": _inflate_zstd, "gzip": _inflate_gzip}
