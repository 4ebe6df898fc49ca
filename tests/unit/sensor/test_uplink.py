"""What becomes of a batch for each answer, and for none."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable

import httpx
import pytest
import stamina
from tests.unit.sensor.test_spool import MOST, keep

from sentinel_netlab.client.answers import read_answer
from sentinel_netlab.core.times import moment
from sentinel_netlab.sensor import uplink as module
from sentinel_netlab.sensor.spool import Spool
from sentinel_netlab.sensor.spooled import LANES
from sentinel_netlab.sensor.uplink import Link, Uplink

NOW = moment(1_000_000_000)


class Controller:
    """Answers as it is told, then takes everything."""

    def __init__(self, answers: Iterable[object] = ()) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def send_batch(self, batch_id: str, body: bytes, encoding: str):
        return self._answer("batch_id", batch_id)

    async def put_evidence(self, alert_id: str, pcapng: bytes):
        return self._answer("alert_id", alert_id)

    def _answer(self, name: str, value: str):
        self.asked.append(value)
        told = self.answers.pop(0) if self.answers else 202
        if isinstance(told, Exception):
            raise told
        status, body = told if isinstance(told, tuple) else (told, None)
        if body is None:
            plain = {"code": "told"} if status >= 300 else {name: value}
            body = httpx.Response(200, json=plain).content
        return read_answer(status, {}, body, NOW)


@pytest.fixture
def spool(tmp_path):
    """A spool with a batch in each lane."""
    made = Spool(tmp_path / "spool.db", most_bytes=MOST)
    for lane in reversed(LANES):
        keep(made, lane, lane)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_pauses():
    """What is tried again is tried at once."""
    with stamina.set_testing(True, attempts=20):
        yield


def sent(spool: Spool, controller: Controller) -> Link:
    """The state after everything was sent that can be."""
    link = Uplink(spool, controller, lanes=LANES, tell=lambda _: None)
    asyncio.run(link.drain())
    return link.link


def test_lanes_go_in_order(spool):
    """Alerts, observations, evidence; what is taken leaves the spool."""
    controller = Controller()

    link = sent(spool, controller)

    assert controller.asked == ["alerts", "observations", "evidence"]
    assert (link.sent, spool.fill().waiting) == (3, 0)


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_refused_content_stands_aside(spool, status):
    """That batch only; the others go on."""
    controller = Controller([status])

    link = sent(spool, controller)

    assert [one.batch_id for one in spool.set_aside()] == ["alerts"]
    assert spool.set_aside()[0].aside == f"{status} told"
    assert (link.sent, link.aside) == (2, 1)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 426, 301])
def test_refused_sender_stops(spool, status):
    """Nothing leaves the spool, nothing more is asked, and the state says why."""
    controller = Controller([status])

    link = sent(spool, controller)

    assert (link.state, link.why) == ("stopped", f"{status} told")
    assert controller.asked == ["alerts"]
    assert spool.fill().waiting == 3


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"{}", b"[1]", b""])
def test_stranger_that_takes_everything_stops(spool, body):
    """A captive portal says 200 to all; that is no acknowledgement."""
    link = sent(spool, Controller([(200, body)]))

    assert link.state == "stopped"
    assert spool.fill().waiting == 3


@pytest.mark.parametrize(("status", "stops"), [(400, True), (413, False)])
def test_stranger_that_refuses(spool, status, stops):
    """A proxy may find a batch too large; else it has no say."""
    link = sent(spool, Controller([(status, b"<html>no</html>")]))

    assert (link.state == "stopped") is stops
    assert spool.fill().aside == (0 if stops else 1)


@pytest.mark.parametrize(
    "trouble",
    [
        408,
        409,
        425,
        429,
        500,
        502,
        503,
        httpx.ConnectError("no"),
        httpx.ReadTimeout(""),
    ],
)
def test_trouble_is_tried_again(spool, trouble):
    """The same bytes, until they are taken."""
    controller = Controller([trouble, trouble])

    link = sent(spool, controller)

    assert controller.asked[:3] == ["alerts"] * 3
    assert (link.sent, spool.fill().waiting) == (3, 0)


def test_tls_refusal_stops(spool):
    """A certificate that expired is not waited out in silence."""
    error = httpx.ConnectError("certificate verify failed: certificate has expired")
    error.__cause__ = ssl.SSLCertVerificationError("expired")

    link = sent(spool, Controller([error]))

    assert link.state == "stopped"
    assert "certificate has expired" in link.why


def test_alert_overtakes_what_is_retried(spool):
    """An alert that comes while observations are retried is sent before them."""
    spool.acknowledged("alerts")

    class Busy(Controller):
        def _answer(self, name: str, value: str):
            if not self.asked:
                keep(spool, "alerts", "new")
            return super()._answer(name, value)

    controller = Busy([503])
    sent(spool, controller)

    assert controller.asked[:3] == ["observations", "new", "observations"]


def test_evidence_of_others_stands_aside(spool):
    """It says nothing about the sensor."""
    other = (403, b'{"code": "sensor_mismatch"}')

    link = sent(spool, Controller([202, 202, other]))

    assert (link.state, link.aside) == ("sending", 1)


class Watch:
    """Notes the states of an uplink, and wakes who waits for one."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self._idle = asyncio.Event()

    def tell(self, link: Link) -> None:
        self.states.append(link.state)
        if link.state == "idle":
            self._idle.set()

    async def idle(self) -> None:
        """Wait until there is nothing more to send."""
        async with asyncio.timeout(20):
            await self._idle.wait()
        self._idle.clear()


def test_wake_sends_at_once(spool):
    """What is new does not wait for anything."""

    async def run() -> list[str]:
        controller, watch = Controller(), Watch()
        link = Uplink(spool, controller, lanes=LANES, tell=watch.tell)
        task = asyncio.create_task(link.run())
        await watch.idle()
        keep(spool, "alerts", "new")
        link.wake()
        await watch.idle()
        task.cancel()
        return controller.asked

    assert asyncio.run(run())[-1] == "new"


def test_stopped_uplink_looks_again(spool, monkeypatch):
    """Once a minute it asks whether it is let in again, and then goes on by itself."""
    monkeypatch.setattr(module, "PROBE_S", 0.01)

    async def run() -> list[str]:
        watch = Watch()
        link = Uplink(spool, Controller([401, 403]), lanes=LANES, tell=watch.tell)
        task = asyncio.create_task(link.run())
        await watch.idle()
        task.cancel()
        return watch.states

    assert asyncio.run(run()) == ["stopped", "stopped", "sending", "idle"]
    assert spool.fill().waiting == 0


def test_asked_for_pause_is_kept():
    """Retry-After is honoured; without it the pauses grow."""
    asked = module._Later("busy", 7.5)

    assert module._pause_after(asked) == 7.5
    assert module._pause_after(module._Later("busy")) is True
    assert module._pause_after(ValueError()) is False
