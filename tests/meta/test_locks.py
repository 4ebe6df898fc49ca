"""The lock files agree with each other."""

from __future__ import annotations

import pytest
from tools import lock


def test_the_images_hold_what_the_union_holds():
    """runtime.txt is controller.txt and sensor.txt together, in the same versions."""
    assert lock.pins("runtime") == lock.pins("controller") | lock.pins("sensor")


@pytest.mark.parametrize("name", lock.BASES)
def test_no_lock_has_another_version_than_its_base(name):
    """Nothing is installed in one version here and in another one there."""
    assert lock.disagreements(name) == []


def test_another_version_is_reported(tmp_path, monkeypatch):
    """A pin that differs from the base is named, one that only differs by not being
    there is not.
    """
    monkeypatch.setattr(lock, "FOLDER", tmp_path)
    (tmp_path / "runtime.txt").write_text("here==1.0 \\\nthere==2.0 \\\n")
    (tmp_path / "sensor.txt").write_text("here==1.1 \\\nmore==3.0 \\\n")

    assert lock.disagreements("sensor") == [
        "sensor.txt: here 1.1 is another version in runtime.txt"
    ]


def test_the_sensor_has_no_database_library():
    """Nor a server: what it does not hold cannot be used on it."""
    names = {name for name, _ in lock.pins("sensor")}
    server = {"sqlalchemy", "psycopg", "aiosqlite", "alembic", "litestar", "granian"}

    assert server <= {name for name, _ in lock.pins("controller")}
    assert names.isdisjoint(server)
