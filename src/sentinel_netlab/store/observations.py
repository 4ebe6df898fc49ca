"""
Observations into the table `telemetry`, each once.

A job is done once; should a sensor send an observation in two batches nevertheless, the
unique (sensor_id, epoch, seq) keeps the second out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.addresses import parse_mac
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.core.times import moment
from sentinel_netlab.core.wire import ObservationRecord
from sentinel_netlab.store.tables import telemetry

COLUMNS = (
    "timestamp", "sensor_id", "batch_id", "ingested_at", "bssid", "ssid", "ssid_text",
    "channel", "rssi_dbm", "frequency_mhz", "security", "raw_data", "transmitter",
    "first_seen", "last_seen", "frames", "management", "control", "data", "retries",
    "protected", "octets", "beacons", "signal_frames", "signal_mean_dbm",
    "signal_min_dbm", "signal_max_dbm", "fingerprint", "epoch", "seq",
)  # fmt: skip
_COPY = f"COPY telemetry ({', '.join(COLUMNS)}) FROM STDIN"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NULL = r"\N"


@dataclass(frozen=True, slots=True)
class Origin:
    """
    Where observations come from.

    Attributes:
        received_at: the server's time.
    """

    sensor_id: str
    batch_id: str
    epoch: str
    received_at: datetime


async def add_observations(
    c: AsyncConnection,
    origin: Origin,
    observations: Iterable[ObservationRecord],
    doubts: Mapping[int, str],
) -> list[ObservationRecord]:
    """
    Store *observations*.

    Args:
        doubts: why the times of an observation are not believed, by seq.

    Returns:
        Those that were not there.
    """
    fresh = list({one.seq: one for one in observations}.values())
    if not fresh:
        return []
    if c.dialect.name != "postgresql":
        return await _insert_missing(c, origin, fresh, doubts)
    try:
        async with c.begin_nested():
            await _copy(c, origin, fresh, doubts)
    except psycopg.errors.UniqueViolation:
        return await _insert_each(c, origin, fresh, doubts)
    return fresh


async def _copy(
    c: AsyncConnection,
    origin: Origin,
    observations: Sequence[ObservationRecord],
    doubts: Mapping[int, str],
) -> None:
    await write_lines(c, copy_lines(origin, observations, doubts))


async def write_lines(c: AsyncConnection, lines: bytes) -> None:
    """COPY what `copy_lines` made; of PostgreSQL only."""
    connection = (await c.get_raw_connection()).driver_connection
    assert isinstance(connection, psycopg.AsyncConnection)  # noqa: S101
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        await copy.write(lines)


async def _insert_each(
    c: AsyncConnection,
    origin: Origin,
    observations: Sequence[ObservationRecord],
    doubts: Mapping[int, str],
) -> list[ObservationRecord]:
    """Some are there already: the database says which are not."""
    insert = (
        postgresql.insert(telemetry).on_conflict_do_nothing().returning(telemetry.c.seq)
    )
    rows = [row_of(origin, one, doubts.get(one.seq)) for one in observations]
    stored = set((await c.execute(insert, rows)).scalars())
    return [one for one in observations if one.seq in stored]


async def _insert_missing(
    c: AsyncConnection,
    origin: Origin,
    observations: Sequence[ObservationRecord],
    doubts: Mapping[int, str],
) -> list[ObservationRecord]:
    """SQLite has one writer: what is not there now will not be until we end."""
    columns = telemetry.c
    numbers = [one.seq for one in observations]
    found = await c.execute(
        sa.select(columns.seq).where(
            columns.sensor_id == origin.sensor_id,
            columns.epoch == origin.epoch,
            columns.seq.between(min(numbers), max(numbers)),
        )
    )
    known = set(found.scalars())
    missing = [one for one in observations if one.seq not in known]
    if missing:
        rows = [row_of(origin, one, doubts.get(one.seq)) for one in missing]
        await c.execute(sa.insert(telemetry).inline(), rows)
    return missing


def row_of(
    origin: Origin, one: ObservationRecord, doubt: str | None = None
) -> dict[str, Any]:
    """The row of *one*, by column."""
    ssid = None if one.ssid is None else bytes.fromhex(one.ssid)
    mean_dbm = one.signal_mean_dbm
    return {
        "timestamp": moment(one.window_us),
        "sensor_id": origin.sensor_id,
        "batch_id": origin.batch_id,
        "ingested_at": origin.received_at,
        "bssid": None if one.bssid is None else parse_mac(one.bssid),
        "ssid": ssid,
        "ssid_text": None if ssid is None else display_ssid(ssid),
        "channel": one.channel or None,
        "rssi_dbm": None if mean_dbm is None else round(mean_dbm),
        "frequency_mhz": one.frequency_mhz or None,
        "security": one.security,
        "raw_data": None if doubt is None else {"quarantined": doubt},
        "transmitter": parse_mac(one.transmitter),
        "first_seen": moment(one.first_us),
        "last_seen": moment(one.last_us),
        "frames": one.frames,
        "management": one.management,
        "control": one.control,
        "data": one.data,
        "retries": one.retries,
        "protected": one.protected,
        "octets": one.octets,
        "beacons": one.beacons,
        "signal_frames": one.signal_frames,
        "signal_mean_dbm": mean_dbm,
        "signal_min_dbm": one.signal_min_dbm,
        "signal_max_dbm": one.signal_max_dbm,
        "fingerprint": one.fingerprint,
        "epoch": origin.epoch,
        "seq": one.seq,
    }


def copy_lines(
    origin: Origin, observations: Iterable[ObservationRecord], doubts: Mapping[int, str]
) -> bytes:
    """*observations* in PostgreSQL's text format of COPY, in the order of `COLUMNS`."""
    source = f"{origin.sensor_id}\t{origin.batch_id}\t{origin.received_at.isoformat()}"
    lines = [
        _line(one, source, origin.epoch, doubts.get(one.seq)) for one in observations
    ]
    return "".join(lines).encode()


def _line(one: ObservationRecord, source: str, epoch: str, doubt: str | None) -> str:
    quarantined = _NULL if doubt is None else f'{{"quarantined": "{doubt}"}}'
    mean_dbm = one.signal_mean_dbm
    return (
        f"{_time(one.window_us)}\t{source}\t{one.bssid or _NULL}\t{_name(one.ssid)}\t"
        f"{one.channel or _NULL}\t{_NULL if mean_dbm is None else round(mean_dbm)}\t"
        f"{one.frequency_mhz or _NULL}\t{_text(one.security)}\t{quarantined}\t"
        f"{one.transmitter}\t{_time(one.first_us)}\t{_time(one.last_us)}\t"
        f"{one.frames}\t{one.management}\t{one.control}\t{one.data}\t{one.retries}\t"
        f"{one.protected}\t{one.octets}\t{one.beacons}\t{one.signal_frames}\t"
        f"{_number(mean_dbm)}\t{_number(one.signal_min_dbm)}\t"
        f"{_number(one.signal_max_dbm)}\t{_text(one.fingerprint)}\t{epoch}\t{one.seq}\n"
    )


def _time(time_us: int) -> str:
    second, us = divmod(time_us, 1_000_000)
    return f"{_second(second)}.{us:06}+00"


# Observations of a window share seconds, names and securities.
@lru_cache(maxsize=4_096)
def _second(second: int) -> str:
    return moment(second * 1_000_000).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


@lru_cache(maxsize=4_096)
def _name(ssid: str | None) -> str:
    """Columns ``ssid`` and ``ssid_text``."""
    if ssid is None:
        return f"{_NULL}\t{_NULL}"
    return f"\\\\x{ssid}\t{_text(display_ssid(bytes.fromhex(ssid)))}"


@lru_cache(maxsize=4_096)
def _text(text: str | None) -> str:
    return _NULL if text is None else text.translate(_ESCAPES)


def _number(number: float | None) -> str:
    return _NULL if number is None else repr(number)
