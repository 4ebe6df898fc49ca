"""
``GET /api/v1/alerts``, ``GET /api/v1/alerts/{id}``: what was found.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from litestar import Controller, Request, get
from litestar.params import FromQuery, PathParameter, QueryParameter

from sentinel_netlab.controller.api.filters import (
    READ,
    Direction,
    Mac,
    Name,
    SeverityWord,
    Text,
    address_in,
    hexadecimal,
    mac,
    not_found,
    same,
    severity_word,
    site_for,
)
from sentinel_netlab.controller.api.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Page,
    Time,
    known_parameters,
    read_page,
    time_of,
)
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.reading.alerts import (
    AlertFilter,
    alert_list,
    alert_order,
    find_alert,
)

AlertId = Annotated[str, PathParameter(pattern="^[0-9a-f]{1,32}$")]
Codes = Annotated[
    list[str] | None,
    QueryParameter(
        max_items=50, description="Codes of detectors, as `WD101`; may be repeated."
    ),
]
MinSeverity = Annotated[
    SeverityWord | None, QueryParameter(description="This severity or worse.")
]


class AlertStatus(StrEnum):
    """What people did about an alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    FALSE_POSITIVE = "false_positive"


Statuses = Annotated[
    list[AlertStatus] | None,
    QueryParameter(max_items=4, description="Any of these; may be repeated."),
]


class AlertSort(StrEnum):
    """What alerts are listed by."""

    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    SEVERITY = "severity"
    RISK = "risk"


class AlertOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    An alert.

    Attributes:
        code, alert_type: of the detector; adopted alerts have no code.
        subject_key: what the detector counts apart.
        count: frames (for some detectors: exchanges) that belong to it.
        first_seen, raised_at, last_seen: the sensor's time; created_at: the server's.
        closed: the attack is over; status is what people did about it.
        ssid: hexadecimal; ssid_text: as displayed.
        reason_codes: why times are not believed; of adopted rows anything.
        adopted: an older version wrote it.
    """

    id: str
    code: str | None
    alert_type: str | None
    title: str | None
    severity: str | None
    confidence: float | None
    impact: float | None
    risk_score: float | None
    description: str | None
    status: str | None
    closed: bool
    sensor_id: str | None
    site_id: str | None
    incident_id: str | None
    bssid: str | None
    ssid: str | None
    ssid_text: str | None
    station: str | None
    transmitter: str | None
    channel: int | None
    frequency_mhz: int | None
    subject_key: str | None
    mitre_attack: str | None
    count: int | None
    created_at: datetime | None
    first_seen: datetime | None
    raised_at: datetime | None
    last_seen: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    assignee: str | None
    note: str | None
    reason_codes: Any
    adopted: bool


class AlertDetail(AlertOut, frozen=True, kw_only=True):
    """
    An alert with what proves it.

    Attributes:
        evidence: measured values beside the thresholds.
        frames: numbers of the first frames, from 1.
    """

    evidence: Any
    frames: Any


_DIFFER = ("severity", "bssid", "ssid", "station", "transmitter")
_SAME = tuple(name for name in AlertOut.__struct_fields__ if name not in _DIFFER)


class AlertPage(Page[AlertOut], frozen=True):
    """Alerts, without evidence."""


class AlertRoutes(Controller):
    """Alerts to read."""

    path = "/api/v1/alerts"
    guards = (known_parameters,)
    tags = ("alerts",)

    @get("/", opt=READ, summary="List alerts")
    async def list_alerts(
        self,
        request: Request[Any, Any, Any],
        *,
        status: Statuses = None,
        severity: MinSeverity = None,
        code: Codes = None,
        sensor: Name = None,
        site: Name = None,
        bssid: Mac = None,
        station: Mac = None,
        incident: Name = None,
        since: Time = None,
        until: Time = None,
        text: Text = None,
        sort: FromQuery[AlertSort] = AlertSort.LAST_SEEN,
        order: FromQuery[Direction] = Direction.DESC,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> AlertPage:
        """
        Alerts; `since` and `until` are of `last_seen`.

        An alert that goes on while pages are turned stands where its new time puts it.
        """
        wanted = AlertFilter(
            statuses=[one.value for one in status or ()],
            severity=None if severity is None else severity.rank,
            codes=code or (),
            sensor=sensor,
            site=site_for(request, site),
            bssid=address_in(bssid),
            station=address_in(station),
            incident=incident,
            since=time_of("since", since),
            until=time_of("until", until),
            text=text,
        )
        by = alert_order(sort.value, descending=order == Direction.DESC)
        query = alert_list(wanted)
        found = await read_page(request, query, by, limit=limit, cursor=cursor)
        return AlertPage(items=[alert_out(row) for row in found.rows], next=found.next)

    @get("/{alert_id:str}", opt=READ, summary="Show an alert")
    async def show_alert(
        self, request: Request[Any, Any, Any], *, alert_id: AlertId
    ) -> AlertDetail:
        """An alert with its evidence."""
        async with reading(services_of(request).engine).connect() as c:
            row = await find_alert(c, alert_id, site_for(request, None))
        if row is None:
            raise not_found("alert")
        return alert_detail(row)


def alert_out(row: sa.RowMapping) -> AlertOut:
    """A row of the table as lists show it."""
    return AlertOut(**_values(row))


def alert_detail(row: sa.RowMapping) -> AlertDetail:
    """A whole row of the table."""
    return AlertDetail(**_values(row), evidence=row["evidence"], frames=row["frames"])


def _values(row: sa.RowMapping) -> dict[str, Any]:
    return {
        **same(row, *_SAME),
        "severity": severity_word(row["severity"]),
        "ssid": hexadecimal(row["ssid"]),
        **{name: mac(row[name]) for name in ("bssid", "station", "transmitter")},
    }
