"""
Tables made from their definitions.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

THERE = "is there"
"""In a table's `info`: others refer to it, and it is made already."""


def make_tables(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Make every table of *metadata* with its indexes, but for those that are there."""
    for table in metadata.sorted_tables:
        if table.info.get(THERE):
            continue
        connection.execute(CreateTable(table))
        make_indexes(connection, table)


def make_indexes(connection: sa.Connection, table: sa.Table) -> None:
    """Make the indexes of *table*, in the order of their names."""
    for index in sorted(table.indexes, key=lambda index: index.name or ""):
        connection.execute(CreateIndex(index))


def add_column(
    connection: sa.Connection,
    table: str,
    column: sa.Column[Any],
    refers_to: str | None = None,
) -> None:
    """Add *column*, as a foreign key to the column `id` of *refers_to*."""
    # a column is compiled as a part of a table
    sa.Table(table, sa.MetaData(), column)
    text = f"ALTER TABLE {table} ADD COLUMN {CreateColumn(column).compile(connection)}"
    if refers_to:
        name = f"fk_{table}_{column.name}"
        text += f" CONSTRAINT {name} REFERENCES {refers_to} (id)"
    connection.exec_driver_sql(text)
