"""
Secrets in files: ``NAME_FILE`` names the file that holds what ``NAME`` would.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

MAX_BYTES = 64 * 1024
WIDEST_MODE = 0o440


@dataclass(frozen=True, slots=True, repr=False)
class SecretFile:
    """
    What was in a file.

    Attributes:
        text: without newlines at its end.
        mode: permission bits.
    """

    text: str
    mode: int


def read_secret_file(path: str) -> SecretFile:
    """
    Read the secret in *path*.

    Raises:
        OSError: it cannot be read.
        ValueError: it is larger than `MAX_BYTES`, or not UTF-8.
    """
    with open(path, "rb") as file:  # noqa: PTH123  # a name, perhaps of a pipe
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"is larger than {MAX_BYTES} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    return SecretFile(text.rstrip("\r\n"), mode)


def is_too_open(mode: int) -> bool:
    """Whether *mode* permits more than 0440."""
    return bool(mode & ~WIDEST_MODE)
