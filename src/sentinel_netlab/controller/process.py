"""
The controller as a process: what runs beside its server, and how all of it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.controller.app import make_app
from sentinel_netlab.controller.metrics import make_metrics_app
from sentinel_netlab.controller.outbox import Outbox
from sentinel_netlab.controller.probe import DatabaseProbe, Headroom, database_disks
from sentinel_netlab.controller.routes import ROUTES
from sentinel_netlab.controller.server import Listener, serve
from sentinel_netlab.controller.services import Services
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.wiring import Clocks, make_services
from sentinel_netlab.store.engine import make_engine

POOL_SIZE = 10
CLOSE_S = 0.5
NOBODY_SERVED = 4
"""The part of the free bytes that sensors need below which nobody is served."""


async def run_controller(
    settings: ControllerSettings,
    log: FilteringBoundLogger,
    clocks: Clocks,
    on_signal: Callable[[], None],
) -> int:
    """
    Serve until a signal; the exit status.

    The state of the database never ends it: it is looked at again and again.

    Args:
        on_signal: called at the signal, to end what hangs.
    """
    url = settings.database_url.get_secret_value()
    engine = make_engine(url, application_name="sentinel api", pool_size=POOL_SIZE)
    probe = DatabaseProbe(
        lambda: make_engine(url, application_name="sentinel readiness", pool_size=1),
        make_headroom(settings),
    )
    services = make_services(settings, engine, probe, log, clocks)
    probe.start()
    watch = asyncio.create_task(services.readiness.watch())
    try:
        return await serve(
            make_listeners(services),
            services.life,
            log,
            drain_delay_s=settings.drain_delay_s,
            on_signal=on_signal,
        )
    finally:
        watch.cancel()
        await asyncio.wait({watch})
        await probe.stop(CLOSE_S)
        await _close(engine, services.outbox)


def make_headroom(settings: ControllerSettings) -> Headroom:
    """The disk without which nobody is served: that of the database."""
    return Headroom(
        database_disks(settings), settings.min_free_disk_bytes // NOBODY_SERVED
    )


def make_listeners(services: Services) -> list[Listener]:
    """The API, and the metrics on a listener of their own."""
    settings = services.settings
    return [
        Listener(
            make_app(services, ROUTES),
            settings.host,
            settings.port,
            settings.tls_cert_file,
            settings.tls_key_file,
        ),
        Listener(
            make_metrics_app(services.metrics),
            settings.metrics_host,
            settings.metrics_port,
        ),
    ]


async def _close(engine: AsyncEngine, outbox: Outbox) -> None:
    """Close the connections, unless that hangs: they end with the process."""
    with suppress(Exception):
        async with asyncio.timeout(CLOSE_S):
            await outbox.close()
            await engine.dispose()
