"""
Where a process of the server gets its environment from: as it is, or as the lab has it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

if TYPE_CHECKING:
    from sentinel_netlab.store.settings import DatabaseSettings


def environment_of(
    *, lab: bool, folder: Path | None
) -> tuple[Mapping[str, str], Literal["prod", "lab"]]:
    """
    The environment to read settings from, and their profile.

    With *lab* the data are in *folder*, or where `settings.lab` says; a line on stderr
    says so.  Exits with 78 where the lab cannot be.
    """
    from sentinel_netlab.settings import EX_CONFIG, SettingsError  # noqa: PLC0415
    from sentinel_netlab.settings.lab import (  # noqa: PLC0415
        banner,
        default_folder,
        lab_environment,
    )

    if not lab:
        if folder is not None:
            typer.echo("sentinel: --data is for --lab", err=True)
            raise typer.Exit(2)
        return os.environ, "prod"
    folder = folder or default_folder(os.environ)
    try:
        environ = lab_environment(os.environ, folder)
    except SettingsError as error:
        for problem in error.problems:
            typer.echo(f"sentinel: {problem}", err=True)
        raise typer.Exit(EX_CONFIG) from None
    except OSError as error:
        typer.echo(f"sentinel: {folder}: {error.strerror}", err=True)
        raise typer.Exit(EX_CONFIG) from None
    typer.echo(banner(folder), err=True)
    return environ, "lab"


def bring_to_head(settings: DatabaseSettings) -> None:
    """
    Migrate the lab's database, as the migration job does in production.

    What prevents it is said, and no reason to end: readiness says it too.
    """
    from sentinel_netlab.store.upgrade.errors import UpgradeError  # noqa: PLC0415
    from sentinel_netlab.store.upgrade.job import migrate  # noqa: PLC0415
    from sentinel_netlab.store.upgrade.plan import Plan  # noqa: PLC0415

    try:
        migrate(Plan.of(settings), role=None)
    except UpgradeError as error:
        typer.echo(f"sentinel: {error}", err=True)
