"""
The jobs that people start: migrate, adopt.

Alembic does the work by `migrations/env.py`, which takes the lock and checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from sentinel_netlab.store.fingerprint import (
    Differences,
    Fingerprint,
    check_schema,
    golden_of,
)
from sentinel_netlab.store.migrations.older import BASELINE, OLDER_TABLES
from sentinel_netlab.store.roles import AppRole, Granted, RoleError, ensure_app_role
from sentinel_netlab.store.schema_state import our_history
from sentinel_netlab.store.upgrade.bases import obstacles
from sentinel_netlab.store.upgrade.environment import PLAN
from sentinel_netlab.store.upgrade.errors import UpgradeError, failure
from sentinel_netlab.store.upgrade.plan import Plan, owner_engine
from sentinel_netlab.store.upgrade.shapes import (
    Recognition,
    older_tables,
    recognise,
)

_SCRIPTS = "sentinel_netlab.store:migrations"
_T = TypeVar("_T")


@dataclass(slots=True)
class Outcome:
    """
    What a job came to.

    Attributes:
        before: revision that the database was at; None: none.
        after: the one that it is at.
        granted: what was done for the role of the app; None: there is none.
        differences: of the schema from what the migrations make.
    """

    before: str | None = None
    after: str | None = None
    granted: Granted | None = None
    differences: Differences = field(default_factory=Differences)


@dataclass(frozen=True, slots=True)
class Look:
    """
    What there is to adopt.

    Attributes:
        revision: that the database says it is at.
        rows: of each table of the older version.
        recognition: None: there are no such tables.
        obstacles: what else is in the way, one sentence each.
    """

    revision: str | None
    rows: dict[str, int]
    recognition: Recognition | None
    obstacles: tuple[str, ...]

    @property
    def is_fit(self) -> bool:
        """Whether it can be adopted."""
        found = self.recognition
        return found is not None and not found.differences and not self.obstacles


def migrate(plan: Plan, role: AppRole | None) -> Outcome:
    """
    Bring the database to head, *role* to its rights, and compare.

    Raises:
        UpgradeError: nothing was changed.
    """
    outcome = Outcome()

    def start(heads: tuple[str, ...]) -> None:
        outcome.before = ", ".join(heads) or None

    def finish(connection: sa.Connection) -> None:
        if role is not None:
            outcome.granted = ensure_app_role(connection, role)
        outcome.after = _revision(connection)
        golden = golden_of(outcome.after or "", connection.dialect.name)
        if golden is not None:
            _, outcome.differences = check_schema(connection, golden)

    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.attributes[PLAN] = replace(plan, admit=True, start=start, finish=finish)
    _guarded(lambda: command.upgrade(config, "head"))
    return outcome


def adopt(plan: Plan, role: AppRole | None) -> Outcome:
    """As `migrate`; tables of the older version may be there without a revision."""
    return migrate(replace(plan, adopt=True), role)


def look(plan: Plan) -> Look:
    """What there is to adopt; nothing is changed."""

    def read(connection: sa.Connection) -> Look:
        revision = _revision(connection)
        tables = older_tables(connection)
        counts = {name: _count(connection, name) for name in tables}
        if not tables or revision not in (None, BASELINE):
            return Look(revision, counts, None, ())
        problems = tuple(obstacles(connection))
        return Look(revision, counts, recognise(connection), problems)

    return _read(plan, read)


def adopted_rows(plan: Plan) -> dict[str, int]:
    """Rows of the tables that the older version had."""

    def read(connection: sa.Connection) -> dict[str, int]:
        return {name: _count(connection, name) for name in OLDER_TABLES}

    return _read(plan, read)


def compared(plan: Plan) -> tuple[str | None, Fingerprint, Fingerprint | None]:
    """Revision, fingerprint as it is, and as the migrations made it if we know that."""

    def read(
        connection: sa.Connection,
    ) -> tuple[str | None, Fingerprint, Fingerprint | None]:
        revision = _revision(connection)
        golden = golden_of(revision or "", connection.dialect.name)
        actual, _ = check_schema(connection, golden or Fingerprint({}))
        return revision, actual, golden

    return _read(plan, read)


def head() -> str:
    """The revision that this code needs."""
    return our_history().head


def _read(plan: Plan, action: Callable[[sa.Connection], _T]) -> _T:
    def run() -> _T:
        with owner_engine(plan, reads_only=True).connect() as connection:
            return action(connection)

    return _guarded(run)


def _guarded(action: Callable[[], _T]) -> _T:
    """*action* with every failure as one of ours, in which no row is quoted."""
    try:
        return action()
    except CommandError as error:
        raise UpgradeError(str(error)) from error
    except RoleError as error:
        raise UpgradeError(str(error)) from error
    except DBAPIError as error:
        raise failure(error) from error


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    query = "SELECT version_num FROM alembic_version ORDER BY 1"
    return ", ".join(row[0] for row in connection.exec_driver_sql(query)) or None


def _count(connection: sa.Connection, table: str) -> int:
    query = sa.select(sa.func.count()).select_from(sa.table(table))
    return int(connection.execute(query).scalar_one())
