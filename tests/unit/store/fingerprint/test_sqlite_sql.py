from __future__ import annotations

import pytest

from sentinel_netlab.store.fingerprint.sqlite_sql import normalised, read_table


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX ix ON t (a, b)",
        'create  index "ix"\n on `t` ( [a] , "b" ) ;',
        "CREATE INDEX ix -- why\n ON t (a, /* and */ b)",
    ],
)
def test_ways_of_writing_do_not_matter(sql):
    """Case, blanks, quotes that nobody needs and comments are left out."""
    assert normalised(sql) == "create index ix on t (a, b)"


def test_texts_and_odd_names_are_kept():
    """A text is data; a name with a blank needs its quotes."""
    sql = "SELECT 'It''s  A', \"Odd \"\"name\" FROM t"

    assert normalised(sql) == "select 'It''s  A', \"Odd \"\"name\" from t"


@pytest.mark.parametrize("sql", ["CREATE TABLE t (a", "((((", ")", "'", "", "a) b ("])
def test_text_that_does_not_close_ends(sql):
    """Damaged text is read as far as it goes."""
    assert isinstance(normalised(sql), str)
    assert read_table(sql).checks == {}


def test_checks_are_found_with_their_names():
    """A check has its name, or is its own."""
    sql = (
        "CREATE TABLE t (a INT CHECK (a > 0), b INT CONSTRAINT pos CHECK (b IN (1, 2)),"
        " CONSTRAINT both CHECK (a < b))"
    )

    assert read_table(sql).checks == {
        "a > 0": "a > 0",
        "pos": "b in (1, 2)",
        "both": "a < b",
    }


def test_further_clauses_of_columns():
    """Collation, generated value, counting up and conflicts belong to the column."""
    sql = (
        "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT COLLATE NOCASE,"
        " c INT UNIQUE ON CONFLICT IGNORE, d INT GENERATED ALWAYS AS (c + 1) STORED)"
    )

    assert read_table(sql).columns == {
        "a": "autoincrement",
        "b": "collate nocase",
        "c": "on conflict ignore",
        "d": "as (c + 1) stored",
    }


def test_further_clauses_of_constraints():
    """A constraint that pragmas tell only in part is kept as a whole."""
    sql = "CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES u (a) NOT DEFERRABLE)"

    assert read_table(sql).clauses == [
        "foreign key (a) references u (a) not deferrable"
    ]


def test_options_follow_the_columns():
    """What stands behind the last parenthesis."""
    assert read_table("CREATE TABLE t (a) STRICT, WITHOUT ROWID").options == (
        "strict, without rowid"
    )
