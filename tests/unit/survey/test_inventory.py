"""Networks and their stations."""

from __future__ import annotations

from tests.support.air import (
    AP,
    STATION,
    Air,
    assoc_request,
    beacon,
    data,
    probe_response,
)
from tests.support.run import run

from sentinel_netlab.survey import inventory


def networks(air: Air) -> list:
    return run(air.frames(), []).networks


def test_network_in_wifi_terms():
    """BSSID, name, security, channel, signal, counts."""
    air = Air()
    air.send(beacon(), signal_dbm=-40)
    air.send(probe_response(), signal_dbm=-50)
    [network] = networks(air)

    assert (network.bssid, network.ssid) == (AP, b"net")
    assert network.security == "WPA2-PSK-CCMP"
    assert (network.channel, network.frequency_mhz) == (6, 2437)
    assert (network.beacons, network.probe_responses) == (1, 1)
    assert network.signal_dbm == -45
    assert not network.adhoc


def test_station_is_who_exchanges_data():
    """Either direction and an association request make a station."""
    air = Air()
    air.send(beacon())
    air.send(data(b"x"), signal_dbm=-70)
    air.send(data(b"x", from_ap=True))
    air.send(assoc_request(station=STATION + 1))
    [network] = networks(air)

    assert [one.address for one in network.stations] == [STATION, STATION + 1]
    assert network.stations[0].frames == 2
    assert network.stations[0].signal_dbm == -70


def test_group_addresses_are_no_stations():
    """Broadcast data does not invent a client."""
    air = Air()
    air.send(beacon())
    air.send(data(b"x", station=2**48 - 1, from_ap=True))
    [network] = networks(air)

    assert network.stations == ()


def test_hidden_network_has_no_name():
    """Zero bytes are no name."""
    air = Air()
    air.send(beacon(ssid=b"\0\0\0"))
    [network] = networks(air)

    assert network.ssid == b""


def test_flood_of_names_is_bounded(monkeypatch):
    """Beyond the bound names are counted, not kept."""
    monkeypatch.setattr(inventory, "MOST_NETWORKS", 2)
    air = Air()
    for number in range(5):
        air.send(beacon(bssid=AP + number))
    builder = inventory.InventoryBuilder()
    for frames in air.frames():
        builder.add(frames)

    assert len(builder.networks()) == 2
    assert builder.left_out == 3
