"""
`sentinel init certificate`: what nginx serves, given or made.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import typer

from sentinel_netlab.cli.init.pair import (
    CERTIFICATE,
    KEY,
    Pair,
    PairError,
    read_pair,
    refuse_dates,
    warnings,
)
from sentinel_netlab.cli.init.self_signed import (
    is_self_made,
    make_self_signed,
    why_renew,
)

EX_CONFIG = 78  # sysexits.h
MODE = 0o640
"""nginx is another user of the same group."""
_MAX_BYTES = 1024 * 1024


def run(given: Path, into: Path, names: tuple[str, ...], now: datetime) -> int:
    """
    Put a pair into the folder *into*: that of *given*, or a self-signed one.

    It says which; the exit status.
    """
    try:
        pair = _given(given, now)
        with _alone_in(into):
            if pair is None:
                _serve_self_signed(given, into, names, now)
            else:
                _serve(pair, into, names, now)
    except PairError as error:
        _say(str(error))
        return EX_CONFIG
    except OSError as error:
        _say(f"{error.filename or into}: {error.strerror or error}")
        return 1
    return 0


def _given(folder: Path, now: datetime) -> Pair | None:
    """
    The pair that the operator put into *folder*; None if there is nothing.

    Raises:
        PairError: what is there cannot be served.
    """
    try:
        names = sorted(
            path.name
            for path in folder.iterdir()
            if not path.name.startswith((".", "README"))
        )
    except OSError as error:
        raise PairError(f"{folder}: {error.strerror}") from None
    if not names:
        return None
    missing = {CERTIFICATE, KEY}.difference(names)
    if missing:
        raise PairError(
            f"{folder} holds {ascii(', '.join(names))[1:-1]}, and not "
            f"{' and '.join(sorted(missing))}: it has to hold {CERTIFICATE} (the "
            f"certificate and its chain, PEM) and {KEY} (its private key, PEM), or "
            "nothing, for a self-signed certificate"
        )
    try:
        pair = read_pair(_content(folder / CERTIFICATE), _content(folder / KEY))
        refuse_dates(pair, now)
    except PairError as error:
        raise PairError(f"{folder}: {error}") from None
    return pair


def _content(path: Path) -> bytes:
    """
    Raises:
        PairError: *path* cannot be read, with what to do.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES)
    except PermissionError:
        why = (
            f"cannot be read by user {os.geteuid()}, group {os.getegid()}: "
            f"`chgrp {os.getegid()}` and `chmod 640` it"
        )
    except FileNotFoundError:
        why = "is a link to what is not there: put the file itself there"
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    raise PairError(f"{path.name} {why}")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Nobody else who asks changes *folder* meanwhile."""
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
        os.fsync(directory)
    finally:
        os.close(directory)


def _serve(pair: Pair, into: Path, names: tuple[str, ...], now: datetime) -> None:
    for text in warnings(pair, names, now):
        _say(f"warning: {text}")
    _write(pair, into)
    typer.echo(f"the certificate is the given one: {pair.description}")


def _serve_self_signed(
    given: Path, into: Path, names: tuple[str, ...], now: datetime
) -> None:
    pair = _kept(into)
    why = None if pair is None else why_renew(pair, names, now)
    if pair is None or why is not None:
        pair = make_self_signed(names, now)
    if why is not None:
        _say(
            f"warning: the self-signed certificate is a new one, for {why}: who "
            "pinned the old one needs the new one"
        )
    _write(pair, into)
    _say(
        f"warning: the certificate is self-signed: {pair.description}; put "
        f"{CERTIFICATE} and {KEY} of a real one into {given} (ops/certs of the host), "
        "and start again"
    )


def _kept(into: Path) -> Pair | None:
    """The self-signed pair of an earlier start; None if there is none that works."""
    try:
        pair = read_pair((into / CERTIFICATE).read_bytes(), (into / KEY).read_bytes())
    except (OSError, PairError):
        return None
    return pair if is_self_made(pair) else None


def _write(pair: Pair, into: Path) -> None:
    """Have *pair* in *into*; what is there already is left alone."""
    had_one = (into / CERTIFICATE).exists()
    changed = [
        _put(into / KEY, pair.key),
        _put(into / CERTIFICATE, pair.certificate),
    ]
    if had_one and any(changed):
        typer.echo("the certificate changed: an nginx that runs has to be reloaded")


def _put(path: Path, content: bytes) -> bool:
    """Whether *path* had to be written: whole or not at all, with `MODE`."""
    try:
        if path.read_bytes() == content and path.stat().st_mode & 0o7777 == MODE:
            return False
    except OSError:
        pass
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)  # of a start that was killed
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(handle, MODE)  # whatever the umask is
            os.fsync(handle)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return True


def _say(text: str) -> None:
    typer.echo(f"sentinel: {text}", err=True)
