"""The sensor's key on its disk."""

from __future__ import annotations

import stat

import msgspec
import pytest

from sentinel_netlab.sensor.credentials import (
    FILE,
    Credentials,
    CredentialsError,
    load,
    save,
)

KNOWN = Credentials(
    controller="https://wids.example", sensor_id="roof", key_version=3, key=b"k" * 32
)


def test_credentials_come_back(tmp_path):
    """As they were, in a file for their owner only."""
    save(tmp_path, KNOWN)

    assert load(tmp_path) == KNOWN
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


def test_failed_write_keeps_the_old(tmp_path, monkeypatch):
    """A full disk costs no key, and leaves nothing behind."""
    save(tmp_path, KNOWN)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(tmp_path, msgspec.structs.replace(KNOWN, key_version=4))

    assert load(tmp_path).key_version == 3
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "sensor join"), (b"{}", "join again"), (b"\xff", "join again")],
)
def test_unusable_file_says_what_to_do(tmp_path, content, told):
    """Join, or join again."""
    if content is not None:
        (tmp_path / FILE).write_bytes(content)

    with pytest.raises(CredentialsError, match=told):
        load(tmp_path)


def test_key_is_never_shown():
    """Not in a log, not in a traceback."""
    assert "kkkk" not in repr(KNOWN)
