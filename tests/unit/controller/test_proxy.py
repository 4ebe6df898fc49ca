"""Who asks, by which scheme, and whose word is taken for it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.proxies import HEALTH, VECTORS, headers_of, transport_of

from sentinel_netlab.controller.proxy import (
    Client,
    ProxyListError,
    TrustedProxies,
    resolve,
)

TRUSTED = TrustedProxies.parse("10.0.0.0/24, 2001:db8:aa::/48, fe80::/64")
PROXY = "10.0.0.2"
HTTPS = (b"x-forwarded-proto", b"https")


def client_of(*xff: bytes, peer: str | None = PROXY) -> Client:
    """The client of a request with these lines of X-Forwarded-For."""
    lines = [(b"x-forwarded-for", value) for value in xff]
    return resolve(peer, lines, TRUSTED)


def scheme_of(*xfp: bytes, transport: str = "http", peer: str = PROXY) -> str:
    """The scheme of a request with these lines of X-Forwarded-Proto."""
    lines = [(b"X-Forwarded-Proto", value) for value in xfp]
    return resolve(peer, lines, TRUSTED, transport_scheme=transport).scheme


class TestVectors:
    @pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
    def test_vector(self, vector):
        """What is expected of each of the shared requests."""
        asked, expect = vector["input"], vector["expect"]
        if expect["decision"] == "config_error":
            with pytest.raises(ValueError, match=r"is|has|trusts"):
                TrustedProxies.parse(asked["trusted_proxy_cidrs"])
            return

        client = resolve(
            asked["peer"],
            headers_of(asked),
            TrustedProxies.parse(asked["trusted_proxy_cidrs"]),
            transport_scheme=transport_of(asked),
        )

        accepted = client.scheme in ("https", "wss") or asked["path"] in HEALTH
        assert client == Client(
            expect["client_ip"],
            expect["scheme"],
            expect["peer_trusted"],
            expect.get("malformed_forwarding", False),
        )
        assert expect["decision"] == ("accept" if accepted else "reject_insecure")


class TestAddress:
    @pytest.mark.parametrize(
        ("xff", "address"),
        [
            ([b"203.0.113.9"], "203.0.113.9"),
            ([b"1.2.3.4, 203.0.113.9"], "203.0.113.9"),
            ([b"1.2.3.4", b"203.0.113.9"], "203.0.113.9"),
            ([b"203.0.113.9", b"10.0.0.7"], "203.0.113.9"),
            ([b"203.0.113.9 ,\t10.0.0.7,10.0.0.8"], "203.0.113.9"),
            ([b",, 203.0.113.9 , ,", b"", b" "], "203.0.113.9"),
            ([b"10.0.0.9, 10.0.0.7"], "10.0.0.9"),
            ([b""], PROXY),
            ([b" , ,"], PROXY),
            ([], PROXY),
            ([b"203.0.113.9:51234"], "203.0.113.9"),
            ([b"203.0.113.9, 10.0.0.7:8443"], "203.0.113.9"),
            ([b"2001:DB8:0:0:0:0:0:5"], "2001:db8::5"),
            ([b"[2001:db8::5]"], "2001:db8::5"),
            ([b"[2001:db8::5]:443"], "2001:db8::5"),
            ([b"203.0.113.9, [2001:db8:aa::1]:443"], "203.0.113.9"),
            ([b"::ffff:203.0.113.9"], "203.0.113.9"),
            ([b"::ffff:cb00:7109"], "203.0.113.9"),
            ([b"[::ffff:203.0.113.9]:80"], "203.0.113.9"),
            ([b"203.0.113.9, ::ffff:10.0.0.7"], "203.0.113.9"),
            ([b"203.0.113.9, 64:ff9b::a00:7"], "64:ff9b::a00:7"),
            ([b"2002:a00:7::"], "2002:a00:7::"),
            ([b"127.0.0.1"], "127.0.0.1"),
            ([b"\xff\xfe, 203.0.113.9"], "203.0.113.9"),
        ],
    )
    def test_client_is_the_first_hop_from_the_right_that_is_not_ours(
        self, xff, address
    ):
        """All lines are one list; what is left of the client is never read."""
        assert client_of(*xff) == Client(address, "http", True, False)

    @pytest.mark.parametrize(
        "element",
        [
            *(b"unknown", b"_hidden", b"localhost", b"evil.example", b"-", b"*"),
            *(b"0177.0.0.1", b"010.0.0.7", b"0x7f.0.0.1", b"2130706433", b"127.1"),
            *(b"10.0.0.256", b"203.0.113.9/32", b"2001:db8::/32", b"1.2.3.4.5"),
            *(b'"203.0.113.9"', b"'203.0.113.9'", b"for=203.0.113.9", b"<b>1</b>"),
            *(b"203.0.113.9;x", b"203.0.113.9 1.2.3.4", b"203.0.113.9\x00"),
            *(b"203.0.113.9\r\n", b"\x0b203.0.113.9", b"203.0.113.9\x85"),
            *(b"\xa0203.0.113.9", b"\xd9\xa11.2.3.4", b"203.0.113.9:", b":80"),
            *(b"203.0.113.9:65536", b"203.0.113.9:-1", b"203.0.113.9:http"),
            *(b"203.0.113.9:1:2", b"[203.0.113.9]", b"[203.0.113.9]:80", b"[]"),
            *(b"[2001:db8::5", b"2001:db8::5]", b"[2001:db8::5]443", b"[[::1]]"),
            *(b"[2001:db8::5]:", b"[2001:db8::5]:99999", b"2001:db8::5::1", b":::"),
            *(b"fe80::1%eth0", b"[fe80::1%25eth0]", b"fe80::1%", b"12345::1"),
            *(b"1" * 100_000, b"[" * 100_000, b":" * 100_000, b"%" * 100_000),
        ],
        ids=lambda element: repr(element[:20]),
    )
    def test_an_unreadable_element_ends_the_walk(self, element):
        """Left of it nothing is believed: the last good hop is the client."""
        assert client_of(element) == Client(PROXY, "http", True, True)
        assert client_of(b"1.2.3.4, " + element + b", 10.0.0.7") == Client(
            "10.0.0.7", "http", True, True
        )
        assert not client_of(element + b", 203.0.113.9").malformed

    def test_a_long_header_costs_little(self):
        """A megabyte of hops of ours is walked once."""
        client = client_of(b"203.0.113.9" + b",10.0.0.7" * 100_000)

        assert client.address == "203.0.113.9"


class TestPeer:
    @pytest.mark.parametrize("peer", [None, "", "unix:", "/run/x.sock", "10.0.0.2%e"])
    def test_what_is_no_address_is_nobody(self, peer):
        """Unix sockets are not in a list of addresses."""
        client = resolve(peer, [(b"x-forwarded-for", b"1.2.3.4"), HTTPS], TRUSTED)

        assert client == Client(None, "http", False, False)

    @pytest.mark.parametrize(
        ("peer", "address", "believed"),
        [
            ("10.0.0.255", "203.0.113.9", True),
            ("10.0.1.0", "10.0.1.0", False),
            ("9.255.255.255", "9.255.255.255", False),
            ("::ffff:10.0.0.2", "203.0.113.9", True),
            ("::ffff:198.51.100.7", "198.51.100.7", False),
            ("64:ff9b::a00:2", "64:ff9b::a00:2", False),
            ("::a00:2", "::a00:2", False),
            ("2001:DB8:AA:0:0:0:0:2", "203.0.113.9", True),
            ("fe80::1%eth0", "203.0.113.9", True),
            ("fe80:0:0:1::1%eth0", "fe80:0:0:1::1", False),
            ("127.0.0.1", "127.0.0.1", False),
        ],
    )
    def test_only_a_named_peer_is_believed(self, peer, address, believed):
        """Addresses are compared in one form, without zones."""
        client = resolve(peer, [(b"x-forwarded-for", b"203.0.113.9"), HTTPS], TRUSTED)

        scheme = "https" if believed else "http"
        assert client == Client(address, scheme, believed, False)

    def test_by_default_nobody_is_believed(self):
        """Not even loopback."""
        headers = [(b"x-forwarded-for", b"203.0.113.9"), HTTPS]

        client = resolve("127.0.0.1", headers, TrustedProxies())

        assert client == Client("127.0.0.1", "http", False, False)


class TestScheme:
    @pytest.mark.parametrize(
        "lines",
        [
            [b"https"],
            [b"HTTPS"],
            [b" https\t"],
            [b"https, https"],
            [b"https", b"HTTPS"],
            [b"https,,"],
            [b"", b"https"],
        ],
    )
    def test_https_where_each_element_says_so(self, lines):
        """Empty elements say nothing."""
        assert scheme_of(*lines) == "https"

    @pytest.mark.parametrize(
        "lines",
        [
            *([b"http"], [b"https,http"], [b"http,https"], [b""], [b" , "]),
            *([b"https", b"http"], [b"http", b"https"], [b"https", b"x"]),
            *([b"https://"], [b"https;q=1"], [b'"https"'], [b"https https"]),
            *([b"on"], [b"ssl"], [b"wss"], [b"https\x00"], [b"\xa0https"]),
            *([b"http\xc5\xbf"], [b"https\r\n"]),
        ],
    )
    @pytest.mark.parametrize("transport", ["http", "https"])
    def test_http_where_one_does_not(self, lines, transport):
        """Not even TLS to the proxy makes up for what the proxy says."""
        assert scheme_of(*lines, transport=transport) == "http"

    @pytest.mark.parametrize("transport", ["http", "https", "ws", "wss"])
    def test_without_the_header_the_connection_decides(self, transport):
        """Of a trusted peer, and of any other whatever it states."""
        assert scheme_of(transport=transport) == transport
        for stated in (b"http", b"https"):
            assert scheme_of(stated, transport=transport, peer="::1") == transport

    @pytest.mark.parametrize("stated", [b"https", b"wss", b"WSS, https"])
    def test_web_sockets_have_their_schemes(self, stated):
        """Https of a web socket is wss."""
        assert scheme_of(stated, transport="ws") == "wss"
        assert scheme_of(b"http", transport="wss") == "ws"
        assert scheme_of(b"ws", transport="ws") == "ws"


OTHERS = [
    *("Forwarded", "X-Real-IP", "CF-Connecting-IP"),
    *("True-Client-IP", "X-Client-IP", "X-Cluster-Client-IP"),
    *("X-Forwarded", "X-Forwarded-Ssl", "X-Forwarded-Protocol"),
    *("X-Forwarded-Scheme", "Front-End-Https", "X-Url-Scheme"),
    *("X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix"),
    *("X_Forwarded_For", "X_Forwarded_Proto", "X-Forwarded_For"),
    *("X-Forwarded-For_", "Via", "Host"),
    *(":scheme"),
]


@pytest.mark.parametrize("name", [*OTHERS, "X-Forwarded-For ", " X-Forwarded-Proto"])
@pytest.mark.parametrize("value", [b"1.2.3.4", b"https", b"on", b"for=1.2.3.4"])
def test_other_headers_say_nothing(name, value):
    """Two headers count, and these are others."""
    headers = [(name.encode(), value)]

    assert resolve(PROXY, headers, TRUSTED) == Client(PROXY, "http", True, False)


class TestParse:
    @pytest.mark.parametrize(
        ("text", "same"),
        [
            ("", ""),
            (" \t\n", ""),
            (",, ,", ""),
            (" 10.0.0.0/24 ,,\n192.0.2.1, ", "10.0.0.0/24,192.0.2.1/32"),
            ("2001:0DB8:00AA:0:0:0:0:0/48", "2001:db8:aa::/48"),
            ("::1", "::1/128"),
            ("::ffff:10.0.0.2", "10.0.0.2/32"),
            ("::ffff:10.0.0.0/120", "10.0.0.0/24"),
            ("10.0.0.0/24,10.0.0.2,10.0.0.0/24", "10.0.0.0/24"),
            ("0.0.0.0/1", "0.0.0.0/1"),
        ],
    )
    def test_lists(self, text, same):
        """White space and empty items are tolerated; the rest is one form."""
        trusted = TrustedProxies.parse(text)

        assert str(trusted) == same
        assert bool(trusted) == bool(same)
        assert TrustedProxies.parse(same) == trusted

    @pytest.mark.parametrize(
        "item",
        [
            *("nginx", "localhost", "*", "any", "0.0.0.0/0", "::/0", "0/0", "unix:"),
            *("::ffff:0:0/96", "10.0.0.1/8", "2001:db8::1/32", "::ffff:10.0.0.1/120"),
            *("010.0.0.0/8", "10.0.0.0/08", "10.0.0.0/33", "::/129", "10.0.0.0/-1"),
            *("10.0.0.0/255.0.0.0", "10.0.0.0/0.0.0.255", "10.0.0.0/", "/8", "10/8"),
            *("10.0.0.0/8;192.168.0.0/16", '"10.0.0.0/24"', "'::1'", "10.0.0.0/8/8"),
            *("10.0.0.1 10.0.0.2", "[::1]", "10.0.0.1:80", "fe80::1%eth0", "10.0.0.*"),
            *(
                "10.0.0.1-9",
                "167772161",
                "0x0a000001",
                "10.0.0.0/\u0662\u0664",
                "\u0661.1.1.1",
            ),
            *("10.0.0.0 /24", "10.0.0.0/ 24", "10.0.0.0/+24", "1.2.3.4\x00"),
        ],
    )
    def test_any_bad_item_is_refused_by_name(self, item):
        """Good items beside it do not help."""
        with pytest.raises(ProxyListError) as caught:
            TrustedProxies.parse(f"192.0.2.1,, {item} ,192.0.2.2")

        assert repr(item) in str(caught.value)
        assert caught.value.position == 2
        assert item not in caught.value.reason

    def test_halves_of_everybody_are_everybody(self):
        """0.0.0.0/1 and 128.0.0.0/1 are a /0 in two words."""
        with pytest.raises(ProxyListError, match="everybody"):
            TrustedProxies.parse("0.0.0.0/1, 128.0.0.0/1")

    def test_host_bits_are_explained(self):
        """The message has both things that may have been meant."""
        with pytest.raises(ValueError, match=r"10\.0\.0\.0/8 or 10\.0\.0\.1/32"):
            TrustedProxies.parse("10.0.0.1/8")


PEERS = st.one_of(
    st.none(), st.text(max_size=40), st.ip_addresses().map(str), st.just(PROXY)
)
NAMES = st.one_of(
    st.sampled_from([b"X-Forwarded-For", b"x-forwarded-proto", b"X_Forwarded_For"]),
    st.binary(max_size=20),
)
ELEMENTS = st.one_of(
    st.ip_addresses().map(lambda address: str(address).encode()),
    st.text("0123456789abcdef:.[]%/, ", max_size=30).map(str.encode),
    st.sampled_from([b"https", b"10.0.0.7", b"unknown", b"\x00"]),
    st.binary(max_size=30),
)
HEADERS = st.lists(
    st.tuples(NAMES, st.lists(ELEMENTS, max_size=4).map(b",".join)), max_size=6
)


class TestProperties:
    @given(PEERS, HEADERS, st.sampled_from(["http", "https", "ws", "wss"]))
    def test_an_address_is_always_an_address(self, peer, headers, transport):
        """Nothing raises; no text of a header comes out; the form is canonical."""
        client = resolve(peer, headers, TRUSTED, transport_scheme=transport)

        assert client.scheme in ("http", "https", "ws", "wss")
        assert client.scheme.startswith(transport[:2])
        if client.address is not None:
            parsed = ip_address(client.address)
            assert str(parsed) == client.address
            assert getattr(parsed, "ipv4_mapped", None) is None
            assert getattr(parsed, "scope_id", None) is None

    @given(st.ip_addresses(), HEADERS, st.sampled_from(["http", "https"]))
    def test_an_untrusted_peer_states_nothing(self, peer, headers, transport):
        """Whatever the headers are, it is as if there were none."""
        nobody = TrustedProxies()

        client = resolve(str(peer), headers, nobody, transport_scheme=transport)

        bare = resolve(str(peer), [], nobody, transport_scheme=transport)
        assert client == bare
        assert not client.peer_trusted

    @given(st.text(max_size=40))
    def test_parse_raises_only_what_it_says(self, text):
        """A list, or a ValueError."""
        try:
            trusted = TrustedProxies.parse(text)
        except ProxyListError:
            return
        assert all(network.prefixlen > 0 for network in trusted.networks)
