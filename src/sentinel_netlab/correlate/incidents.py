"""
Incidents: alerts of one or several sensors of a site that tell one story.

Alerts belong together when their subjects share an address or a name and no more than
`REACH_US` lie between them.  Posture findings and news of sensors are no stories.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TypeVar

from sentinel_netlab.core.addresses import is_group
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.ssid import is_hidden
from sentinel_netlab.correlate.doubt import doubt

REACH_US = 600 * 1_000_000
MAX_SUBJECTS = 256
"""Of each kind; a flood of invented addresses names more than anybody reads."""
STORY_FAMILIES = ("WD1", "WD2", "WD3", "WD4", "WD5")
_T = TypeVar("_T", int, bytes)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whom alerts are about; addresses are 48-bit."""

    bssids: frozenset[int] = frozenset()
    stations: frozenset[int] = frozenset()
    transmitters: frozenset[int] = frozenset()
    ssids: frozenset[bytes] = frozenset()

    @property
    def addresses(self) -> frozenset[int]:
        """All of them that name one device."""
        every = self.bssids | self.stations | self.transmitters
        return frozenset(one for one in every if one and not is_group(one))

    def related(self, other: Subjects) -> bool:
        """Whether a device or the name of a network is in both."""
        if self.addresses & other.addresses:
            return True
        return any(not is_hidden(ssid) for ssid in self.ssids & other.ssids)

    def joined(self, other: Subjects) -> Subjects:
        """Both together, the least `MAX_SUBJECTS` of each kind that came later."""
        return Subjects(
            _joined(self.bssids, other.bssids),
            _joined(self.stations, other.stations),
            _joined(self.transmitters, other.transmitters),
            _joined(self.ssids, other.ssids),
        )


def _joined(known: frozenset[_T], new: frozenset[_T]) -> frozenset[_T]:
    room = max(0, MAX_SUBJECTS - len(known))
    return known | frozenset(sorted(new - known)[:room])


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as far as incidents need it; incident_id None: in none yet."""

    id: str
    code: str
    title: str
    severity: Severity
    first_us: int
    last_us: int
    subjects: Subjects
    incident_id: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A story so far; times are event time, alerts how many belong to it."""

    id: str
    title: str
    severity: Severity
    first_us: int
    last_us: int
    alerts: int
    subjects: Subjects
    status: str = "open"


@dataclass(slots=True)
class IncidentChange:
    """
    An incident as it is now.

    Attributes:
        before: as it was, None if it is new.
        joined: ids of alerts that are new in it.
    """

    incident: Incident
    before: Incident | None = None
    joined: list[str] = field(default_factory=list)


def correlate(
    alerts: Iterable[StoredAlert],
    incidents: Sequence[Incident],
    now_us: int,
    *,
    site_id: str | None = None,
) -> list[IncidentChange]:
    """
    What *alerts*, new or changed, make of the *incidents* of their site.

    Args:
        incidents: those that may be near, and those that the alerts belong to.
        now_us: when the alerts were received; such as cannot be are left alone.
    """
    known = {one.id: IncidentChange(one, one) for one in incidents}
    for alert in sorted(alerts, key=lambda one: (one.first_us, one.id)):
        if not _is_story(alert, now_us):
            continue
        change = _place(alert, known)
        if change is None:
            founded = _founded(alert, site_id)
            known[founded.incident.id] = founded
        else:
            _join(change, alert)
    return [change for change in known.values() if change.incident != change.before]


def incident_id(site_id: str | None, alert_id: str) -> str:
    """The id of the incident that begins with an alert: 32 hex digits."""
    text = f"{site_id or ''}\x1f{alert_id}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _is_story(alert: StoredAlert, now_us: int) -> bool:
    if doubt(alert.first_us, now_us) or doubt(alert.last_us, now_us):
        return False
    return alert.code.startswith(STORY_FAMILIES)


def _place(
    alert: StoredAlert, known: dict[str, IncidentChange]
) -> IncidentChange | None:
    """The incident that *alert* belongs to: its own, or the oldest that is near."""
    if alert.incident_id is not None:
        return known.get(alert.incident_id)
    near = [change for change in known.values() if _is_near(alert, change.incident)]
    return min(
        near, key=lambda one: (one.incident.first_us, one.incident.id), default=None
    )


def _is_near(alert: StoredAlert, incident: Incident) -> bool:
    if alert.first_us > incident.last_us + REACH_US:
        return False
    if alert.last_us < incident.first_us - REACH_US:
        return False
    return alert.subjects.related(incident.subjects)


def _founded(alert: StoredAlert, site_id: str | None) -> IncidentChange:
    incident = Incident(
        id=incident_id(site_id, alert.id),
        title=alert.title,
        severity=alert.severity,
        first_us=alert.first_us,
        last_us=alert.last_us,
        alerts=1,
        subjects=Subjects().joined(alert.subjects),
    )
    return IncidentChange(incident, None, [alert.id])


def _join(change: IncidentChange, alert: StoredAlert) -> None:
    old = change.incident
    is_new = alert.incident_id is None
    later = alert.last_us > old.last_us
    worse = alert.severity > old.severity
    change.incident = replace(
        old,
        title=alert.title if worse else old.title,
        severity=max(old.severity, alert.severity),
        first_us=min(old.first_us, alert.first_us),
        last_us=max(old.last_us, alert.last_us),
        alerts=old.alerts + is_new,
        subjects=old.subjects.joined(alert.subjects),
        status="open" if is_new or later else old.status,
    )
    if is_new:
        change.joined.append(alert.id)
