"""
The lab profile: one machine, SQLite in a folder, secrets made once.

``--lab`` and the demo choose it, never the environment.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from sentinel_netlab.settings.load import SettingsError

SECRETS = ("CONTROLLER_SECRET_KEY", "CONTROLLER_HMAC_SECRET")
DATABASE = "sentinel.db"
_LISTENERS = ("SENTINEL_HOST", "SENTINEL_METRICS_HOST", "SENTINEL_WORKER_METRICS_HOST")
_OURS = ("DATABASE_URL", "MIGRATION_DATABASE_URL", *SECRETS)


def default_folder(environ: Mapping[str, str]) -> Path:
    """Where the lab keeps its data: in ``XDG_DATA_HOME``, or ~/.local/share."""
    base = environ.get("XDG_DATA_HOME") or ""
    home = Path(base) if Path(base).is_absolute() else Path.home() / ".local/share"
    return home / "sentinel-netlab" / "lab"


def lab_environment(
    environ: Mapping[str, str],
    folder: Path,
    make_secret: Callable[[], str] = lambda: secrets.token_urlsafe(32),
) -> dict[str, str]:
    """
    The environment of a process of the lab, made from *environ*.

    The database and the secrets are those in *folder*, whatever *environ* says of them.
    The folder is made with mode 0700, each secret once with mode 0600.

    Raises:
        SettingsError: a proxy is to be trusted, or a listener is not on loopback.
        OSError: the folder cannot be written.
    """
    problems = _problems(environ)
    if problems:
        raise SettingsError(problems)
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = {
        name: value
        for name, value in environ.items()
        if name.removesuffix("_FILE") not in _OURS
    }
    made["DATABASE_URL"] = f"sqlite:///{folder / DATABASE}"
    made["REQUIRE_TLS"] = "false"
    for name in SECRETS:
        made[name] = _secret(folder / name.lower(), make_secret)
    return made


def banner(folder: Path) -> str:
    """The line that a process of the lab prints at its start."""
    return (
        f"lab profile: loopback only, no TLS, SQLite and secrets in {folder}; "
        "not for production"
    )


def _problems(environ: Mapping[str, str]) -> list[str]:
    problems = []
    if environ.get("TRUSTED_PROXY_CIDRS", "").strip(" \t\n,"):
        problems.append("TRUSTED_PROXY_CIDRS: the lab profile trusts no proxy")
    problems += [
        f"{name}: the lab profile listens on loopback only"
        for name in _LISTENERS
        if environ.get(name) and not _is_loopback(environ[name])
    ]
    return problems


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(path: Path, make_secret: Callable[[], str]) -> str:
    """The secret in *path*; of processes that start together one makes it."""
    if not path.exists():
        # linked when it is whole, so that nobody reads half of it
        handle, temporary = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(make_secret())
            with suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            Path(temporary).unlink()
    return path.read_text().strip()
