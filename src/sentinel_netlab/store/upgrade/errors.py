"""
Why a database was not brought to our schema; each has the exit status of the job.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError


class UpgradeError(Exception):
    """
    Nothing was changed, or all of it was taken back.

    Attributes:
        status: exit status of the process.
        details: one line each.
    """

    status = 1

    def __init__(self, text: str, details: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.details = tuple(details)


class RefusedError(UpgradeError):
    """The tables are not those that an upgrade could start from."""

    status = 3


class UnknownRevisionError(UpgradeError):
    """The database is at a revision that this code does not know."""

    status = 4


class LockBusyError(UpgradeError):
    """Another migration, or a user of a table, did not end in time."""

    status = 75  # EX_TEMPFAIL of sysexits.h


def failure(error: DBAPIError) -> UpgradeError:
    """What the database says first; statement and details may quote rows."""
    lines = str(error.orig).strip().splitlines()
    said = lines[0] if lines else type(error.orig).__name__
    return UpgradeError(f"the database refused: {said}")
