"""
What the routes work with, wired once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.controller.ingest.intake import Intake
from sentinel_netlab.controller.ingest.state import Ingest
from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.limits import AccessLimits
from sentinel_netlab.controller.metrics import Metrics
from sentinel_netlab.controller.outbox import Outbox
from sentinel_netlab.controller.readiness import Readiness
from sentinel_netlab.controller.settings import ControllerSettings


@dataclass(slots=True, kw_only=True)
class Services:
    """
    The one object of the wiring; handlers find it by `services_of(request)`.

    Attributes:
        clock: wall time, aware, UTC.
        ingest: what the routes of sensors need besides.
        intake: takes batches into the queue.
        access: limits of people's requests.
        outbox: changes for streams.
    """

    engine: AsyncEngine
    settings: ControllerSettings
    clock: Callable[[], datetime]
    readiness: Readiness
    metrics: Metrics
    log: FilteringBoundLogger
    life: Lifecycle
    ingest: Ingest
    intake: Intake
    access: AccessLimits
    outbox: Outbox


def services_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Services:
    """The services of the application that answers."""
    return cast("Services", connection.app.state.services)
