"""Requests that nobody means well with: refused in the one shape, without failing."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import product

import httpx
import msgspec
import pytest
from tests.support.app import BASE, Lab, on_app
from tests.support.lists import MANY
from tests.support.people import bearer

from sentinel_netlab.controller.app import make_router
from sentinel_netlab.controller.document import operations
from sentinel_netlab.controller.problems import MEDIA_TYPE, ProblemDocument
from sentinel_netlab.controller.routes import ROUTES

SEED = 20260301
ROUTES_ASKED = [
    (method, path)
    for method, path, _ in operations(make_router(None, ROUTES))
    if path != "/api/v1/events"  # its answer to a good token does not end
]
WRITES = [key for key in ROUTES_ASKED if key[0] in ("POST", "PUT")]
READS = [key for key in ROUTES_ASKED if key[0] == "GET"]
DEEP = 100_000
BODIES = [
    b"",
    b" ",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"1e999",
    b"NaN",
    b"-" + b"9" * 5_000,
    b"[" * DEEP,
    b'{"a":' * DEEP,
    b"\xff\xfe\x00\x00",
    b"\xef\xbb\xbf{}",
    b'{"name":"\\ud800","role":"viewer"}',
    b'{"name":"a\\u0000b","id":"a\\u0000b","role":"viewer"}',
    b'{"name":"x","name":"y","role":"viewer"}',
    b'{"name":"x","role":"viewer","days":' + b"9" * 400 + b"}",
    b'{"name":"x","role":"viewer","days":1e308}',
    b'{"id":"x","name":"' + b"x" * 70_000 + b'"}',
    b'{"id":"x","name":"y","policy":{"network":[{"ssid":"\\u0000"}]}}',
    b'{"id":"x","name":"y","policy":' + b'{"a":' * 500 + b"1" + b"}" * 501,
    b'{"note":"\\u0000","assignee":"\\u0000","reason":"\\u0000"}',
    b'{"latitude_deg":1e999,"longitude_deg":"NaN"}',
]
MEDIA = [
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-16",
    "",
    "x" * 300,
]
QUERIES = [
    "?limit=0", "?limit=501", "?limit=1e2", "?limit=" + "9" * 400, "?limit=",
    "?cursor=", "?cursor=%00", "?cursor=" + "A" * 1_999, "?cursor=gaMBAgM",
    "?%00=1", "?=1", "?&&&",
    "?site=%00", "?site=%ff%fe", "?site=" + "x" * 5_000, "?since=0", "?until=%ff",
    "?since=9999-12-31T23:59:59.999999-23:59", "?since=0001-01-01T00:00:00%2B23:59",
    "?text=%25%25%5C", "?status=open&status=x", "?limit=1&limit=2", "?a[]=1",
]  # fmt: skip
PIECES = [
    "%00", "%ff", "%2e%2e", "..%2f", "%252e", "x" * 2_000, "%F0%9F%98%80",
    "a%0d%0ab: c", "-1", "%20", "';--", "{}", "\\", "%5C%00",
]  # fmt: skip


def problem(answer: httpx.Response) -> None:
    """Refuse what is no success and no problem document; let nothing fail."""
    assert answer.status_code < 500, (answer.request.url, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == MEDIA_TYPE, answer.request.url
        msgspec.json.decode(answer.content, type=ProblemDocument)


async def send(lab: Lab, method: str, url: str, headers: dict, body: bytes) -> str:
    """One request; its status."""
    lab.clock.advance(1)
    answer = await lab.http.request(method, BASE + url, headers=headers, content=body)
    problem(answer)
    return str(answer.status_code)


def asked(url: str, requests: list[tuple[str, str, bytes, str]]) -> Counter[str]:
    """Statuses of *requests*, by an administrator."""

    async def ask(lab: Lab) -> Counter[str]:
        admin = await bearer(lab, "admin")
        found: Counter[str] = Counter()
        for method, path, body, media in requests:
            headers = admin | ({"Content-Type": media} if media else {})
            found[await send(lab, method, path, headers, body)] += 1
        return found

    return on_app(url, ask, **MANY)


def filled(path: str, piece: str) -> str:
    return re.sub(r"\{[^}]*\}", lambda _: piece, path)


def sample(items: list, size: int) -> list:
    return random.Random(SEED).sample(items, min(size, len(items)))


def test_bodies(migrated_url):
    """No JSON, too deep, too long, numbers beyond all, NUL, lone surrogates."""
    requests = [
        (method, filled(path, "1"), body, media)
        for (method, path), body, media in product(WRITES, BODIES, MEDIA)
    ]
    deep = [one for one in requests if one[2] in (BODIES[9], BODIES[10])]
    found = asked(migrated_url, sample(requests, 150) + sample(deep, 20))

    assert set(found) >= {"400", "401"}


def test_queries(migrated_url):
    """Limits, cursors, times and names that are none."""
    requests = [
        (method, filled(path, "1") + query, b"", "")
        for (method, path), query in product(READS, QUERIES)
    ]
    found = asked(migrated_url, sample(requests, 150))

    assert found["400"] > 50


def test_paths(migrated_url):
    """What stands in a path is a name, whatever it looks like."""
    requests = [
        (method, filled(path, piece), b"{}", "application/json")
        for (method, path), piece in product(ROUTES_ASKED, PIECES)
        if "{" in path
    ]
    found = asked(migrated_url, sample(requests, 150))

    assert found["404"] + found["400"] > 50


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_all_of_them(migrated_url):
    """Every body, query and piece of a path with every route that takes it."""
    writes = [
        (method, filled(path, "1"), body, media)
        for (method, path), body, media in product(WRITES, BODIES, MEDIA)
    ]
    reads = [
        (method, filled(path, piece) + query, b"", "")
        for (method, path), query, piece in product(READS, QUERIES, ["1", "%00"])
    ]
    paths = [
        (method, filled(path, piece), b"{}", "application/json")
        for (method, path), piece in product(ROUTES_ASKED, PIECES)
    ]
    found = asked(migrated_url, writes + reads + paths)

    assert found.total() == len(writes) + len(reads) + len(paths)
