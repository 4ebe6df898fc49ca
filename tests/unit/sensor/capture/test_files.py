"""Which files are meant."""

from __future__ import annotations

import pytest

from sentinel_netlab.sensor.capture.files import find_captures, looks_like_capture


@pytest.mark.parametrize(
    "name", ["a.pcap", "A.PCAPNG.GZ", "x.cap", "y.dump.xz", "z.pcap.zst"]
)
def test_captures_by_name(name):
    """Case and compression do not matter."""
    assert looks_like_capture(name)


@pytest.mark.parametrize("name", ["a.txt", "pcap", "a.gz", "README.md"])
def test_other_files_are_left(name):
    """Notes beside captures are no captures."""
    assert not looks_like_capture(name)


def test_folders_are_walked_in_order(tmp_path):
    """Sorted by path; other files, and paths that are no folder, are as they are."""
    for name in ("b.pcap", "a/c.cap", "a/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")

    found = list(find_captures([str(tmp_path), "-", "nowhere"]))
    assert found == [
        str(tmp_path / "a/c.cap"),
        str(tmp_path / "b.pcap"),
        "-",
        "nowhere",
    ]


def test_folder_called_like_a_capture_is_walked_not_read(tmp_path):
    """Only files are captures."""
    folder = tmp_path / "old.pcap"
    folder.mkdir()
    (folder / "a.pcap").write_bytes(b"")

    assert list(find_captures([str(tmp_path)])) == [str(folder / "a.pcap")]


def test_named_file_is_read_whatever_its_name(tmp_path):
    """Who names a file means it."""
    path = tmp_path / "notes.txt"
    path.write_bytes(b"")

    assert list(find_captures([str(path), str(path)])) == [str(path)] * 2


def test_empty_folder_gives_nothing(tmp_path):
    """The caller says that there was nothing."""
    assert list(find_captures([str(tmp_path)])) == []
