"""
Wiring of `sentinel sensor run`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import stamina.instrumentation

from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.configuration import Configuration, SensorKey
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect import Detector
from sentinel_netlab.sensor import credentials as kept
from sentinel_netlab.sensor.agent import Agent, Parts
from sentinel_netlab.sensor.batcher import Batcher
from sentinel_netlab.sensor.credentials import Credentials
from sentinel_netlab.sensor.evidence import FrameRing
from sentinel_netlab.sensor.heart import Heart
from sentinel_netlab.sensor.host import Host
from sentinel_netlab.sensor.meter import Heard, Meter
from sentinel_netlab.sensor.processor import Processor, Sinks
from sentinel_netlab.sensor.sources import Listeners, Source
from sentinel_netlab.sensor.spool import Spool
from sentinel_netlab.sensor.spooled import Lane
from sentinel_netlab.sensor.systemd import ServiceManager
from sentinel_netlab.sensor.uplink import Link, Uplink
from sentinel_netlab.sensor.wishes import State, Wishes

SPOOL_FILE = "spool.db"


@dataclass(frozen=True, slots=True)
class Work:
    """
    What the agent is to do.

    Attributes:
        folder: its data.
        sources: radios or captures.
        metrics_port: 0: nobody is served.
        retune: makes the radios listen to other channels; raises ValueError if they
            cannot.
        blind_s: seconds of blindness by channel since it was asked before.
        watch: is given the processor, which knows the channels that matter.
    """

    folder: Path
    credentials: Credentials
    sources: Sequence[Source]
    configuration: Configuration
    policy: Policy
    spool_bytes: int
    payloads: bool
    metrics_host: str
    metrics_port: int
    retune: Callable[[Configuration], None]
    blind_s: Callable[[], dict[int, float]]
    watch: Callable[[Processor], None]
    say: Callable[[str], None]


async def run(work: Work) -> int:
    """Work until a signal or the end of the sources; the exit status."""
    # The uplink tells of trouble when it comes and goes, not of each attempt.
    stamina.instrumentation.set_on_retry_hooks(())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    spool = Spool(work.folder / SPOOL_FILE, most_bytes=work.spool_bytes)
    try:
        signer = _signer(work.credentials)
        async with SensorClient(
            work.credentials.controller, signer, verify=trust(work.credentials.ca_file)
        ) as client:
            agent = Agent(_parts(work, spool, client, signer), work.say)
            with _metrics(work, agent):
                return await agent.run(stop)
    finally:
        spool.close()


def _metrics(work: Work, agent: Agent) -> AbstractContextManager[object]:
    if not work.metrics_port:
        return nullcontext()
    from sentinel_netlab.sensor.metrics import metrics_listener  # noqa: PLC0415

    return metrics_listener(work.metrics_host, work.metrics_port, agent.status)


def trust(ca_file: str) -> ssl.SSLContext:
    """
    Certificates to believe: those in *ca_file* alone, or the system's.

    Raises:
        OSError: *ca_file* cannot be read, or holds none.
    """
    return ssl.create_default_context(cafile=ca_file or None)


def _parts(work: Work, spool: Spool, client: SensorClient, signer: Signer) -> Parts:
    sensor_id = work.credentials.sensor_id
    uplinks = tuple(
        Uplink(spool, client, lanes=lanes, tell=_teller(work.say, lanes))
        for lanes in (("alerts", "observations"), ("evidence",))
    )
    chosen = _Chosen(work)
    meter = _meter(work, spool, chosen)
    batcher = Batcher(spool, sensor_id, clock_us, meter.take)
    ring = FrameRing(payloads=work.payloads)
    sinks = Sinks(spool, batcher, ring, _waker(uplinks))
    chosen.make = lambda detectors, own_ssids: Processor(
        sensor_id, detectors, sinks, clock_us, own_ssids
    )
    wishes = Wishes(State(work.configuration, work.policy), chosen.apply)
    work.watch(chosen.processor)
    heart = Heart(
        client, meter, wishes, clock_us=clock_us, new_key=_key_keeper(work, signer)
    )
    return Parts(
        sensor_id=sensor_id,
        controller=work.credentials.controller,
        folder=work.folder,
        spool=spool,
        batcher=batcher,
        processor=chosen.processor,
        listeners=lambda take, ended: Listeners(work.sources, take, ended),
        meter=meter,
        wishes=wishes,
        heart=heart,
        uplinks=uplinks,
        service=ServiceManager(os.environ),
        clock_us=clock_us,
    )


class _Chosen:
    """
    Makes the processor of the first configuration, and tells it of the next ones.

    Attributes:
        make: of detectors and own SSIDs.
    """

    make: Callable[[Sequence[Detector], Collection[bytes]], Processor]

    def __init__(self, work: Work) -> None:
        self._work = work
        self._processor: Processor | None = None

    @property
    def processor(self) -> Processor:
        """Which was made when the agent's own configuration was taken."""
        if self._processor is None:
            raise LookupError("no configuration was taken")
        return self._processor

    @property
    def heard(self) -> Heard:
        """Totals of frames, lost ones among them."""
        lost = sum(source.dropped for source in self._work.sources)
        if self._processor is None:
            return Heard(lost, lost)
        total = self._processor.heard
        return Heard(total.frames + lost, lost, total.bad_fcs, total.malformed)

    def apply(
        self,
        configuration: Configuration,
        policy: Policy,
        detectors: Sequence[Detector],
    ) -> None:
        """Work so from now on."""
        self._work.retune(configuration)
        if self._processor is None:
            self._processor = self.make(detectors, policy.networks)
        else:
            self._processor.configure(detectors, policy.networks)


def _meter(work: Work, spool: Spool, chosen: _Chosen) -> Meter:
    meter = Meter(
        spool,
        Host(),
        heard=lambda: chosen.heard,
        blind_s=work.blind_s,
        state=lambda: ",".join(dict.fromkeys(one.state for one in work.sources)),
        clock_us=clock_us,
    )
    meter.interface = ",".join(Path(source.name).name for source in work.sources)
    return meter


def _waker(uplinks: Sequence[Uplink]) -> Callable[[], None]:
    """Wakes the uplinks from the decoder's thread."""
    loop = asyncio.get_running_loop()

    def wake() -> None:
        for uplink in uplinks:
            with suppress(RuntimeError):  # the loop ended before the decoder
                loop.call_soon_threadsafe(uplink.wake)

    return wake


def clock_us() -> int:
    """The sensor's clock."""
    return time.time_ns() // 1000


def _now() -> datetime:
    return datetime.now(UTC)


def _signer(known: Credentials) -> Signer:
    return Signer(known.sensor_id, known.key_version, known.key, _now)


def _key_keeper(work: Work, signer: Signer) -> Callable[[SensorKey], None]:
    """Keeps a new key on the disk before it signs with it."""

    def keep(key: SensorKey) -> None:
        known = msgspec.structs.replace(
            work.credentials, key_version=key.version, key=key.key
        )
        try:
            kept.save(work.folder, known)
        except OSError as error:
            work.say(f"a new key could not be kept: {error.strerror}")
            return
        signer.key_version, signer.key = key.version, key.key
        work.say(f"signing with key version {key.version} from now on")

    return keep


def _teller(
    say: Callable[[str], None], lanes: Sequence[Lane]
) -> Callable[[Link], None]:
    told = [""]

    def tell(link: Link) -> None:
        """People hear of trouble and of its end, not of every batch."""
        trouble = link.why if link.state in {"retrying", "stopped"} else ""
        if trouble != told[0]:
            told[0] = trouble
            what = f"{link.state}: {trouble}" if trouble else "works"
            say(f"uplink of {' and '.join(lanes)} {what}")

    return tell


def to_stderr(text: str) -> None:
    """A line for people, and for the journal."""
    sys.stderr.write(f"sentinel: {text}\n")
    sys.stderr.flush()
