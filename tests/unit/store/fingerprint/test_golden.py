"""Golden fingerprints as files."""

from __future__ import annotations

from sentinel_netlab.store.fingerprint.golden import (
    FOLDER,
    from_json,
    golden_of,
    to_json,
)
from sentinel_netlab.store.fingerprint.record import Fingerprint
from sentinel_netlab.store.schema_state import our_history


def test_file_and_back():
    """What is written is read."""
    one = Fingerprint({"t": {"column a": "text 'ü'"}})

    assert from_json(to_json("r", "sqlite", one)) == one


def test_each_revision_has_its_files():
    """One for each dialect, and no other than those and the older script's."""
    wanted = {
        f"{revision}.{dialect}.json"
        for revision in our_history().known
        for dialect in ("postgresql", "sqlite")
    }

    names = {file.name for file in FOLDER.iterdir()}
    assert names == wanted | {"older_g.postgresql.json"}


def test_unknown_revision_has_none():
    """Nothing is made up."""
    assert golden_of("ffffffffffff", "sqlite") is None
