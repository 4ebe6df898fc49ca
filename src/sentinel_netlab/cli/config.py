"""
`sentinel config`: what the environment says, and whether it will do.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sentinel_netlab.settings import Reading, Settings

commands = typer.Typer(
    help="The settings: check them, show them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command()
def check() -> None:
    """
    Check the settings of the controller, the worker, the migrations and the stack.

    Exit status: 0 all will start, 78 one line per problem on stderr; values are never
    printed.
    """
    from sentinel_netlab.settings import EX_CONFIG  # noqa: PLC0415

    readings = _readings(os.environ).values()
    for warning in _each_once(reading.warnings for reading in readings):
        typer.echo(f"sentinel: warning: {warning}", err=True)
    problems = _each_once(reading.problems for reading in readings)
    for problem in problems:
        typer.echo(f"sentinel: {problem}", err=True)
    if problems:
        raise typer.Exit(EX_CONFIG)
    typer.echo("the settings are complete")


@commands.command()
def show() -> None:
    """Show each setting, its value unless it is a secret, and where it came from."""
    rows = [
        row
        for cls, reading in _readings(os.environ).items()
        for row in _rows(cls, reading, os.environ)
    ]
    rows = list(dict.fromkeys(rows))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, value, source in rows:
        typer.echo(f"{name:{widths[0]}}  {value:{widths[1]}}  {source}")


def _readings(environ: Mapping[str, str]) -> dict[type[Settings], Reading]:
    from sentinel_netlab.controller.settings import ControllerSettings  # noqa: PLC0415
    from sentinel_netlab.controller.stack import StackSettings  # noqa: PLC0415
    from sentinel_netlab.settings import read  # noqa: PLC0415
    from sentinel_netlab.worker.settings import WorkerSettings  # noqa: PLC0415

    # The settings of the database are those of both.
    classes = (ControllerSettings, WorkerSettings, StackSettings)
    return {cls: read(cls, environ) for cls in classes}


def _each_once(lists: Iterable[list[str]]) -> list[str]:
    return list(dict.fromkeys(text for texts in lists for text in texts))


def _rows(
    cls: type[Settings], reading: Reading, environ: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    from sentinel_netlab.settings import is_secret, name_of  # noqa: PLC0415

    rows = []
    for field, info in cls.model_fields.items():
        name = name_of(info)
        if name is None:
            continue
        if field in reading.values:
            value = _shown(reading.values[field], secret=is_secret(info))
        elif field in cls.files_elsewhere and not environ.get(name):
            value = "(not read here)"
        else:
            given = environ.get(name) or environ.get(f"{name}_FILE")
            value = "(refused)" if given else "(missing)"
        rows.append((name, value, reading.sources[field]))
    return rows


def _shown(value: Any, *, secret: bool) -> str:
    if value is None:
        return "(not set)"
    if secret:
        return f"set ({len(value.get_secret_value())} characters)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return ascii(str(value))[1:-1] or "(empty)"
