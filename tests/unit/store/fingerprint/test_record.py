from __future__ import annotations

from sentinel_netlab.store.fingerprint.record import Fingerprint


def test_hash_tells_tables_apart_and_not_their_order():
    """Equal objects, equal hash."""
    one = Fingerprint({"t": {"column a": "x", "column b": "y"}, "u": {}})
    other = Fingerprint({"u": {}, "t": {"column b": "y", "column a": "x"}})

    assert one.hashes() == other.hashes()
    assert one.digest() == other.digest()


def test_changed_object_changes_its_table_and_the_digest():
    """And no other table."""
    one = Fingerprint({"t": {"column a": "x"}, "u": {}})
    other = Fingerprint({"t": {"column a": "y"}, "u": {}})

    assert one.hashes()["t"] != other.hashes()["t"]
    assert one.hashes()["u"] == other.hashes()["u"]
    assert one.digest() != other.digest()


def test_owner_is_no_part():
    """Who owns a table does not change its hash."""
    one = Fingerprint({"t": {}}, {"t": "ann"}, "ann")

    assert one.digest() == Fingerprint({"t": {}}).digest()
