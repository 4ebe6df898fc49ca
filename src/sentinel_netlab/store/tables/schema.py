"""Which code may serve this database although it does not know its revision."""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.store.tables.base import metadata

schema_compat = sa.Table(
    "schema_compat",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    # lowest version of the schema's code, `SCHEMA_CODE`, that this schema serves
    sa.Column("min_compatible_code", sa.Integer, nullable=False),
    # that the last migration came to; by this, older code knows that one made it
    sa.Column("revision", sa.String(32)),
)
