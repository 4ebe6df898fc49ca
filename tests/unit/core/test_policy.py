"""The site's policy."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.policy import Policy, policy_from


def read(*networks: dict) -> Policy:
    return policy_from({"network": list(networks)})


def test_empty_policy_owns_nothing():
    """Without a policy no network is ours."""
    assert not Policy().owns_ssid(b"home")
    assert not Policy().owns_ssid(None)
    assert not Policy().owns_bssid(1)


def test_network_is_read():
    """All keys arrive."""
    policy = read(
        {
            "ssid": "home",
            "bssids": ["02:00:00:00:00:01"],
            "channels": [1, 36],
            "security": ["WPA2-PSK-CCMP"],
            "open": True,
        }
    )

    own = policy.networks[b"home"]
    assert own.bssids == {0x020000000001}
    assert own.channels == {1, 36}
    assert own.security == {"WPA2-PSK-CCMP"}
    assert own.open_allowed


def test_ssid_may_be_hexadecimal():
    """Names that are no text can be written."""
    assert read({"ssid_hex": "00ff"}).owns_ssid(b"\x00\xff")


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        ({"networks": []}, "unknown table 'networks'"),
        ({"network": {}}, "expected [[network]] tables"),
        ({"network": ["x"]}, "network 1: expected a table"),
        ({"network": [{}]}, "needs either ssid or ssid_hex"),
        ({"network": [{"ssid": "a", "ssid_hex": "00"}]}, "needs either"),
        ({"network": [{"ssid": ""}]}, "1 to 32 bytes"),
        ({"network": [{"ssid": "x" * 33}]}, "1 to 32 bytes"),
        ({"network": [{"ssid_hex": "zz"}]}, "hexadecimal"),
        ({"network": [{"ssid": "a", "colour": 1}]}, "unknown key 'colour'"),
        ({"network": [{"ssid": "a", "bssids": "x"}]}, "expected a list"),
        ({"network": [{"ssid": "a", "bssids": ["x"]}]}, "not a MAC address: 'x'"),
        ({"network": [{"ssid": "a", "bssids": [1]}]}, "bssids"),
        ({"network": [{"ssid": "a", "channels": [0]}]}, "not a channel number: 0"),
        ({"network": [{"ssid": "a", "channels": [True]}]}, "not a channel number"),
        ({"network": [{"ssid": "a", "security": [""]}]}, "expected a label"),
        ({"network": [{"ssid": "a"}, {"ssid": "a"}]}, "stands twice"),
    ],
)
def test_mistake_is_named(tables, problem):
    """Each mistake is refused with words that lead to it."""
    with pytest.raises(ValueError, match=r".") as error:
        policy_from(tables)

    assert problem in str(error.value)


def test_all_mistakes_are_named_at_once():
    """The reader does not stop at the first."""
    with pytest.raises(ValueError, match=r"colour.*zz") as error:
        policy_from(
            {"network": [{"ssid": "a", "colour": 1}, {"ssid": "b", "bssids": ["zz"]}]}
        )

    assert "network 1" in str(error.value)
    assert "network 2" in str(error.value)
