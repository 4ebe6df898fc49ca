"""
Make the page of the schema from the tables and the migrations.

`tools/docs.py` writes and checks it with the other generated pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql, sqlite

from sentinel_netlab.store.roles import EXCEPTIONS, ROWS
from sentinel_netlab.store.tables import metadata

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/schema.md"
MIGRATIONS = ROOT / "src/sentinel_netlab/store/migrations"
INTRO = """\
# Schema

Made from the source by `make docs`. SQLite and PostgreSQL 14 to 18 have the same
tables; where a type has two names, the second is SQLite's.

## How it changes

Only migrations change it: `sentinel migrate`, or `python -m alembic upgrade head` from
the project's root. Both need the database settings alone ([settings](settings.md)).

- One migration at a time. Others wait for `SENTINEL_LOCK_WAIT_S`, and say for whom:
  PostgreSQL has an advisory lock, SQLite a locked file `<database>.migrating`.
- All revisions of a run are one transaction: a run that fails or is killed has
  changed nothing. A statement that waits for a table longer than
  `SENTINEL_LOCK_TIMEOUT_S` gives up, and the run is tried again.
- The lock needs a session of its own. Behind a pooler that shares sessions, the run is
  refused: `MIGRATION_DATABASE_URL` names the server itself.
- Before its first change, each revision checks that the tables are what it starts from.
- SQLite: the file is copied to `<database>.before-<revision>` before its tables are
  made anew. A file on a network file system is refused.
- There is no downgrade: restore a backup.

| exit status | meaning |
|---|---|
| 0 | at head; differences are told, one per line, and the controller answers 503 |
| 1 | another error; nothing was changed |
| 3 | the tables are not what an upgrade could start from, or cannot be adopted |
| 4 | the database is at a revision that this version does not know |
| 75 | another migration, or a user of a table, did not end in time |
| 78 | unusable settings |
"""
ADOPTION = """\
## Adoption

A database of the older version, which has no revision, is taken over by
`sentinel db adopt`. `--dry-run` tells what it is and changes nothing; `--yes` says that
there is a backup. By hand: `python -m alembic stamp 4085bd1d44e4`, then `upgrade head`.
Both accept the shapes that the older version is known to have made, and refuse others
with a list of the differences. Timescale hypertables are refused.

- Every row is kept and marked `adopted`; those of the audit log have no `position`.
- All API tokens are deactivated. Sensors need keys before they are heard again.
- Retention leaves adopted rows alone until `sentinel db retention --include-adopted`.
- SSIDs become bytes with a text beside them. What was no MAC address becomes NULL.
  JSON that `jsonb` cannot hold becomes text. The id of a batch is taken from that of
  its job where it was missing. A sensor that rows refer to and that was gone comes
  back.
- The older table `sensor_keys` stays as it is, and is not ours.

## Differences

The controller and the worker compare the catalog with the fingerprint of the revision
when they start and every 60 s. Something of ours that is missing or changed means 503
`schema_drift` until it is put right; tables, columns, indexes and views of others, and
other owners, are told and change nothing. `sentinel db check` lists both, and prints
the SQL for indexes.
"""
ROLES = """\
## Roles

On PostgreSQL the migration job makes the role that `DATABASE_URL` names, if there is
none, and grants it what is below, each time; it takes away what else that role was
granted. It may not create anything. Rows of the audit log that are in the chain are
kept by triggers, whoever asks.

| tables | rights |
|---|---|
"""


def pages() -> dict[Path, str]:
    """The page and its text."""
    return {PAGE: "\n".join(_lines()) + "\n"}


def _lines() -> Iterator[str]:
    yield INTRO
    yield "| revision | brings |"
    yield "|---|---|"
    for script in list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())[::-1]:
        yield f"| `{script.revision}` | {script.doc.rstrip('.')} |"
    yield f"\n{ADOPTION}"
    yield ROLES.rstrip("\n")
    for name, rights in EXCEPTIONS.items():
        yield f"| `{name}` | {', '.join(sorted(rights))} |"
    yield f"| all others | {', '.join(sorted(ROWS))} |"
    yield "\n## Tables"
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        yield from _table(table)


def _table(table: sa.Table) -> Iterator[str]:
    key = ", ".join(column.name for column in table.primary_key)
    if table.name == "telemetry":
        key = "timestamp, id on PostgreSQL, id on SQLite"
    yield f"\n### {table.name}\n\nKey: {key}\n"
    yield "| column | type | null | default | refers to |"
    yield "|---|---|---|---|---|"
    for column in table.columns:
        refers = ", ".join(key.target_fullname for key in column.foreign_keys)
        null = "yes" if column.nullable else ""
        yield (
            f"| `{column.name}` | {_type(column)} | {null} | {_default(column)} "
            f"| {refers} |"
        )
    yield from sorted(_indexes(table))


def _type(column: sa.Column[Any]) -> str:
    names = [
        column.type.compile(dialect).lower()
        for dialect in (postgresql.dialect(), sqlite.dialect())
    ]
    return " / ".join(dict.fromkeys(names))


def _default(column: sa.Column[Any]) -> str:
    if not isinstance(column.server_default, sa.DefaultClause):
        return ""
    return f"`{column.server_default.arg}`"


def _indexes(table: sa.Table) -> Iterator[str]:
    for index in table.indexes:
        columns = ", ".join(column.name for column in index.columns)
        unique = "unique " if index.unique else ""
        yield f"\n`{index.name}`: {unique}({columns})"
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            columns = ", ".join(column.name for column in constraint.columns)
            yield f"\n`{constraint.name}`: unique ({columns})"
