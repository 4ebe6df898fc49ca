"""One migration at a time; others wait, and not for ever."""

from __future__ import annotations

import os
from contextlib import contextmanager

import pytest

from sentinel_netlab.store.settings import parse_url
from sentinel_netlab.store.upgrade.errors import LockBusyError, UpgradeError
from sentinel_netlab.store.upgrade.lock import (
    POLL_S,
    file_system_of,
    migration_lock,
    refuse_pooler,
)
from sentinel_netlab.store.upgrade.plan import APPLICATION, Plan

MOUNTS = """\
21 1 8:1 / / rw - ext4 /dev/sda1 rw
30 21 0:40 / /srv rw,relatime shared:1 - nfs4 server:/srv rw
31 30 8:2 / /srv/my\\040disk rw - xfs /dev/sdb rw
"""


def test_second_waits_until_it_gives_up(database_url):
    """It polls for as long as it may, says whom it waits for, and is busy (75)."""
    slept, said = [], []
    url = parse_url(database_url)
    second = Plan(url, lock_wait_s=1, sleep=slept.append, say=said.append)
    with (
        migration_lock(Plan(url)),
        pytest.raises(LockBusyError, match="did not end within 1 s: process") as busy,
        migration_lock(second),
    ):
        pass

    assert slept == [POLL_S] * 4
    assert len(said) == 1
    assert busy.value.status == 75
    who = str(os.getpid()) if "sqlite" in database_url else APPLICATION
    assert who in str(busy.value)


def test_second_goes_on_when_the_first_has_ended(database_url):
    """Also when that ended with an error."""
    url = parse_url(database_url)
    first = migration_lock(Plan(url))
    first.__enter__()

    def end_first(_seconds):
        assert not first.__exit__(ZeroDivisionError, ZeroDivisionError(), None)

    with migration_lock(Plan(url, sleep=end_first)):
        pass
    with migration_lock(Plan(url, lock_wait_s=0)):
        pass


@contextmanager
def held():
    yield


def test_pooler_is_refused():
    """Two transactions of one connection that two processes serve."""
    backends = iter([101, 102])

    with pytest.raises(UpgradeError, match="MIGRATION_DATABASE_URL"):
        refuse_pooler(lambda: next(backends), held)


def test_server_itself_is_taken():
    """One process serves both."""
    refuse_pooler(lambda: 101, held)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/var/lib/x.db", "ext4"),
        ("/srv/x.db", "nfs4"),
        ("/srv/my disk/x.db", "xfs"),
        ("/srvx/x.db", "ext4"),
    ],
)
def test_file_system_is_that_of_the_nearest_mount(tmp_path, place, kind):
    """Names of mounts are escaped."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)

    assert file_system_of(tmp_path.__class__(place), mounts) == kind


def test_no_list_of_mounts_tells_nothing(tmp_path):
    """Systems other than Linux have none."""
    assert file_system_of(tmp_path / "x.db", tmp_path / "missing") == ""


def test_network_file_systems_are_refused(tmp_path, monkeypatch):
    """Locks of files keep nobody out there."""
    monkeypatch.setattr(
        "sentinel_netlab.store.upgrade.lock.file_system_of", lambda _path: "nfs4"
    )
    plan = Plan(parse_url(f"sqlite:///{tmp_path}/x.db"))

    with pytest.raises(UpgradeError, match="nfs4"), migration_lock(plan):
        pass
