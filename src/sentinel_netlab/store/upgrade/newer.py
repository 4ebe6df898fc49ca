"""
Databases of a newer version, which an older one may be put back in front of (MG11).

Each migration leaves in `schema_compat` the revision that it came to.  So a revision
that this code does not know and that was written by hand is told from one that a newer
version made.
"""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.store.schema_state import SCHEMA_CODE
from sentinel_netlab.store.tables import schema_compat


def admits_this_code(connection: sa.Connection, revision: str) -> bool:
    """Whether a newer version made *revision*, and lets this code serve it."""
    if not _is_there(connection):
        return False
    found = connection.execute(
        sa.select(schema_compat.c.min_compatible_code, schema_compat.c.revision)
    ).all()
    return [row.revision for row in found] == [revision] and (
        found[0].min_compatible_code <= SCHEMA_CODE
    )


def remember(connection: sa.Connection, revision: str) -> None:
    """Leave *revision* for older versions, if it has room for that."""
    if not _is_there(connection):
        return
    column = schema_compat.c.revision
    connection.execute(
        schema_compat.update()
        .where(column.is_distinct_from(revision))
        .values({column: revision})
    )


def _is_there(connection: sa.Connection) -> bool:
    look = sa.inspect(connection)
    if not look.has_table(schema_compat.name):
        return False
    names = {column["name"] for column in look.get_columns(schema_compat.name)}
    return schema_compat.c.revision.name in names
