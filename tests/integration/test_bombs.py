"""Bodies made to hurt, signed by a sensor gone bad, sent to a real controller."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from tests.support.batches import alert, batch, observation
from tests.support.controllers import (
    Controller,
    furnish_lab,
    lab_controller,
    lab_signer,
)

from sentinel_netlab.client.sensor import TELEMETRY
from sentinel_netlab.core.inflate import zstd
from sentinel_netlab.core.wire import MAX_OBSERVATIONS, encode_batch

MIB = 1 << 20
GROWTH_BYTES = 50 * MIB
"""What the process may grow by, whatever it is sent."""
BATCH = batch(1, observations=[observation()], alerts=[alert()])
TEXT = encode_batch(BATCH)


def gzip_of_zeros(length: int) -> bytes:
    """A gzip member of *length* zeros without its end: one block, again and again."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = pack.compress(bytes(16 * MIB)) + pack.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + block * (length // (16 * MIB))


def zstd_of_zeros(length: int) -> bytes:
    """A zstd frame of *length* zeros, by blocks that say "128 KiB of this octet"."""
    size = 1 << 17
    block = (size << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    last = (size << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"\0"
    head = bytes.fromhex("28b52ffd") + b"\0" + (13 << 3).to_bytes(1)
    return head + block * (length // size - 1) + last


def wide_zstd() -> bytes:
    """A frame of the batch that wants a window of 128 MiB."""
    head = bytes.fromhex("28b52ffd") + b"\0" + ((27 - 10) << 3).to_bytes(1)
    return head + (len(TEXT) << 3 | 1).to_bytes(3, "little") + TEXT


def packed(content: bytes) -> bytes:
    """*content* beside noise, so that its ratio is no reason."""
    noise = random.Random(7).randbytes(200_000).hex().encode()
    return zstd.compress(content.replace(b"{", b'{"noise":"%s",' % noise, 1))


def with_value(name: bytes, value: bytes) -> bytes:
    """The batch with *value* for the evidence, or the sequence, or a text."""
    old = {
        b"evidence": b'{"peak_frames":64}',
        b"sequence": b"1",
        b"title": b'"Deauthentication flood"',
        b"confidence": b"0.9",
    }[name]
    made = TEXT.replace(b'"%s":%s' % (name, old), b'"%s":%s' % (name, value))
    assert made != TEXT
    return made


def evidence(value: bytes) -> bytes:
    return with_value(b"evidence", b'{"x":%s}' % value)


def many_observations() -> bytes:
    one = observation()
    return encode_batch(batch(1, observations=[one] * (MAX_OBSERVATIONS + 1)))


BOMBS: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "gzip of 10 GB": ("gzip", lambda: gzip_of_zeros(10 << 30), 413),
    "gzip of 1 GB": ("gzip", lambda: gzip_of_zeros(10 << 30)[:MIB], 413),
    "zstd of 10 GB": ("zstd", lambda: zstd_of_zeros(10 << 30), 413),
    "zstd with a wide window": ("zstd", wide_zstd, 400),
    "gzip in gzip": ("gzip", lambda: gzip.compress(gzip.compress(TEXT)), 400),
    "two members": ("gzip", lambda: gzip.compress(TEXT) * 2, 400),
    "two encodings": ("gzip, gzip", lambda: gzip.compress(gzip.compress(TEXT)), 415),
    "half a member": ("gzip", lambda: gzip.compress(TEXT)[:-9], 400),
    "deep arrays": ("identity", lambda: evidence(b"[" * 100_000), 400),
    "deep closed arrays": (
        "identity",
        lambda: evidence(b"[" * 100_000 + b"]" * 100_000),
        400,
    ),
    "deep objects": ("identity", lambda: evidence(b'{"a":' * 100_000), 400),
    "five million lists": (
        "zstd",
        lambda: packed(evidence(b"[" + b"[]," * 5_000_000 + b"1]")),
        400,
    ),
    "three million texts": (
        "zstd",
        lambda: packed(evidence(b"[" + b'"a",' * 3_000_000 + b"1]")),
        400,
    ),
    "a million digits": ("identity", lambda: evidence(b"1" * 1_000_000), 400),
    "a count of digits": (
        "identity",
        lambda: with_value(b"sequence", b"1" * 100_000),
        400,
    ),
    "a huge exponent": (
        "identity",
        lambda: with_value(b"confidence", b"1e999999999"),
        400,
    ),
    "the largest float": ("identity", lambda: evidence(b"1e308"), 400),
    "NaN": ("identity", lambda: with_value(b"confidence", b"NaN"), 400),
    "Infinity": ("identity", lambda: evidence(b"Infinity"), 400),
    "invalid UTF-8": ("identity", lambda: with_value(b"title", b'"\xff\xfe"'), 400),
    "raw surrogate": (
        "identity",
        lambda: with_value(b"title", b'"\xed\xa0\x80"'),
        400,
    ),
    "lone surrogate": ("identity", lambda: with_value(b"title", b'"\\ud800"'), 400),
    "NUL": ("identity", lambda: with_value(b"title", b'"\\u0000"'), 400),
    "a name twice": ("identity", lambda: evidence(b'1,"x":2'), 400),
    "a name twice, escaped": ("identity", lambda: evidence(b'1,"\\u0078":2'), 400),
    "a field twice": (
        "identity",
        lambda: TEXT.replace(b"{", b'{"sequence":9,', 1),
        400,
    ),
    "something behind": ("identity", lambda: TEXT + b"{}", 400),
    "a byte order mark": ("identity", lambda: b"\xef\xbb\xbf" + TEXT, 400),
    "UTF-16": ("identity", lambda: json.dumps({}).encode("utf-16"), 400),
    "too many observations": ("zstd", lambda: packed(many_observations()), 400),
    "nothing": ("identity", lambda: b"", 400),
}


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A controller of the lab, its data, and its size before anything was sent."""
    folder = tmp_path_factory.mktemp("lab")
    furnish_lab(folder)
    with lab_controller(folder, SENTINEL_CREDENTIAL_BURST="1000") as one:
        one.wait_until("/readyz", 200)
        post(one, folder, TEXT, "identity", key="a" * 32)  # what is imported late
        yield one, folder, high_water_bytes(one)


def high_water_bytes(one: Controller) -> int:
    """The most memory that the process ever had resident."""
    status = Path(f"/proc/{one.process.pid}/status").read_text()
    [line] = [x for x in status.splitlines() if x.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def post(
    one: Controller, folder: Path, body: bytes, encoding: str, key: str = ""
) -> int:
    """The status of the answer to a signed body, sent in chunks."""
    headers = lab_signer(folder).headers(
        "POST",
        TELEMETRY,
        body,
        idempotency_key=key or BATCH.batch_id,
        encoding=encoding,
    ) | {"Host": "x", "Transfer-Encoding": "chunked"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with one.connect() as connection:
        connection.sendall(f"POST {TELEMETRY} HTTP/1.1\r\n{head}\r\n".encode())
        with suppress(ConnectionError):  # it is refused before its end
            for at in range(0, len(body), 1 << 16):
                part = body[at : at + (1 << 16)]
                connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            connection.sendall(b"0\r\n\r\n")
        return int(connection.recv(1000).split()[1])


@pytest.mark.parametrize("name", BOMBS)
def test_bomb(target, name):
    """Refused as content, within bounded memory; the controller goes on."""
    one, folder, before_bytes = target
    encoding, make, status = BOMBS[name]

    assert post(one, folder, make(), encoding) == status
    assert high_water_bytes(one) - before_bytes < GROWTH_BYTES
    assert one.status_of("/readyz") == (200, "")


def test_the_batch_itself_is_taken(target):
    """So that the bombs are refused for what they are."""
    one, folder, _ = target

    good = encode_batch(batch(2, observations=[observation()], alerts=[alert()]))
    assert post(one, folder, packed(good), "zstd", key=batch(2).batch_id) == 202
