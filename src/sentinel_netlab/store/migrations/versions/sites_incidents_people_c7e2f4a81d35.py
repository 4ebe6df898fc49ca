"""Sites, inventory, incidents, people; what is there already is marked as adopted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sentinel_netlab.store.migrations.audit_rules import make_audit_rules
from sentinel_netlab.store.migrations.ddl import add_column, make_tables
from sentinel_netlab.store.migrations.ours import additions
from sentinel_netlab.store.migrations.ours_columns import (
    ADOPTED,
    INDEXES,
    REFERENCES,
    UNIQUE,
    added,
)
from sentinel_netlab.store.upgrade.bases import require_revision
from sentinel_netlab.store.upgrade.errors import UpgradeError

revision = "c7e2f4a81d35"
down_revision = "b1d93c0a5e27"
branch_labels = None
depends_on = None

_ADOPTION = (
    # The words behind older tokens may be known to everybody.
    "UPDATE api_tokens SET is_active = false, revoked_at = CURRENT_TIMESTAMP",
    (
        "UPDATE alerts SET first_seen = created_at, raised_at = created_at,"
        " last_seen = created_at, count = 1, closed = true,"
        " status = coalesce(status, 'open')"
    ),
)


def upgrade() -> None:
    """Add tables, columns and rules."""
    connection = op.get_bind()
    require_revision(connection, down_revision)
    make_tables(connection, additions())
    _add_columns(connection)
    for statement in _ADOPTION:
        connection.exec_driver_sql(statement)
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    for name, table, columns in UNIQUE:
        op.create_index(name, table, columns, unique=True)
    make_audit_rules(connection)
    connection.exec_driver_sql(
        "INSERT INTO schema_compat (id, min_compatible_code) VALUES (1, 1)"
    )


def _add_columns(connection: sa.Connection) -> None:
    for table, columns in added().items():
        for column in columns:
            refers_to = REFERENCES.get((table, column.name))
            add_column(connection, table, column, refers_to)
    for table in ADOPTED:
        _mark_rows(connection, table)


def _mark_rows(connection: sa.Connection, table: str) -> None:
    """What is there before the column `adopted` is adopted."""
    if connection.dialect.name == "postgresql":
        # without a rewrite
        mark = sa.Column(
            "adopted", sa.Boolean, nullable=False, server_default=sa.true()
        )
        add_column(connection, table, mark)
        op.alter_column(table, "adopted", server_default=sa.false())
        return
    mark = sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.false())
    add_column(connection, table, mark)
    op.execute(f"UPDATE {table} SET adopted = true")


def downgrade() -> None:
    """There is none: restore the backup that was made before."""
    raise UpgradeError("there is no way back: restore a backup")
