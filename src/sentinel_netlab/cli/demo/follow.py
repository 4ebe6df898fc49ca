"""
Alerts as the controller tells them, printed with how long they took.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import msgspec

from sentinel_netlab.core.times import microseconds

TIMEOUT = httpx.Timeout(10.0, read=60.0)


@dataclass(slots=True)
class Played:
    """
    When a capture was replayed.

    Attributes:
        start_us: event time of its first frame.
        began_us: the clock when that was replayed.
        speed: seconds of event time in a second.
    """

    start_us: int
    began_us: int
    speed: float

    def heard_us(self, event_us: int) -> float:
        """The clock when the frame of *event_us* was replayed."""
        return self.began_us + (event_us - self.start_us) / self.speed


@dataclass(slots=True)
class Follower:
    """
    Follows `GET /api/v1/events` in a thread.

    Attributes:
        played: captures so far, in order of event time.
        raised: alerts by slug.
        delays_s: from the frame that sufficed to the row in the store.
    """

    url: str
    token: str
    show: Callable[[dict[str, Any], float], None]
    played: list[Played] = field(default_factory=list)
    raised: Counter[str] = field(default_factory=Counter)
    delays_s: list[float] = field(default_factory=list)
    _thread: threading.Thread | None = None
    _connected: threading.Event = field(default_factory=threading.Event)
    _seen: set[str] = field(default_factory=set)

    def start(self) -> bool:
        """Begin; whether the stream is there."""
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        return self._connected.wait(10)

    def alerts(self) -> list[dict[str, Any]]:
        """All alerts that the controller has."""
        return list(self._get("/api/v1/alerts?limit=500")["items"])

    def networks(self) -> list[dict[str, Any]]:
        """The inventory."""
        return list(self._get("/api/v1/networks?limit=500")["items"])

    def _get(self, path: str) -> Any:
        answer = httpx.get(
            f"{self.url}{path}", headers=self._headers, trust_env=False, timeout=TIMEOUT
        )
        return msgspec.json.decode(answer.raise_for_status().content)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _follow(self) -> None:
        with (
            httpx.Client(
                headers=self._headers, trust_env=False, timeout=TIMEOUT
            ) as client,
            client.stream("GET", f"{self.url}/api/v1/events?kind=alert") as stream,
        ):
            self._connected.set()
            try:
                for line in stream.iter_lines():
                    if line.startswith("data: {") and '"raised"' in line:
                        self._take(msgspec.json.decode(line.removeprefix("data: ")))
            except httpx.TransportError:
                return  # the server has ended

    def _take(self, change: dict[str, Any]) -> None:
        if change.get("change") != "raised" or change["id"] in self._seen:
            return
        self._seen.add(change["id"])
        alert = self._get(f"/api/v1/alerts/{change['id']}")
        delay_s = self._delay_s(alert)
        self.raised[alert["alert_type"]] += 1
        self.delays_s.append(delay_s)
        self.show(alert, delay_s)

    def _delay_s(self, alert: dict[str, Any]) -> float:
        raised_us, stored_us = _time(alert["raised_at"]), _time(alert["created_at"])
        before = [one for one in self.played if one.start_us <= raised_us]
        return (stored_us - before[-1].heard_us(raised_us)) / 1e6


def _time(text: str) -> int:
    return microseconds(datetime.fromisoformat(text))
