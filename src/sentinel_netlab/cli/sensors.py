"""
`sentinel sensors`: who may listen for us.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel_netlab.cli.database import (
    Lab,
    LabFolder,
    actor,
    on_database,
    refused,
    utc_now,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from sentinel_netlab.store.sensor_changes import Action, Switched
    from sentinel_netlab.store.sensors import Enrolled, StoredSensor

DEFAULT_HOURS, MAX_HOURS = 24.0, 168.0
commands = typer.Typer(
    help="Sensors: enroll them, list them, give them a new key, disable them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Id of the sensor.")]
_REFUSALS = {
    "exists": "a machine has joined as this sensor before; --again replaces it",
    "site_unknown": "there is no such site",
    "unknown": "there is no such sensor",
    "not_joined": "no machine has joined as this sensor: it has no key to change",
}


@commands.command()
def enroll(
    name: Name,
    *,
    site: Annotated[
        str | None,
        typer.Option(help="Where it will be; the site default, if not given."),
    ] = None,
    hours: Annotated[
        float,
        typer.Option(min=0.1, max=MAX_HOURS, help="How long the code can be used."),
    ] = DEFAULT_HOURS,
    again: Annotated[
        bool,
        typer.Option("--again", help="Another machine is to become this sensor."),
    ] = False,
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """
    Print a code that a machine becomes the sensor NAME with, once.

    Exit status: 0 printed, 1 refused.
    """
    from sentinel_netlab.core.configuration import is_free_sensor_id  # noqa: PLC0415
    from sentinel_netlab.core.join_codes import CODE_BYTES, make_code  # noqa: PLC0415

    if not is_free_sensor_id(name):
        raise refused("a sensor's name is 1 to 63 of a-z, 0-9 and -")
    code = make_code(secrets.token_bytes(CODE_BYTES))
    done = on_database(
        lambda e: _enroll(e, name, code, site, hours, again=again), lab=lab, folder=data
    )
    if done != "enrolled":
        raise refused(_REFUSALS[done])
    typer.echo(code)
    typer.echo(
        f"on the sensor, within {hours:g} h: "
        f"sentinel sensor join https://CONTROLLER {code}",
        err=True,
    )


@commands.command(name="list")
def list_all(*, lab: Lab = False, data: LabFolder = None) -> None:
    """List the sensors: id, state, site, key, last heard, configuration."""
    for sensor in on_database(_list, lab=lab, folder=data):
        typer.echo("\t".join(ascii(item).strip("'") for item in _row(sensor)))


@commands.command()
def rotate(name: Name, *, lab: Lab = False, data: LabFolder = None) -> None:
    """
    Give a sensor a new key with its next heartbeat.

    The old one opens until the new one was used.
    """
    _switch(name, "rotate", lab=lab, data=data)
    typer.echo(f"{name} is given a new key with its next heartbeat")


@commands.command()
def disable(name: Name, *, lab: Lab = False, data: LabFolder = None) -> None:
    """Hear a sensor no more; it keeps what it has to say."""
    _switch(name, "disable", lab=lab, data=data)
    typer.echo(f"{name} is disabled")


@commands.command()
def enable(name: Name, *, lab: Lab = False, data: LabFolder = None) -> None:
    """Hear a disabled sensor again; it goes on with the key that it has."""
    _switch(name, "enable", lab=lab, data=data)
    typer.echo(f"{name} is enabled")


def _row(sensor: StoredSensor) -> tuple[str, ...]:
    if not sensor.key_version:
        key = "has not joined" if sensor.join_expires_at else "no key"
    elif sensor.oldest_key_version < sensor.key_version:
        key = f"key {sensor.key_version} not used yet"
    else:
        key = f"key {sensor.key_version}"
    heard = sensor.last_heartbeat
    reported = sensor.reported_version
    return (
        sensor.id,
        sensor.status or "-",
        sensor.site_id or "no site",
        key,
        "never heard" if heard is None else f"{heard:%Y-%m-%dT%H:%M:%SZ}",
        f"configuration {sensor.config_version}"
        + (
            ""
            if reported in {None, sensor.config_version}
            else f", works with {reported}"
        ),
    )


def _switch(name: str, action: Action, *, lab: bool, data: LabFolder) -> None:
    done = on_database(lambda e: _do(e, name, action), lab=lab, folder=data)
    if done in _REFUSALS:
        raise refused(_REFUSALS[done])


async def _enroll(
    engine: AsyncEngine,
    name: str,
    code: str,
    site: str | None,
    hours: float,
    *,
    again: bool,
) -> Enrolled:
    from sentinel_netlab.store.sensor_changes import Author, invite  # noqa: PLC0415

    async with engine.begin() as c:
        return await invite(
            c,
            Author(actor()),
            sensor_id=name,
            code=code,
            site_id=site,
            valid_hours=hours,
            again=again,
            now=utc_now(),
        )


async def _list(engine: AsyncEngine) -> list[StoredSensor]:
    from sentinel_netlab.store.engine import reading  # noqa: PLC0415
    from sentinel_netlab.store.sensors import list_sensors  # noqa: PLC0415

    async with reading(engine).connect() as c:
        return await list_sensors(c)


async def _do(engine: AsyncEngine, name: str, action: Action) -> Switched:
    from sentinel_netlab.store.sensor_changes import Author, switch  # noqa: PLC0415

    async with engine.begin() as c:
        return await switch(c, Author(actor()), name, action, utc_now())
