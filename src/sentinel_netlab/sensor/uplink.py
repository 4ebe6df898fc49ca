"""
From the spool to the controller: alerts first, each lane in its order.

What an answer means is told by `client.answers`.  A refusal of the content sets that
batch aside.  A refusal of the sender or of the way stops the uplink: nothing leaves the
spool, the state says why, and one batch a minute looks whether it is over.  Everything
else is tried again, with pauses that grow.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import stamina

from sentinel_netlab.client.answers import Answer, Outcome
from sentinel_netlab.sensor.spool import Spool, SpoolError
from sentinel_netlab.sensor.spooled import Kept, Lane

PROBE_S = 60.0
SPOOL_PAUSE_S = 5.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
TOO_LARGE = 413
"""Also a proxy may say it: it is about the content all the same."""
CLAIMED = frozenset({"evidence_claimed", "sensor_mismatch"})
"""Evidence of an alert that is another sensor's: nothing is wrong with this one."""


class Client(Protocol):
    """What of `client.sensor.SensorClient` is used here."""

    async def send_batch(self, batch_id: str, body: bytes, encoding: str) -> Answer:
        """Send an encoded batch."""
        ...

    async def put_evidence(self, alert_id: str, pcapng: bytes) -> Answer:
        """Give the frames behind an alert."""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """
    How the uplink is.

    Attributes:
        state: ``starting``, ``idle``, ``sending``, ``retrying``, ``stopped``.
        why: what the last answer, or its absence, was; "" if it was good.
        sent, aside: batches since the start.
    """

    state: str = "starting"
    why: str = ""
    sent: int = 0
    aside: int = 0


class _Later(Exception):  # noqa: N818  # it says when, not that something is wrong
    """Try again, after the time that the controller asks for, if it does."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class _Stop(Exception):  # noqa: N818  # the uplink's state, not an error of ours
    """The sender or the way is refused."""


class Uplink:
    """
    Sends what the spool holds.

    Args:
        lanes: that it sends, the most urgent first.
        tell: is called with each new state.

    Attributes:
        link: how it is now.
    """

    def __init__(
        self,
        spool: Spool,
        client: Client,
        *,
        lanes: Sequence[Lane],
        tell: Callable[[Link], None],
    ) -> None:
        self._spool = spool
        self._client = client
        self._lanes = lanes
        self._tell = tell
        self._news = asyncio.Event()
        self.link = Link()

    def wake(self) -> None:
        """There is something new in the spool."""
        self._news.set()

    async def run(self) -> None:
        """Send, until cancelled."""
        while True:
            self._news.clear()
            try:
                while await self._next():
                    pass
            except _Stop as stop:
                self._say("stopped", str(stop))
                await asyncio.sleep(PROBE_S)
                continue
            except SpoolError as error:
                # The disk is full, say: what was taken is sent again, which harms not.
                self._say("retrying", _words(error))
                await asyncio.sleep(SPOOL_PAUSE_S)
                continue
            self._say("idle", "")
            await self._news.wait()

    async def drain(self) -> None:
        """Send all that waits, once; an end is left to the caller's deadline."""
        try:
            while await self._next():
                pass
        except _Stop as stop:
            self._say("stopped", str(stop))

    async def _next(self) -> bool:
        """Bring one batch to the controller; False: nothing waits."""
        async for attempt in stamina.retry_context(
            on=_pause_after,
            attempts=None,
            timeout=None,
            wait_initial=FIRST_PAUSE_S,
            wait_max=LONGEST_PAUSE_S,
            wait_jitter=FIRST_PAUSE_S,
        ):
            with attempt:
                # Chosen anew each time: an alert overtakes what is being retried.
                kept = await asyncio.to_thread(self._first)
                if kept is None:
                    return False
                await self._send(kept)
        return True

    def _first(self) -> Kept | None:
        for lane in self._lanes:
            kept = self._spool.first(lane)
            if kept is not None:
                return kept
        return None

    async def _send(self, kept: Kept) -> None:
        try:
            answer = await self._ask(kept)
        except httpx.TransportError as error:
            if _is_about_trust(error):
                raise _Stop(f"TLS: {_words(error)}") from None
            why = f"{type(error).__name__}: {_words(error)}".rstrip(": ")
            self._say("retrying", why)
            raise _Later(why) from None
        match _meaning(answer, kept):
            case Outcome.TAKEN:
                await asyncio.to_thread(self._spool.acknowledged, kept.batch_id)
                self._say("sending", "", sent=1)
            case Outcome.REFUSED:
                why = _said(answer)
                await asyncio.to_thread(self._spool.put_aside, kept.batch_id, why)
                self._say("sending", why, aside=1)
            case Outcome.LATER:
                self._say("retrying", _said(answer))
                raise _Later(_said(answer), answer.retry_after_s)
            case Outcome.BARRED:
                raise _Stop(_said(answer))

    async def _ask(self, kept: Kept) -> Answer:
        if kept.lane == "evidence":
            return await self._client.put_evidence(kept.batch_id, kept.body)
        return await self._client.send_batch(kept.batch_id, kept.body, kept.encoding)

    def _say(self, state: str, why: str, *, sent: int = 0, aside: int = 0) -> None:
        before = self.link
        self.link = Link(state, why, before.sent + sent, before.aside + aside)
        if (state, why) != (before.state, before.why):
            self._tell(self.link)


def _pause_after(error: Exception) -> bool | float:
    """Whether, and for stamina also when, to try again."""
    if not isinstance(error, _Later):
        return False
    return True if error.wait_s is None else error.wait_s


def _meaning(answer: Answer, kept: Kept) -> Outcome:
    """What *answer* means if it is the controller's; a stranger's bars the way."""
    if kept.lane == "evidence" and answer.code in CLAIMED:
        return Outcome.REFUSED
    if answer.outcome is Outcome.TAKEN and not _is_ours(answer.content, kept):
        return Outcome.BARRED
    if answer.outcome is Outcome.REFUSED and not answer.code:
        return Outcome.REFUSED if answer.status == TOO_LARGE else Outcome.BARRED
    return answer.outcome


def _is_ours(content: Any, kept: Kept) -> bool:
    name = "alert_id" if kept.lane == "evidence" else "batch_id"
    return isinstance(content, dict) and content.get(name) == kept.batch_id


def _said(answer: Answer) -> str:
    return f"{answer.status} {answer.code or '(not an answer of the controller)'}"


def _is_about_trust(error: BaseException | None) -> bool:
    """Whether TLS itself refused: a certificate, a version, a name."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
