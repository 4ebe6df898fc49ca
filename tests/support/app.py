"""
The whole application in the test's own event loop, on a database at head.

    def test_it(migrated_url):
        async def ask(lab):
            return await lab.http.get("/api/v1/health")

        assert on_app(migrated_url, ask).status_code == 200
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.support.batches import NOW, SENSOR, furnish
from tests.support.environments import HMAC_SECRET, environment

from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.controller.app import Routes, make_app
from sentinel_netlab.controller.asgi import App
from sentinel_netlab.controller.gate import Limits
from sentinel_netlab.controller.logs import make_logger
from sentinel_netlab.controller.readiness import READY, Finding, Probe
from sentinel_netlab.controller.routes import ROUTES
from sentinel_netlab.controller.services import Services
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.wiring import Clocks, make_services
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.settings import load
from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.tables import sites

PEER = "192.0.2.7"
BASE = "https://controller.test"
_T = TypeVar("_T")


@dataclass
class Clock:
    """A clock that moves when told to; wall and monotonic time in one."""

    now: datetime = NOW

    def wall(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.now.timestamp()

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class StubProbe:
    """Finds what it is told to find."""

    finding: Finding = Finding(READY, "head")

    async def quick(self) -> Finding:
        return self.finding

    async def full(self) -> Finding:
        return self.finding


@dataclass
class Lab:
    """
    A running application.

    Attributes:
        http: asks it by https from `PEER`, nobody's behalf.
        signer: of the sensor `SENSOR`, which is enrolled.
        sensor: the client of that sensor.
    """

    app: App
    services: Services
    engine: AsyncEngine
    clock: Clock
    http: httpx.AsyncClient
    signer: Signer
    sensor: SensorClient
    stream: io.BytesIO = field(repr=False)

    def logs(self, event: str | None = None) -> list[dict[str, Any]]:
        """What was logged, or the lines of *event*."""
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in lines if event is None or line["event"] == event]


def settings_for(url: str | None = None, **changed: Any) -> ControllerSettings:
    """Complete settings of production for the database *url*, some fields changed."""
    settings = load(ControllerSettings, environment())
    if url is not None:
        changed["database_url"] = SecretStr(url)
    return settings.model_copy(update=changed)


def sensor_key(sensor_id: str = SENSOR, key_version: int = 1) -> bytes:
    """What *sensor_id* signs with."""
    return derive_key(HMAC_SECRET.encode(), sensor_id, key_version)


def signer_for(clock: Clock, sensor_id: str = SENSOR, key_version: int = 1) -> Signer:
    """Signs in the name of *sensor_id*."""
    key = sensor_key(sensor_id, key_version)
    return Signer(sensor_id, key_version, key, clock.wall)


def transport_to(
    app: App, peer: str = PEER, *, raises: bool = True
) -> httpx.ASGITransport:
    """A connection of *peer* to *app*."""
    return httpx.ASGITransport(app, client=(peer, 50_000), raise_app_exceptions=raises)


@asynccontextmanager
async def running(
    url: str | None,
    *,
    routes: Routes = ROUTES,
    clock: Clock | None = None,
    probe: Probe | None = None,
    limits: Limits | None = None,
    **settings: Any,
) -> AsyncIterator[Lab]:
    """
    The application, ready, in front of *url* with one site and sensor in it.

    Without a *url* there is no database; nothing that is asked may need one.
    """
    clock, stream = clock or Clock(), io.BytesIO()
    services = make_services(
        chosen := settings_for(url, **settings),
        engine := make_engine(chosen.database_url.get_secret_value()),
        probe or StubProbe(),
        make_logger("info", clock.wall, stream),
        Clocks(clock.wall, clock.monotonic),
    )
    watch = asyncio.create_task(services.readiness.watch())
    app = make_app(services, routes, limits)
    transport, signer = transport_to(app), signer_for(clock)
    try:
        if url is not None:
            await _furnished(engine)
        await _settled(services)
        async with (
            httpx.AsyncClient(transport=transport, base_url=BASE) as http,
            SensorClient(BASE, signer, transport=transport_to(app)) as sensor,
        ):
            yield Lab(app, services, engine, clock, http, signer, sensor, stream)
    finally:
        watch.cancel()
        await asyncio.wait({watch})
        await services.outbox.close()
        await engine.dispose()


def on_app(url: str | None, ask: Callable[[Lab], Awaitable[_T]], **options: Any) -> _T:
    """What *ask* gives of an application that `running` starts with *options*."""

    async def run() -> _T:
        async with running(url, **options) as lab:
            return await ask(lab)

    return asyncio.run(run())


async def _furnished(engine: AsyncEngine) -> None:
    async with engine.begin() as c:
        if not (await c.execute(sa.select(sites.c.id))).first():
            await furnish(c)


async def _settled(services: Services) -> None:
    """Wait until the first looks are through: a few turns of the loop."""
    for _ in range(50):
        await asyncio.sleep(0)
        if services.readiness.verdict.serves:
            return
