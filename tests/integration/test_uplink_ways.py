"""A way to the controller that is wrong: the sensor stops, keeps all, and goes on."""

from __future__ import annotations

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.batches import SENSOR, batch, encode_batch, in_transaction
from tests.support.certificates import certificate
from tests.support.controllers import START_S, controller, free_port
from tests.support.databases import migrate
from tests.support.environments import HMAC_SECRET, SECRET_KEY

from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.sensor.spool import Spool
from sentinel_netlab.sensor.spooled import Fresh
from sentinel_netlab.sensor.uplink import Uplink

BATCHES = 3


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def production(tmp_path):
    """The environment of a controller on SQLite, with a sensor enrolled."""
    url = f"sqlite:///{tmp_path / 'controller.db'}"
    migrate(url)

    async def nothing(_c: object) -> None:
        """The site and the sensor are there by then."""

    in_transaction(url, nothing)
    return {
        "DATABASE_URL": url,
        "SENTINEL_ALLOW_SQLITE": "1",
        "CONTROLLER_SECRET_KEY": SECRET_KEY,
        "CONTROLLER_HMAC_SECRET": HMAC_SECRET,
        "SENTINEL_PORT": str(free_port()),
    }


@pytest.fixture
def spool(tmp_path):
    """A spool in which some batches wait."""
    made = Spool(tmp_path / "spool.db", most_bytes=1 << 20)
    for number in range(BATCHES):
        one = batch(number)
        fresh = Fresh(one.batch_id, encode_batch(one), "identity", 1, 1)
        made.append_all("observations", [fresh])
    yield made
    made.close()


def drained(spool: Spool, url: str, ca_file: str = "") -> str:
    """Send what can be sent; the state of the uplink, and why."""

    async def run() -> str:
        key = derive_key(HMAC_SECRET.encode(), SENSOR, 1)
        verify = ssl.create_default_context(cafile=ca_file or None)
        async with SensorClient(
            url, Signer(SENSOR, 1, key, now), verify=verify
        ) as http:
            link = Uplink(spool, http, lanes=["observations"], tell=lambda _: None)
            async with asyncio.timeout(60):
                await link.drain()
            return f"{link.link.state} {link.link.why}"

    return asyncio.run(run())


def serving(one) -> None:
    """Wait until the process says that it is ready."""
    end = time.monotonic() + START_S
    while not any(line["code"] == "ready" for line in one.logged("Readiness")):
        assert one.process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)


def test_expired_certificate(production, spool, tmp_path):
    """Nothing is sent; with a new certificate everything is."""
    port = int(production["SENTINEL_PORT"])
    url = f"https://127.0.0.1:{port}"
    states = []
    for ends_in in (timedelta(days=-1), timedelta(days=1)):
        files = certificate(tmp_path, ends_in=ends_in)
        with controller(**production, **files) as one:
            one.port = port
            serving(one)
            states.append(drained(spool, url, files["TLS_CERT_FILE"]))
            states.append(spool.fill().waiting)

    assert states[0].startswith("stopped TLS: ")
    assert "expired" in states[0]
    assert states[1:] == [BATCHES, "sending ", 0]


@pytest.mark.parametrize(
    "wrong", [{"TRUSTED_PROXY_CIDRS": "192.0.2.1"}], ids=["TRUSTED_PROXY_CIDRS"]
)
def test_wrong_proxies(production, spool, wrong):
    """The gate refuses every batch; when the setting is right, all of them come."""
    port = int(production["SENTINEL_PORT"])
    states = []
    for settings in (wrong, {"REQUIRE_TLS": "false"}):
        with controller(**production, **settings) as one:
            one.port = port
            serving(one)
            states.append(drained(spool, f"http://127.0.0.1:{port}"))
            states.append(spool.fill().waiting)

    assert states == ["stopped 403 insecure_transport", BATCHES, "sending ", 0]
