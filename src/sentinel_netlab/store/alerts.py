"""
Alerts by the states that sensors send of them.

What people set (status, assignee, note) is never touched here: a late state does not
reopen what was resolved, and frames after that come under a new id (`successor_id`),
although the sensor, which knows nothing of people, goes on with the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.addresses import parse_mac
from sentinel_netlab.core.alert_states import AlertState
from sentinel_netlab.core.alert_status import RESOLUTIONS
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.core.times import microseconds, moment
from sentinel_netlab.core.wire import AlertChange
from sentinel_netlab.store.tables import alerts
from sentinel_netlab.store.upserts import greatest, insert_for, least

What = Literal["raised", "updated", "escalated", "closed"]
_columns = alerts.c
_IDS_AT_ONCE = 500
_WORDS = (
    "alert_type", "severity", "title", "description", "bssid", "ssid", "ssid_text",
    "evidence", "reason_codes", "confidence", "mitre_attack", "code", "station",
    "transmitter", "channel", "frequency_mhz", "subject_key", "frames", "version",
)  # fmt: skip
"""Columns that are those of the newest state."""


@dataclass(frozen=True, slots=True)
class Merged:
    """
    An alert that is not as it was.

    Attributes:
        row: as it is now.
    """

    what: What
    row: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The alert's."""
        return str(self.row["id"])


@dataclass(frozen=True, slots=True)
class MergeResult:
    """
    What came of states.

    Attributes:
        refused: ids that belong to another sensor, or to adopted rows.
    """

    merged: list[Merged]
    refused: list[str]


async def merge_alerts(
    c: AsyncConnection,
    *,
    sensor_id: str,
    site_id: str | None,
    states: Sequence[AlertState],
    doubts: Mapping[str, str],
    now: datetime,
) -> MergeResult:
    """
    Merge *states*, one for each id, into the alerts of a sensor.

    Args:
        doubts: why the times of an alert are not believed, by id.
        now: the server's time.
    """
    routes = await _routes(c, sensor_id, states)
    refused = [one.state.newest.id for one in routes if not _is_of(sensor_id, one.row)]
    routes = [one for one in routes if _is_of(sensor_id, one.row)]
    rows = [
        {
            **row_of(one.state, doubts.get(one.state.newest.id)),
            **one.differs(),
            "sensor_id": sensor_id,
            "site_id": site_id,
            "created_at": now,
            "status": "open",
        }
        for one in sorted(routes, key=lambda one: one.id)
    ]
    if not rows:
        return MergeResult([], refused)
    await c.execute(_merging(c), rows)
    await _close(c, [one.after["id"] for one in routes if one.after])
    after = await _rows(c, [row["id"] for row in rows])
    before = {one.id: one.row for one in routes}
    merged = [
        Merged(what, row)
        for name, row in sorted(after.items())
        if (what := _change(before[name], row)) is not None
    ]
    return MergeResult(merged, refused)


@dataclass(frozen=True, slots=True)
class _Route:
    """
    Where a state goes.

    Attributes:
        id: of the alert that it is merged into.
        row: that alert as it is, None: there is none yet.
        after: the alert that was resolved before the frames of this one.
    """

    id: str
    state: AlertState
    row: Mapping[str, Any] | None
    after: Mapping[str, Any] | None = None

    def differs(self) -> dict[str, Any]:
        """Columns of a successor that are not those of the state."""
        if self.after is None:
            return {}
        since = self.after["resolved_at"]
        return {
            "id": self.id,
            "first_seen": max(since, moment(self.state.first_us)),
            "raised_at": max(since, moment(self.state.raised_us)),
            "evidence": {**self.state.newest.evidence, "follows": self.after["id"]},
        }


def _is_of(sensor_id: str, row: Mapping[str, Any] | None) -> bool:
    """Whether a sensor may change *row*."""
    return row is None or (row["sensor_id"] == sensor_id and not row["adopted"])


async def _routes(
    c: AsyncConnection, sensor_id: str, states: Sequence[AlertState]
) -> list[_Route]:
    """The alerts that *states* belong to; their rows are locked."""
    rows = await _rows(c, [state.newest.id for state in states], lock=True)
    found: list[_Route] = []
    pending = [
        _Route(state.newest.id, state, rows.get(state.newest.id)) for state in states
    ]
    while pending:
        late: list[_Route] = []
        for one in pending:
            goes_on = _is_of(sensor_id, one.row) and _has_new_frames(one)
            (late if goes_on else found).append(one)
        names = [successor_id(one.id) for one in late]
        rows = await _rows(c, names, lock=True)
        pending = [
            _Route(name, one.state, rows.get(name), one.row)
            for name, one in zip(names, late, strict=True)
        ]
    return found


def _has_new_frames(route: _Route) -> bool:
    """
    Whether the state tells of frames after the alert was resolved.

    Its end alone is no news, nor is what was on its way when somebody resolved it.
    """
    row = route.row
    if row is None or row["status"] not in RESOLUTIONS or row["resolved_at"] is None:
        return False
    is_later = route.state.last_us > microseconds(row["resolved_at"])
    return is_later and route.state.count > row["count"]


def successor_id(alert_id: str) -> str:
    """The id under which an alert goes on that was resolved: 32 hex digits."""
    return blake2b(f"after\x1f{alert_id}".encode(), digest_size=16).hexdigest()


async def _close(c: AsyncConnection, alert_ids: Sequence[str]) -> None:
    """What came to an end because it goes on under another id."""
    if alert_ids:
        await c.execute(
            sa.update(alerts).where(_columns.id.in_(alert_ids)).values(closed=True)
        )


def row_of(state: AlertState, doubt: str | None = None) -> dict[str, Any]:
    """Columns of *state*."""
    newest = state.newest
    ssid = None if newest.ssid is None else bytes.fromhex(newest.ssid)
    return {
        "id": newest.id,
        "alert_type": newest.slug,
        "severity": newest.severity,
        "title": newest.title,
        "description": newest.summary,
        "bssid": _address(newest.bssid),
        "ssid": ssid,
        "ssid_text": None if ssid is None else display_ssid(ssid),
        "evidence": newest.evidence,
        "reason_codes": None if doubt is None else [f"time_{doubt}"],
        "confidence": newest.confidence,
        "mitre_attack": newest.attack or None,
        "code": newest.code,
        "station": _address(newest.station),
        "transmitter": _address(newest.transmitter),
        "channel": newest.channel,
        "frequency_mhz": newest.frequency_mhz,
        "subject_key": newest.key,
        "frames": newest.frames,
        "version": state.version,
        "count": state.count,
        "first_seen": moment(state.first_us),
        "raised_at": moment(state.raised_us),
        "last_seen": moment(state.last_us),
        "closed": state.closed,
    }


def _address(text: str | None) -> int | None:
    return None if text is None else parse_mac(text)


def _merging(c: AsyncConnection) -> sa.Insert:
    statement = insert_for(c, alerts)
    new = statement.excluded
    collation = "C" if c.dialect.name == "postgresql" else "BINARY"
    newer = sa.collate(new.version, collation) > sa.collate(_columns.version, collation)
    values: dict[str, Any] = {
        name: sa.case((newer, new[name]), else_=_columns[name]) for name in _WORDS
    }
    values |= {name: least(_columns[name], new[name]) for name in _FIRSTS}
    values |= {name: greatest(_columns[name], new[name]) for name in _LASTS}
    values["closed"] = _columns.closed | new.closed
    return statement.on_conflict_do_update(index_elements=[_columns.id], set_=values)


_FIRSTS = ("first_seen", "raised_at")
_LASTS = ("last_seen", "count")
_SHOWN = (*_FIRSTS, *_LASTS, "closed", "version")


async def _rows(
    c: AsyncConnection, ids: Sequence[str], *, lock: bool = False
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    ids = sorted(ids)
    for at in range(0, len(ids), _IDS_AT_ONCE):
        query = (
            sa.select(alerts)
            .where(_columns.id.in_(ids[at : at + _IDS_AT_ONCE]))
            .order_by(_columns.id)
        )
        if lock:
            query = query.with_for_update()
        found |= {row["id"]: dict(row) for row in (await c.execute(query)).mappings()}
    return found


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> What | None:
    if before is None:
        return "raised"
    if all(before[name] == after[name] for name in _SHOWN):
        return None
    if after["closed"] and not before["closed"]:
        return "closed"
    if Severity.parse(after["severity"]) > Severity.parse(before["severity"]):
        return "escalated"
    return "updated"


async def set_incident(
    c: AsyncConnection, alert_ids: Iterable[str], incident_id: str
) -> None:
    """Let the alerts belong to an incident."""
    await c.execute(
        sa.update(alerts)
        .where(_columns.id.in_(list(alert_ids)))
        .values(incident_id=incident_id)
    )


async def open_system_alerts(
    c: AsyncConnection, codes: Sequence[str], sensor_id: str | None = None
) -> dict[str, dict[str, AlertChange]]:
    """System alerts that are open, by sensor and code, in their newest words."""
    query = sa.select(alerts).where(
        _columns.code.in_(codes), _columns.closed.is_(sa.false())
    )
    if sensor_id is not None:
        query = query.where(_columns.sensor_id == sensor_id)
    found: dict[str, dict[str, AlertChange]] = {}
    for row in (await c.execute(query.order_by(_columns.first_seen))).mappings():
        found.setdefault(row["sensor_id"], {})[row["code"]] = _change_of(row)
    return found


def _change_of(row: sa.RowMapping) -> AlertChange:
    return AlertChange(
        id=row["id"],
        code=row["code"],
        slug=row["alert_type"],
        title=row["title"],
        severity=row["severity"],
        confidence=row["confidence"],
        first_us=microseconds(row["first_seen"]),
        raised_us=microseconds(row["raised_at"]),
        last_us=microseconds(row["last_seen"]),
        count=row["count"],
        key=row["subject_key"],
        attack=row["mitre_attack"] or "",
        summary=row["description"],
        evidence=row["evidence"] or {},
    )
