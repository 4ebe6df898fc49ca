"""
Who the sensor is to its controller: kept in one file, readable by its user alone.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

FILE = "credentials.json"
MODE = 0o600


class CredentialsError(Exception):
    """The file is missing or unusable; the text says what to do."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """
    What `sentinel sensor join` learned.

    Attributes:
        controller: its URL.
        key: 32 bytes; base64 in the file.
        ca_file: certificates that alone are trusted for the controller; "": those of
            the system.
    """

    controller: str
    sensor_id: str
    key_version: int
    key: bytes
    ca_file: str = ""

    def __repr__(self) -> str:
        return f"Credentials(sensor_id={self.sensor_id!r})"


def load(folder: Path) -> Credentials:
    """
    The credentials in *folder*.

    Raises:
        CredentialsError: there are none that can be used.
    """
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Credentials)
    except FileNotFoundError:
        raise CredentialsError(
            f"{path} is missing: `sentinel sensor join` makes it"
        ) from None
    except OSError as error:
        raise CredentialsError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise CredentialsError(
            f"{path} is damaged: join again with a new code"
        ) from None


def save(folder: Path, credentials: Credentials) -> None:
    """
    Put *credentials* into *folder*, whole or not at all, also if the power fails.

    Raises:
        OSError: they could not be written.
    """
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=FILE)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(credentials))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(folder / FILE)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
