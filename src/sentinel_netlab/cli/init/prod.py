"""
`sentinel init prod`: the env file of a deployment, with secrets of its own.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import typer

from sentinel_netlab.cli.init.example import example_file

EXIT_REFUSED = 2
DEFAULT_FILE = Path("ops/.env")
GROUP = 10_001
"""Of the users of our containers."""
POSTGRES_USER = 70
"""`postgres` in its image, which may read its file only when it is that user."""
FOLDERS = {"MIGRATION_DATABASE_URL": "migration", "POSTGRES_PASSWORD": "postgres"}
"""Where the secrets go that not every process of ours may read."""
INTRO = """\
Settings of a production deployment, with secrets of its own: let nobody else read
them. Lines that begin with #NAME= show defaults. docs/reference/settings.md has all.
Made by `sentinel init prod`.
"""
_PLACEHOLDER = re.compile(r"change-me-[a-z0-9-]+")
_ASSIGNMENT = re.compile(
    rf"^([A-Z_]+)=(.*{_PLACEHOLDER.pattern}.*)$", flags=re.MULTILINE
)


class Keep(StrEnum):
    """Where the secrets go."""

    ENV = "env"
    FILES = "files"


def make_secret() -> str:
    """48 characters that need no quotes, neither in a URL nor in an env file."""
    return secrets.token_urlsafe(36)


@dataclass(frozen=True, slots=True)
class Texts:
    """
    What is written.

    Attributes:
        env: the env file.
        secrets: by file under the folder of the secrets.
    """

    env: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"Texts(secrets={sorted(self.secrets)!r})"


def make_texts(
    keep: Keep, names: tuple[str, ...], make: Callable[[], str] = make_secret
) -> Texts:
    """The env file of a host of *names*, and the files that it names."""
    text = example_file(INTRO)
    if names:
        text = text.replace(
            "#SENTINEL_SERVER_NAMES=", f"SENTINEL_SERVER_NAMES={','.join(names)}", 1
        )
    files: dict[str, str] = {}

    def assigned(match: re.Match[str]) -> str:
        name, value = match[1], _PLACEHOLDER.sub(lambda _: make(), match[2])
        if keep is Keep.ENV:
            return f"{name}={value}"
        file = f"{FOLDERS.get(name, 'app')}/{name.lower()}"
        files[file] = value
        return f"{name}_FILE=/run/secrets/{file}"

    return Texts(_ASSIGNMENT.sub(assigned, text), files)


def run(file: Path, keep: Keep, names: tuple[str, ...]) -> int:
    """Write *file*, and the secrets beside it; the exit status."""
    if not file.parent.is_dir():
        hint = ": run this in the root of the project" if file == DEFAULT_FILE else ""
        return _refused(f"{file.parent} is no folder{hint}")
    if file.exists() or file.is_symlink():
        return _refused(f"{file} is there already, and is not overwritten")
    texts = make_texts(keep, names)
    made: list[Path] = []
    try:
        shared = _write_secrets(file.parent / "secrets", texts.secrets, made)
        _write(file, texts.env, 0o600, made)
    except OSError as error:
        for path in made:
            with suppress(OSError):
                path.unlink()
        where = error.filename or file
        if isinstance(error, FileExistsError):
            return _refused(f"{where} is there already, and is not overwritten")
        typer.echo(f"sentinel: {where}: {error.strerror or error}", err=True)
        return 1
    typer.echo(f"{file} is written")
    if not shared:
        folder = file.parent / "secrets"
        typer.echo(f"next: sudo chgrp -R {GROUP} {folder}")
        typer.echo(f"next: sudo chown -R {POSTGRES_USER} {folder / 'postgres'}")
    if file.resolve() == DEFAULT_FILE.resolve():
        typer.echo("next: docker compose up -d")
    return 0


def _write_secrets(folder: Path, texts: dict[str, str], made: list[Path]) -> bool:
    """
    Write *texts* under *folder*, for our containers and PostgreSQL's to read.

    Whether they may; another user than root cannot see to it.
    """
    shared = True
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o750)
        _write(path, f"{text}\n", 0o440, made)
        owner = POSTGRES_USER if path.parent.name == "postgres" else -1
        for one in (path.parent, path):
            try:
                os.chown(one, owner, GROUP)
            except PermissionError:
                shared = False
    return shared


def _write(path: Path, text: str, mode: int, made: list[Path]) -> None:
    """
    Raises:
        FileExistsError: *path* is there.
        OSError: it cannot be written.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    made.append(path)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fchmod(handle, mode)
        os.fsync(handle)


def _refused(text: str) -> int:
    typer.echo(f"sentinel: {text}", err=True)
    return EXIT_REFUSED
