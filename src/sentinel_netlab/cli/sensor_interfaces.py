"""
`sentinel sensor interfaces`: the radios of this machine and what they can do.
"""

from __future__ import annotations

from collections.abc import Iterable

import typer

from sentinel_netlab.sensor.capture.live import InterfaceError
from sentinel_netlab.sensor.radio import Channel, Radio, Radios

BANDS = (("2.4 GHz", 2_400, 2_500), ("5 GHz", 4_900, 5_925), ("6 GHz", 5_925, 7_126))


def run() -> int:
    """A paragraph for each radio; 1 if there is none."""
    try:
        with Radios() as radios:
            found = radios.found()
    except InterfaceError as error:
        typer.echo(f"sentinel: {error}", err=True)
        return 1
    for radio in found:
        for line in lines_of(radio):
            typer.echo(line)
    if not found:
        typer.echo("no radio was found", err=True)
    return 0 if found else 1


def lines_of(radio: Radio) -> list[str]:
    """What to say of *radio*."""
    monitor = "offers monitor interfaces" if radio.can_monitor else "cannot listen"
    lines = [f"{radio.name}: {monitor}"]
    for one in radio.interfaces:
        where = f", {one.frequency_mhz} MHz" if one.frequency_mhz else ""
        lines.append(f"  {one.name}: {one.word}{where}")
    for name, low_mhz, high_mhz in BANDS:
        band = [one for mhz, one in radio.channels.items() if low_mhz <= mhz < high_mhz]
        if band:
            lines.append(f"  {name}: {_counted(band)}")
    return lines


def _counted(band: Iterable[Channel]) -> str:
    allowed = sorted(one.frequency_mhz for one in band if one.allowed)
    if not allowed:
        return "no channel is allowed here"
    return f"{len(allowed)} channels, {allowed[0]} to {allowed[-1]} MHz"
