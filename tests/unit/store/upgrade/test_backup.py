"""An SQLite file is copied before its tables are made anew."""

from __future__ import annotations

import stat

from tests.support.databases import migrate
from tests.support.older import COUNTS, counts, make_older

from sentinel_netlab.store.migrations.older import BASELINE


def test_copy_is_what_was_there(tmp_path):
    """All rows in the shape of before, for its owner alone; a crash left no half."""
    file = tmp_path / "x.db"
    make_older(f"sqlite:///{file}", "F", revision=BASELINE)
    (tmp_path / "x.db.before-b1d93c0a5e27.new").write_text("half a copy")

    migrate(f"sqlite:///{file}")

    copy = tmp_path / "x.db.before-b1d93c0a5e27"
    assert counts(f"sqlite:///{copy}") == COUNTS
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not (tmp_path / "x.db.before-b1d93c0a5e27.new").exists()


def test_new_database_is_not_copied(tmp_path):
    """There is nothing to lose."""
    migrate(f"sqlite:///{tmp_path}/x.db")

    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "x.db",
        "x.db.migrating",
    ]
