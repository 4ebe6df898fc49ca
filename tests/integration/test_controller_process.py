"""`sentinel controller` with real sockets: its start, its waiting and its end."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from tests.support.batches import batch, observation
from tests.support.controllers import (
    Controller,
    controller,
    furnish_lab,
    lab_controller,
    lab_signer,
)
from tests.support.environments import HMAC_SECRET, SECRET_KEY

from sentinel_netlab.client.answers import Answer, Outcome
from sentinel_netlab.client.sensor import TELEMETRY, SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.wire import encode_batch

END_S = 25.0
"""From SIGTERM to the end; later, a container runtime kills."""


@pytest.fixture
def folder(tmp_path):
    """The data of a lab at head."""
    made = tmp_path / "lab"
    made.mkdir(mode=0o700)
    furnish_lab(made)
    return made


def send(one: Controller, signer: Signer) -> Answer:
    """A batch, by the sensor's own client."""
    content = batch(1, observations=[observation()])

    async def run():
        async with SensorClient(str(one.http.base_url), signer) as client:
            return await client.send_batch(
                content.batch_id, encode_batch(content), "identity"
            )

    return asyncio.run(run())


def stall(one: Controller, signer: Signer) -> socket.socket:
    """A signed request of which half the body is sent."""
    content = batch(2)
    body = encode_batch(content)
    headers = signer.headers(
        "POST", TELEMETRY, body, idempotency_key=content.batch_id
    ) | {"Host": "x", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection = one.connect()
    connection.sendall(f"POST {TELEMETRY} HTTP/1.1\r\n{head}\r\n".encode() + body[:9])
    return connection


def test_a_new_lab_takes_a_batch(tmp_path):
    """It makes its database, is ready, takes what is signed; it says that it is lab."""
    folder = tmp_path / "lab"
    with lab_controller(folder) as one:
        one.wait_until("/readyz", 200)
        assert one.status_of("/healthz") == (200, "")
        furnish_lab(folder)
        assert send(one, lab_signer(folder)).outcome is Outcome.TAKEN
        metrics = httpx.get(f"http://127.0.0.1:{one.metrics_port}/metrics")

    [line] = [x for x in one.logged("Access Log") if x["path"] == TELEMETRY]
    assert (line["status"], line["ip"]) == (202, "127.0.0.1")
    assert 'route="/api/v1/telemetry",status="202"} 1.0' in metrics.text
    assert any("lab profile" in x["event"] for x in one.lines)


def test_sigterm_with_a_stalled_body(folder):
    """Readiness goes off, requests are served, the sender is told, and it ends by 0."""
    with lab_controller(folder, DRAIN_DELAY="2") as one:
        one.wait_until("/readyz", 200)
        with stall(one, lab_signer(folder)) as stalled:
            one.terminate()
            one.wait_until("/readyz", 503)
            assert one.status_of("/readyz") == (503, "draining")
            assert send(one, lab_signer(folder)).outcome is Outcome.TAKEN
            assert one.process.wait(END_S) == 0
            told = stalled.recv(1000)

    assert told.startswith(b"HTTP/1.1 408 ")
    assert one.logged("Stopped")[0]["in_flight"] == 0


def test_without_a_database_it_stays_and_says_so():
    """Alive, not ready, and every route is 503; SIGTERM ends it all the same."""
    env = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "CONTROLLER_SECRET_KEY": SECRET_KEY,
        "CONTROLLER_HMAC_SECRET": HMAC_SECRET,
        "REQUIRE_TLS": "false",
        "DRAIN_DELAY": "0",
    }
    with controller(**env) as one:
        one.wait_until("/healthz", 200)
        one.wait_until("/readyz", 503)
        assert one.status_of("/readyz") == (503, "db_unreachable")
        assert one.status_of("/api/v1/alerts") == (503, "db_unreachable")
        one.terminate()
        assert one.process.wait(END_S) == 0


def test_a_port_that_is_taken_ends_it(tmp_path):
    """Nobody is served by halves."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with lab_controller(tmp_path, SENTINEL_METRICS_PORT=port) as one:
            status = one.process.wait(60)

    assert status == 1
    assert one.logged("Listener Failed")


def test_no_two_controllers_share_a_port(tmp_path):
    """The second ends; the first does not notice."""
    with lab_controller(tmp_path / "first") as first:
        first.wait_until("/readyz", 200)
        port = str(first.port)
        with lab_controller(tmp_path / "second", SENTINEL_PORT=port) as second:
            assert second.process.wait(60) == 1
        assert first.status_of("/readyz") == (200, "")
