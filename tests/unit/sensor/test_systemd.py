"""What the service manager hears, on a socket of the test."""

from __future__ import annotations

import socket

import pytest

from sentinel_netlab.sensor.systemd import ServiceManager


@pytest.fixture
def manager(tmp_path):
    """A socket, and what is told to it."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(path)
        ear.settimeout(5)
        yield ServiceManager({"NOTIFY_SOCKET": path}), ear


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda m: m.ready("listening"), b"READY=1\nSTATUS=listening"),
        (lambda m: m.alive(), b"WATCHDOG=1"),
        (lambda m: m.status("lost"), b"STATUS=lost"),
        (lambda m: m.stopping(), b"STOPPING=1"),
    ],
)
def test_service_manager_is_told(manager, call, told):
    """One datagram each."""
    service, ear = manager

    call(service)

    assert ear.recv(100) == told


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_nobody_listens(environ):
    """Without a service manager nothing happens, and nothing fails."""
    ServiceManager(environ).ready("listening")


@pytest.mark.parametrize(
    ("environ", "every_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_watchdog_is_for_the_process_it_names(environ, every_s):
    """Process 7 heeds what is meant for it."""
    assert ServiceManager(environ, pid=7).watchdog_s == every_s
