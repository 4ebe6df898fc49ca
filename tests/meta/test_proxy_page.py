"""docs/reference/proxy-trust.md says what the resolver does."""

from __future__ import annotations

import re

import pytest
from tests.meta.test_sizes import ROOT
from tests.support.environments import environment

from sentinel_netlab.controller.proxy import Client, TrustedProxies, resolve
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.settings import read

PAGE = (ROOT / "docs/reference/proxy-trust.md").read_text()
EXAMPLES = PAGE.split("## Examples")[1].split("## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in EXAMPLES.splitlines()
    if line.startswith("|")
][2:]
TRUSTED = TrustedProxies.parse(
    re.findall(r"`TRUSTED_PROXY_CIDRS=([^`]+)`", EXAMPLES)[0]
)
REFUSED = {
    "a host name": "nginx",
    "`*`": "*",
    "a `/0`": "::/0",
    "host bits": "10.0.0.1/8",
    "a dotted mask": "10.0.0.0/255.0.0.0",
    "leading zeros": "010.0.0.1",
    "a zone": "fe80::1%eth0",
    "a port": "192.0.2.2:80",
    "quotes": '"192.0.2.2"',
    "another separator": "192.0.2.2;192.0.2.3",
}
IGNORED = ["Forwarded", "X-Real-IP", "X-Forwarded-Ssl", "X_Forwarded_Proto"]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_example_is_so(row):
    """Each line of the table."""
    peer, xff, xfp, address, scheme = row
    headers = [(b"X-Forwarded-For", xff.encode())]
    if xfp:
        headers.append((b"X-Forwarded-Proto", xfp.encode()))

    client = resolve(peer, headers, TRUSTED)

    assert (client.address or "", client.scheme) == (address, scheme)


def test_examples_are_there():
    """The table is found, and shows both ends."""
    assert len(ROWS) > 8
    assert {row[4] for row in ROWS} == {"http", "https"}


def test_the_list_of_what_is_refused_is_complete():
    """The page names each kind, and no other."""
    [sentence] = re.findall(r"stops the start with exit status 78: (.*)\.\n", PAGE)

    assert sentence.split(", ") == list(REFUSED)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_stops_the_start(kind):
    """With one problem."""
    environ = environment(TRUSTED_PROXY_CIDRS=f"192.0.2.1, {REFUSED[kind]}")

    [problem] = read(ControllerSettings, environ).problems

    assert problem.startswith("TRUSTED_PROXY_CIDRS: item 2 ")


@pytest.mark.parametrize("name", IGNORED)
@pytest.mark.parametrize("value", [b"https", b"on", b"for=1.2.3.4;proto=https"])
def test_what_never_counts_does_not(name, value):
    """Even from a proxy of the list."""
    client = resolve("192.0.2.2", [(name.encode(), value)], TRUSTED)

    assert client == Client("192.0.2.2", "http", True, False)
    assert name in PAGE or "underscores" in PAGE


def test_unset_means_nobody():
    """Loopback too."""
    headers = [(b"X-Forwarded-For", b"1.2.3.4"), (b"X-Forwarded-Proto", b"https")]
    for text in ("", " , "):
        client = resolve("127.0.0.1", headers, TrustedProxies.parse(text))
        assert client == Client("127.0.0.1", "http", False, False)


def test_who_is_inside_the_list_chooses():
    """Why the page says: name the proxy, not its network."""
    network = TrustedProxies.parse("172.18.0.0/16")
    headers = [(b"X-Forwarded-For", b"1.2.3.4"), (b"X-Forwarded-Proto", b"https")]

    gateway = resolve("172.18.0.1", headers, network)

    assert gateway == Client("1.2.3.4", "https", True, False)
