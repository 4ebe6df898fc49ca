"""
`sentinel migrate`: what the migration job runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sentinel_netlab.cli.lab import environment_of

if TYPE_CHECKING:
    from sentinel_netlab.store.roles import AppRole
    from sentinel_netlab.store.upgrade.job import Outcome
    from sentinel_netlab.store.upgrade.plan import Plan


@dataclass(frozen=True, slots=True)
class Target:
    """
    The database of the environment.

    Attributes:
        role: who the processes are there, if that is not its owner.
        url: that the processes use.
    """

    plan: Plan
    role: AppRole | None
    url: str


def target(*, lab: bool, folder: Path | None) -> Target:
    """What the settings name; exits with 78 if they are unusable."""
    from sentinel_netlab.settings import load_or_exit  # noqa: PLC0415
    from sentinel_netlab.store.roles import app_role_of  # noqa: PLC0415
    from sentinel_netlab.store.settings import (  # noqa: PLC0415
        DatabaseSettings,
        parse_url,
    )
    from sentinel_netlab.store.upgrade.plan import Plan  # noqa: PLC0415

    environ, profile = environment_of(lab=lab, folder=folder)
    settings = load_or_exit(DatabaseSettings, environ, profile=profile)
    plan = Plan.of(settings, say=say)
    url = settings.database_url.get_secret_value()
    return Target(plan, app_role_of(parse_url(url), plan.url), url)


def say(line: str) -> None:
    """A line for people and for the log of the job."""
    typer.echo(f"sentinel: {line}", err=True)


def run(*, lab: bool = False, folder: Path | None = None) -> int:
    """Migrate the database of the environment; the exit status."""
    from sentinel_netlab.store.upgrade.job import migrate  # noqa: PLC0415

    to = target(lab=lab, folder=folder)
    return reported(lambda: migrate(to.plan, to.role))


def reported(job: Callable[[], Outcome]) -> int:
    """Do *job* and tell what came of it; the exit status."""
    from sentinel_netlab.store.upgrade.errors import UpgradeError  # noqa: PLC0415

    try:
        outcome = job()
    except UpgradeError as error:
        say(str(error))
        for line in error.details:
            say(f"  {line}")
        return error.status
    report(outcome)
    return 0


def report(outcome: Outcome) -> None:
    """Say what was done, and each difference on a line of its own."""
    if outcome.before == outcome.after:
        say(f"the database is at {outcome.after}: nothing to migrate")
    else:
        say(f"migrated from {outcome.before or 'nothing'} to {outcome.after}")
    if outcome.granted is not None:
        for text in outcome.granted.done:
            say(f"granted: {text}")
        for text in outcome.granted.warnings:
            say(f"warning: {text}")
    for text in outcome.differences.ours_missing_or_changed:
        say(f"schema drift: {text}")
    for text in outcome.differences.not_ours:
        say(f"not ours: {text}")
