"""
Which files are meant: paths, folders, standard input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

STANDARD_INPUT = "-"

NAMES = (".pcap", ".pcapng", ".cap", ".dump", ".ntar")
PACKED = ("", ".gz", ".xz", ".zst")


def looks_like_capture(name: str) -> bool:
    """Whether a file in a folder is taken for a capture by its name."""
    lower = name.lower()
    return any(lower.endswith(end + packed) for end in NAMES for packed in PACKED)


def find_captures(paths: Iterable[str]) -> Iterator[str]:
    """
    The captures that *paths* mean, in order; folders are walked, sorted by path.

    A path that is no folder is given back as it is, whether or not it exists; a folder
    that holds no capture gives nothing.
    """
    for path in paths:
        if path != STANDARD_INPUT and Path(path).is_dir():
            yield from (
                str(file)
                for file in sorted(Path(path).rglob("*"))
                if looks_like_capture(file.name) and file.is_file()
            )
        else:
            yield path
