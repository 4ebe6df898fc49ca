"""
From settings to what the routes work with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.controller.ingest.intake import Intake
from sentinel_netlab.controller.ingest.pressure import Pressure, PressureLimits
from sentinel_netlab.controller.ingest.state import InflateLimits, Ingest
from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.limits import AccessLimits, Buckets
from sentinel_netlab.controller.metrics import Metrics
from sentinel_netlab.controller.outbox import Outbox
from sentinel_netlab.controller.probe import database_disks, free_bytes
from sentinel_netlab.controller.readiness import Pace, Probe, Readiness
from sentinel_netlab.controller.services import Services
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.core.signing import Keyring

FAILURES_PER_S = 0.1
FAILURES_BURST = 20
"""Refused tokens of one address: what a wrong setting does, not what a search needs."""

JOIN_RATE_PER_S = 0.1
JOIN_BURST = 10
"""Attempts of one address to join, at once: an installer's morning."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """
    The clocks of the process.

    Attributes:
        wall: aware, UTC.
        monotonic: seconds.
    """

    wall: Callable[[], datetime]
    monotonic: Callable[[], float]


def make_services(
    settings: ControllerSettings,
    engine: AsyncEngine,
    probe: Probe,
    log: FilteringBoundLogger,
    clocks: Clocks,
    *,
    pace: Pace | None = None,
) -> Services:
    """Everything that the routes and the gates share."""
    metrics, life, ingest = Metrics(), Lifecycle(), make_ingest(settings, clocks)
    readiness = Readiness(
        probe, log, metrics, life, pace=pace, monotonic=clocks.monotonic
    )
    return Services(
        engine=engine,
        settings=settings,
        clock=clocks.wall,
        readiness=readiness,
        metrics=metrics,
        log=log,
        life=life,
        ingest=ingest,
        intake=Intake(engine, ingest),
        access=make_access(settings, clocks),
        outbox=Outbox(engine, log),
    )


def make_access(settings: ControllerSettings, clocks: Clocks) -> AccessLimits:
    """What bounds the requests of people."""
    return AccessLimits(
        failures=Buckets(FAILURES_PER_S, FAILURES_BURST, clock=clocks.monotonic),
        credentials=Buckets(
            settings.credential_rate_per_s,
            settings.credential_burst,
            clock=clocks.monotonic,
        ),
    )


def make_ingest(settings: ControllerSettings, clocks: Clocks) -> Ingest:
    """What the routes of sensors need."""
    previous = settings.hmac_secret_previous
    disks = database_disks(settings)
    return Ingest(
        keys=Keyring(
            settings.hmac_secret.get_secret_value().encode(),
            previous.get_secret_value().encode() if previous else None,
        ),
        address_limit=Buckets(
            settings.address_rate_per_s, settings.address_burst, clock=clocks.monotonic
        ),
        sensor_limit=Buckets(
            settings.credential_rate_per_s,
            settings.credential_burst,
            clock=clocks.monotonic,
        ),
        join_limit=Buckets(JOIN_RATE_PER_S, JOIN_BURST, clock=clocks.monotonic),
        pressure=Pressure(
            PressureLimits(
                queued_jobs=settings.queue_max_jobs,
                oldest_age_s=settings.queue_max_age_s,
                free_bytes=settings.min_free_disk_bytes,
                retry_after_s=settings.retry_after_s,
            ),
            free_bytes=lambda: min(map(free_bytes, disks), default=None),
            monotonic=clocks.monotonic,
        ),
        clock=clocks.wall,
        max_body_bytes=settings.max_body_bytes,
        inflating=InflateLimits(
            settings.max_inflated_bytes, settings.max_inflate_ratio
        ),
    )
