"""
What `migrations/env.py` does: so that everybody who runs Alembic has the lock, the
limits and the checks.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from sentinel_netlab.settings import load_or_exit
from sentinel_netlab.store.migrations.older import BASELINE
from sentinel_netlab.store.settings import DatabaseSettings
from sentinel_netlab.store.tables import metadata
from sentinel_netlab.store.upgrade.errors import (
    LockBusyError,
    UnknownRevisionError,
    UpgradeError,
    failure,
)
from sentinel_netlab.store.upgrade.lock import migration_lock
from sentinel_netlab.store.upgrade.newer import admits_this_code, remember
from sentinel_netlab.store.upgrade.plan import Plan, owner_engine
from sentinel_netlab.store.upgrade.shapes import older_tables

PLAN = "plan"
"""Key of the plan in the attributes of Alembic's configuration."""
TRIES = 8
_PAUSE_S = 1.0
# lock_not_available, deadlock_detected
_BUSY = frozenset({"55P03", "40P01"})


def run(context: Any) -> None:
    """
    Run what Alembic was asked for.

    Args:
        context: Alembic's module of that name.

    Raises:
        UpgradeError: by a plan in the configuration's attributes; who came by the
            command line sees its lines and exit status.
    """
    if context.is_offline_mode():
        sys.exit("sentinel: migrations look at the database: --sql cannot work")
    plan = context.config.attributes.get(PLAN)
    if plan is not None:
        _run(context, plan)
        return
    settings = load_or_exit(DatabaseSettings, os.environ)
    try:
        _guarded(context, Plan.of(settings, say=_to_stderr))
    except UpgradeError as error:
        for line in (str(error), *error.details):
            _to_stderr(line)
        sys.exit(error.status)


def _guarded(context: Any, plan: Plan) -> None:
    """No traceback: it would quote statements, and with them rows."""
    try:
        _run(context, plan)
    except DBAPIError as error:
        raise failure(error) from None


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"sentinel: {line}\n")
    sys.stderr.flush()


def _run(context: Any, plan: Plan) -> None:
    reader = owner_engine(plan, reads_only=True)
    with reader.connect() as connection:
        _configure(context, connection)
        if context.get_context().opts.get("dont_mutate"):
            context.run_migrations()
            return
    with migration_lock(plan):
        _again_while_busy(plan, lambda c: _upgrade(context, c, plan))
        if plan.finish is not None:
            _again_while_busy(plan, plan.finish)


def _upgrade(context: Any, connection: sa.Connection, plan: Plan) -> None:
    _configure(context, connection)
    with context.begin_transaction():
        if not _check(context, connection, plan):
            return
        context.run_migrations()
        for revision in context.get_context().get_current_heads():
            remember(connection, revision)


def _configure(context: Any, connection: sa.Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, transactional_ddl=True
    )


def _again_while_busy(plan: Plan, action: Callable[[sa.Connection], None]) -> None:
    """Do *action* in a transaction of its own, anew while others use a table."""
    engine = owner_engine(plan)
    for left in reversed(range(TRIES)):
        try:
            with engine.connect() as connection:
                action(connection)
                connection.commit()
        except DBAPIError as error:
            if not is_busy(error):
                raise
            if not left:
                raise LockBusyError("a table stays in use by others") from error
            plan.say("a table is in use: trying again")
            plan.sleep(random.uniform(_PAUSE_S / 2, 2 * _PAUSE_S))
        else:
            return


def is_busy(error: DBAPIError) -> bool:
    """Whether the same may work later."""
    state = getattr(error.orig, "sqlstate", None)
    return state in _BUSY or str(error.orig) == "database is locked"


def _check(context: Any, connection: sa.Connection, plan: Plan) -> bool:
    """
    Refuse what no revision could start from, before anything is written.

    Returns:
        Whether there may be something to do.
    """
    known = {script.revision for script in context.script.walk_revisions()}
    heads = context.get_context().get_current_heads()
    if plan.start is not None:
        plan.start(heads)
    if unknown := sorted(set(heads) - known):
        if plan.admit and len(heads) == 1 and admits_this_code(connection, heads[0]):
            plan.say(f"{heads[0]} is of a newer version, which admits this one")
            return False
        raise UnknownRevisionError(
            f"the database is at {', '.join(unknown)}, which this version does not "
            "know: install the version that made it, or a newer one"
        )
    if plan.adopt and not heads and older_tables(connection):
        context.get_context().stamp(context.script, BASELINE)
    return True
