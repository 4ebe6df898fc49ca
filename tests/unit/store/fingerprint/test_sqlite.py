from __future__ import annotations

import pytest
import sqlalchemy as sa

from sentinel_netlab.store.fingerprint.sqlite import read_sqlite


def fingerprint_of(*statements):
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        found = read_sqlite(connection)
    engine.dispose()
    return found.tables


def test_table_as_objects():
    """Columns, keys and constraints are objects of their own."""
    tables = fingerprint_of(
        "CREATE TABLE u (k VARCHAR(8) PRIMARY KEY)",
        "CREATE TABLE t (a integer NOT NULL, b VARCHAR(8) DEFAULT 'x' REFERENCES u (k)"
        " ON DELETE CASCADE, PRIMARY KEY (b, a), UNIQUE (a))",
    )

    assert tables["t"] == {
        "kind": "table",
        "column a": "INTEGER",
        "column b": "VARCHAR(8) default 'x'",
        "primary key": "b, a",
        "unique constraint (a)": "unique",
        "foreign key (b)": "u (k) on update no action on delete cascade",
    }


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE t (b TEXT, a INTEGER PRIMARY KEY)"],
        ["CREATE TABLE t (a INTEGER, b TEXT, CONSTRAINT p PRIMARY KEY (a))"],
        [
            "CREATE TABLE old (a INTEGER PRIMARY KEY)",
            "ALTER TABLE old ADD COLUMN b TEXT",
            "ALTER TABLE old RENAME TO t",
        ],
    ],
    ids=["order", "names", "altered"],
)
def test_history_does_not_matter(statements):
    """Order of columns, names of keys and ALTER TABLE leave no trace."""
    direct = fingerprint_of("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")

    assert fingerprint_of(*statements) == direct


def test_indexes_and_triggers_belong_to_their_table():
    """They have their text; the index of a constraint has none."""
    tables = fingerprint_of(
        "CREATE TABLE t (a INT UNIQUE)",
        "CREATE UNIQUE INDEX i ON t (lower(a)) WHERE a <> 'B'",
        "CREATE TRIGGER z BEFORE DELETE ON t BEGIN SELECT 1; END",
    )

    assert tables["t"]["index i"] == (
        "create unique index i on t (lower (a)) where a <> 'B'"
    )
    assert tables["t"]["trigger z"].startswith("create trigger z before delete on t")
    assert len([name for name in tables["t"] if name.startswith("index")]) == 1


def test_other_kinds():
    """Views and virtual tables are told by their kind; SQLite's own are left out."""
    tables = fingerprint_of(
        "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "CREATE TABLE alembic_version (version_num TEXT)",
    )

    assert tables["v"] == {"kind": "view"}
    assert tables["f"] == {"kind": "virtual table"}
    assert not {"sqlite_sequence", "alembic_version"} & tables.keys()
