"""
What keeps the chained rows of the audit log as they are, whoever asks.
"""

from __future__ import annotations

import sqlalchemy as sa

_POSTGRESQL = (
    """
CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of the audit log stay as they are'
    USING ERRCODE = 'insufficient_privilege';
END $$
""",
    (
        "CREATE TRIGGER audit_log_rows_stay BEFORE UPDATE OR DELETE ON audit_log"
        " FOR EACH ROW WHEN (OLD.position IS NOT NULL)"
        " EXECUTE FUNCTION audit_log_stays()"
    ),
    (
        "CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stays()"
    ),
)
_SQLITE = tuple(
    f"CREATE TRIGGER audit_log_{noun} BEFORE {verb} ON audit_log"
    " WHEN OLD.position IS NOT NULL"
    " BEGIN SELECT RAISE(ABORT, 'rows of the audit log stay as they are'); END"
    for noun, verb in (("is_not_changed", "UPDATE"), ("is_not_deleted", "DELETE"))
)


def make_audit_rules(connection: sa.Connection) -> None:
    """Refuse changes of rows that are in the chain; adopted ones stand before it."""
    is_postgresql = connection.dialect.name == "postgresql"
    for statement in _POSTGRESQL if is_postgresql else _SQLITE:
        connection.exec_driver_sql(statement)
