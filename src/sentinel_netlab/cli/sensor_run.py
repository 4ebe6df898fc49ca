"""
`sentinel sensor run`: from arguments and the settings file to the agent.
"""

from __future__ import annotations

import asyncio
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sentinel_netlab.cli.agent import Work, clock_us, run, to_stderr
from sentinel_netlab.core.configuration import Configuration
from sentinel_netlab.core.policy import Policy, policy_from
from sentinel_netlab.sensor.capture.reader import CaptureError
from sentinel_netlab.sensor.credentials import CredentialsError, load
from sentinel_netlab.sensor.processor import Processor
from sentinel_netlab.sensor.recorded import Recorded
from sentinel_netlab.sensor.replay import Speed
from sentinel_netlab.sensor.sources import Source
from sentinel_netlab.sensor.spool import SpoolError

if TYPE_CHECKING:
    from sentinel_netlab.sensor.listening import Air, Listening

MIB = 1 << 20
EXIT_USAGE = 2


@dataclass(frozen=True, slots=True)
class Request:
    """Arguments of the command."""

    interfaces: tuple[str, ...]
    replay: str | None
    speed: str
    loop: bool
    shift: bool
    config: Path | None
    folder: Path


class FileSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What ``sensor.toml`` may say; arguments and the controller's wishes go before it.

    Attributes:
        interfaces: monitor interfaces, or radios of which one is made.
        channels_mhz, dwell_ms, detectors, thresholds: as the controller wishes them
            (`core.configuration`).
        policy: file with the networks of this place (docs/policy.md).
        spool_max_mib: MiB on disk before the oldest batches are dropped, counted.
        payloads: whether evidence holds what data frames carry.
        metrics_host, metrics_port: where Prometheus may ask; port 0: nowhere.
    """

    interfaces: list[str] = []
    channels_mhz: list[int] = []
    dwell_ms: int = 250
    detectors: list[str] = []
    thresholds: dict[str, float] = {}
    policy: str = ""
    spool_max_mib: int = 512
    payloads: bool = False
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0


def start(request: Request) -> int:
    """Run the agent; the exit status."""
    try:
        work = _work(request)
        return asyncio.run(run(work))
    except (ValueError, CredentialsError, CaptureError, SpoolError) as error:
        to_stderr(str(error))
    except OSError as error:
        to_stderr(f"{error.filename or request.folder}: {error.strerror}")
    return EXIT_USAGE


def _work(request: Request) -> Work:
    settings = read_settings(request.config)
    credentials = load(request.folder)
    interfaces = request.interfaces or tuple(settings.interfaces)
    if (request.replay is None) == (not interfaces):
        raise ValueError("name an --interface or a --replay, and not both")
    sources: Sequence[Source]
    if request.replay is not None:
        sources, air = [_recorded(request, request.replay)], None
    else:
        sources, air = _listening(interfaces, settings)
    return Work(
        folder=request.folder,
        credentials=credentials,
        sources=sources,
        configuration=_configuration(settings),
        policy=_policy(settings.policy),
        spool_bytes=settings.spool_max_mib * MIB,
        payloads=settings.payloads,
        metrics_host=settings.metrics_host,
        metrics_port=settings.metrics_port,
        retune=_retune(air),
        blind_s=dict if air is None else air.blind_s,
        watch=lambda processor: _watch(air, processor),
        say=to_stderr,
    )


def _recorded(request: Request, path: str) -> Recorded:
    return Recorded(
        path,
        speed=Speed.parse(request.speed),
        loop=request.loop,
        start_us=clock_us() if request.shift else None,
        monotonic=time.monotonic,
        say=to_stderr,
    )


def _listening(
    interfaces: Sequence[str], settings: FileSettings
) -> tuple[list[Listening], Air]:
    # Only here, for a replay needs neither netlink nor a wireless kernel.
    from sentinel_netlab.sensor.listening import Air, Listening  # noqa: PLC0415

    air = Air(
        settings.channels_mhz,
        settings.dwell_ms,
        favoured=frozenset,
        monotonic=time.monotonic,
        radios=len(interfaces),
    )
    radios = [
        Listening(name, air, number=number, clock=time.time, say=to_stderr)
        for number, name in enumerate(interfaces)
    ]
    return radios, air


def _retune(air: Air | None) -> Callable[[Configuration], None]:
    def retune(configuration: Configuration) -> None:
        if air is not None:
            air.plan(configuration.channels_mhz, configuration.dwell_ms)

    return retune


def _watch(air: Air | None, processor: Processor) -> None:
    if air is not None:
        air.favoured = lambda: processor.favoured


def read_settings(path: Path | None) -> FileSettings:
    """
    The settings in *path*; the defaults for None.

    Raises:
        ValueError: the file is no TOML, or says what nobody knows.
        OSError: it cannot be read.
    """
    if path is None:
        return FileSettings()
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), FileSettings)
    except (
        tomllib.TOMLDecodeError,
        UnicodeDecodeError,
        msgspec.ValidationError,
    ) as why:
        raise ValueError(f"{path}: {why}") from None


def _configuration(settings: FileSettings) -> Configuration:
    return Configuration(
        channels_mhz=settings.channels_mhz,
        dwell_ms=settings.dwell_ms,
        detectors=settings.detectors,
        thresholds=settings.thresholds,
    )


def _policy(path: str) -> Policy:
    if not path:
        return Policy()
    try:
        return policy_from(tomllib.loads(Path(path).read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as why:
        raise ValueError(f"{path}: {why}") from None
