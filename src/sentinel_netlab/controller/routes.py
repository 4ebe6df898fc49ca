"""
Every route of the controller: one line for each resource.
"""

from __future__ import annotations

from sentinel_netlab.controller.api.alert_actions import AlertActionRoutes
from sentinel_netlab.controller.api.alerts import AlertRoutes
from sentinel_netlab.controller.api.audit import AuditRoutes
from sentinel_netlab.controller.api.detectors import DetectorRoutes
from sentinel_netlab.controller.api.events import EventRoutes
from sentinel_netlab.controller.api.evidence import EvidenceRoutes
from sentinel_netlab.controller.api.heartbeat import HeartbeatRoutes
from sentinel_netlab.controller.api.incidents import IncidentRoutes
from sentinel_netlab.controller.api.join import JoinRoutes
from sentinel_netlab.controller.api.me import MeRoutes
from sentinel_netlab.controller.api.networks import NetworkRoutes
from sentinel_netlab.controller.api.sensors import SensorRoutes
from sentinel_netlab.controller.api.sites import SiteRoutes
from sentinel_netlab.controller.api.stations import StationRoutes
from sentinel_netlab.controller.api.telemetry import TelemetryOut
from sentinel_netlab.controller.api.tokens import TokenRoutes
from sentinel_netlab.controller.app import Routes
from sentinel_netlab.controller.health import HealthRoutes
from sentinel_netlab.controller.ingest.route import TelemetryIn

ROUTES: Routes = (
    HealthRoutes,
    TelemetryIn,
    TelemetryOut,
    NetworkRoutes,
    StationRoutes,
    AlertRoutes,
    AlertActionRoutes,
    IncidentRoutes,
    EventRoutes,
    DetectorRoutes,
    EvidenceRoutes,
    SensorRoutes,
    JoinRoutes,
    HeartbeatRoutes,
    SiteRoutes,
    MeRoutes,
    TokenRoutes,
    AuditRoutes,
)
