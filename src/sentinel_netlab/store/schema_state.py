"""
Whether this code may serve the database as it is: revision, critical tables, drift.

Nothing here changes anything, waits or decides about the process: what is not ready is
asked again later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.fingerprint import Fingerprint, check_schema, golden_of

SCHEMA_CODE = 1
"""This code's version of the schema, to be compared with `schema_compat` (MG11)."""

UNVERSIONED = "schema_unversioned"
BEHIND = "schema_behind"
AHEAD = "schema_ahead"
DRIFT = "schema_drift"
CRITICAL_TABLES = ("telemetry", "alerts")

_UNDEFINED_TABLE = "42P01"
_QUICK = {
    "postgresql": """
SELECT v.version_num, to_regclass('telemetry') IS NOT NULL,
       to_regclass('alerts') IS NOT NULL
FROM (SELECT 1) AS one LEFT JOIN alembic_version AS v ON true
""",
    "sqlite": """
SELECT v.version_num,
       EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'telemetry'),
       EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alerts')
FROM (SELECT 1) AS one LEFT JOIN alembic_version AS v ON true
""",
}
_COMPATIBLE = "SELECT min_compatible_code FROM schema_compat"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """
    What a look at the schema found.

    Attributes:
        code: why it is not ready, for machines.
        title: the same, for people.
        revision: of the database; several are joined by commas.
        details: for logs only, one sentence each.
        not_ours: objects of others; None if nobody looked.
    """

    ready: bool
    code: str | None = None
    title: str | None = None
    revision: str | None = None
    details: tuple[str, ...] = ()
    not_ours: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The revisions that this code knows."""

    head: str
    known: frozenset[str]


@cache
def our_history() -> History:
    """
    The revisions under ``store/migrations``.

    Raises:
        CommandError: they have several heads.
    """
    folder = str(files("sentinel_netlab.store") / "migrations")
    scripts = ScriptDirectory(folder)
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return History(scripts.get_current_head() or "", known)


async def quick_state(
    connection: AsyncConnection, history: History | None = None
) -> SchemaState:
    """
    Look at revision and critical tables, in one query if the revision is known.

    On PostgreSQL the transaction of *connection* has failed if there is no version.
    """
    history = history or our_history()
    try:
        query = sa.text(_QUICK[connection.dialect.name])
        rows = list(await connection.execute(query))
    except DBAPIError as error:
        if not _means_no_table(error):
            raise
        return _refusal(UNVERSIONED, None, "there is no table alembic_version")
    revisions = [row[0] for row in rows if row[0] is not None]
    state = await _judge(connection, revisions, history)
    missing = [
        f"table {name} is missing"
        for name, there in zip(CRITICAL_TABLES, rows[0][1:], strict=True)
        if not there
    ]
    if state.ready and missing:
        return _refusal(DRIFT, state.revision, *missing)
    return state


async def full_state(
    connection: AsyncConnection,
    history: History | None = None,
    golden: Fingerprint | None = None,
) -> SchemaState:
    """
    Look as `quick_state`, and compare the whole schema if it is at our head.

    A newer schema that admits this code is not compared: its shape is unknown here.
    """
    history = history or our_history()
    state = await quick_state(connection, history)
    at_head = state.revision == history.head
    if not at_head or (state.code is not None and state.code != DRIFT):
        return state
    golden = golden or golden_of(history.head, connection.dialect.name)
    if golden is None:
        return _refusal(DRIFT, state.revision, "no golden fingerprint is installed")
    return await _compared(connection, state, golden)


async def _compared(
    connection: AsyncConnection, state: SchemaState, golden: Fingerprint
) -> SchemaState:
    _, found = await connection.run_sync(check_schema, golden)
    not_ours = tuple(found.not_ours)
    if found.ours_missing_or_changed:
        drift = _refusal(DRIFT, state.revision, *found.ours_missing_or_changed)
        return replace(drift, not_ours=not_ours)
    return replace(state, not_ours=not_ours)


async def _judge(
    connection: AsyncConnection, revisions: list[str], history: History
) -> SchemaState:
    """What the revisions of the database mean (MG11)."""
    if not revisions:
        return _refusal(UNVERSIONED, None, "alembic_version is empty")
    shown = ", ".join(sorted(revisions))
    unknown = sorted(set(revisions) - history.known)
    if len(revisions) > 1:
        code = AHEAD if unknown else BEHIND
        return _refusal(code, shown, f"the database has several heads: {shown}")
    if revisions == [history.head]:
        return SchemaState(ready=True, revision=shown)
    if not unknown:
        return _refusal(BEHIND, shown, f"at {shown}, this code needs {history.head}")
    needed = await _min_compatible_code(connection)
    if needed is not None and needed <= SCHEMA_CODE:
        return SchemaState(ready=True, revision=shown)
    text = f"at {shown}, which this code ({SCHEMA_CODE}) does not know; it admits code "
    return _refusal(
        AHEAD, shown, text + ("of nobody" if needed is None else f"{needed} and newer")
    )


async def _min_compatible_code(connection: AsyncConnection) -> int | None:
    """The oldest code that the schema admits; None if it does not say."""
    try:
        found = await connection.execute(sa.text(_COMPATIBLE))
    except DBAPIError as error:
        if not _means_no_table(error):
            raise
        return None
    values = [int(row[0]) for row in found]
    return max(values) if values else None


def _means_no_table(error: DBAPIError) -> bool:
    """Whether a query failed because a table is missing."""
    state = getattr(error.orig, "sqlstate", None)
    return state == _UNDEFINED_TABLE or "no such table" in str(error.orig)


def _refusal(code: str, revision: str | None, *details: str) -> SchemaState:
    title = code.replace("_", " ").title()
    return SchemaState(
        ready=False, code=code, title=title, revision=revision, details=details
    )
