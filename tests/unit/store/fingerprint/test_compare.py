from __future__ import annotations

import pytest

from sentinel_netlab.store.fingerprint.compare import compare, missing_index_sql
from sentinel_netlab.store.fingerprint.record import Fingerprint

TABLE = {
    "kind": "table",
    "column a": "integer",
    "index i": "CREATE UNIQUE INDEX i ON t (a)",
}
GOLDEN = Fingerprint({"t": TABLE})


def with_objects(**objects):
    named = {name.replace("_", " "): text for name, text in objects.items()}
    return Fingerprint({"t": TABLE | named})


def test_equal_fingerprints_do_not_differ():
    """Nothing is told of what is the same."""
    assert not compare(with_objects(), GOLDEN)


def test_missing_table():
    """Its objects are not told one by one."""
    found = compare(Fingerprint({}), GOLDEN)

    assert found.ours_missing_or_changed == ["table t is missing"]


def test_changed_object_is_told_both_ways():
    """What there is, and what should be."""
    found = compare(with_objects(column_a="text"), GOLDEN)

    assert found.ours_missing_or_changed == [
        "t: column a is: text (should be: integer)"
    ]


@pytest.mark.parametrize("name", ["column_b", "index_j", "sequence_s"])
def test_harmless_additions_are_not_ours(name):
    """Columns, indexes and sequences of others are in nobody's way."""
    found = compare(with_objects(**{name: "theirs"}), GOLDEN)

    assert found.ours_missing_or_changed == []
    assert len(found.not_ours) == 1


@pytest.mark.parametrize("name", ["check_c", "trigger_g", "foreign key (a)", "rule_r"])
def test_additions_that_change_a_table_of_ours(name):
    """What refuses or alters our rows is drift, whoever made it."""
    found = compare(with_objects(**{name: "theirs"}), GOLDEN)

    assert len(found.ours_missing_or_changed) == 1


def test_foreign_table_and_owner_are_not_ours():
    """They are listed."""
    actual = Fingerprint(
        {"t": TABLE, "v": {"kind": "view"}}, {"t": "eve", "v": "eve"}, "owner"
    )

    assert compare(actual, GOLDEN).not_ours == [
        "view v is not ours",
        "table t is owned by eve, not by owner",
    ]


def test_missing_index_is_made_again():
    """Concurrently, where the database can."""
    actual = Fingerprint({"t": {"kind": "table"}})

    assert missing_index_sql(actual, GOLDEN, concurrently=True) == [
        "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);"
    ]
    assert missing_index_sql(Fingerprint({}), GOLDEN, concurrently=True) == []


def test_other_index_is_replaced():
    """An index of our name that is another one, or INVALID, goes first."""
    actual = with_objects(index_i="CREATE UNIQUE INDEX i ON t (a) INVALID")

    assert missing_index_sql(actual, GOLDEN, concurrently=False) == [
        "DROP INDEX i;",
        "CREATE UNIQUE INDEX i ON t (a);",
    ]
