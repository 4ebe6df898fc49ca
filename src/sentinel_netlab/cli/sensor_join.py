"""
`sentinel sensor join`: a code becomes a key.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import typer

from sentinel_netlab.cli.agent import trust
from sentinel_netlab.client.answers import Outcome
from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.client.wanted import read_joined
from sentinel_netlab.core.configuration import Joined
from sentinel_netlab.sensor.credentials import Credentials, save


def run(url: str, code: str, ca: Path | None, folder: Path) -> int:
    """Join; the exit status."""
    ca_file = "" if ca is None else str(ca.absolute())
    if code == "-":
        code = sys.stdin.readline().strip()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(13, "cannot be written")
        joined = asyncio.run(_join(url, code, ca_file))
    except OSError as error:
        where = ca_file if isinstance(error, FileNotFoundError) and ca_file else folder
        typer.echo(f"sentinel: {where}: {error.strerror or error}", err=True)
        return 2
    except ValueError as error:
        typer.echo(f"sentinel: {url}: {error}", err=True)
        return 2
    if isinstance(joined, str):
        typer.echo(f"sentinel: {joined}", err=True)
        return 1
    save(
        folder,
        Credentials(
            controller=url,
            sensor_id=joined.sensor_id,
            key_version=joined.key.version,
            key=joined.key.key,
            ca_file=ca_file,
        ),
    )
    typer.echo(f"joined as {joined.sensor_id}; the key is in {folder}")
    return 0


async def _join(url: str, code: str, ca_file: str) -> Joined | str:
    """What the controller gave, or why it gave nothing."""
    async with SensorClient(url, verify=trust(ca_file)) as client:
        try:
            answer = await client.join(code, now=datetime.now(UTC))
        except httpx.TransportError as error:
            why = " ".join(str(error).split()) or type(error).__name__
            return f"{url} did not answer: {why}"
    if answer.outcome is not Outcome.TAKEN:
        return f"the controller refused: {answer.status} {answer.code}".rstrip()
    return read_joined(answer) or f"{url} is no controller of Sentinel NetLab"
