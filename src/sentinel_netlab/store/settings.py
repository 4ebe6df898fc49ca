"""
The settings of everything that opens the database.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, ClassVar
from urllib.parse import unquote

from pydantic import AfterValidator, Field, SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from sentinel_netlab.settings import Rule, Settings
from sentinel_netlab.settings.base import Days
from sentinel_netlab.settings.secrets import is_placeholder

MIN_PASSWORD_CHARS = 16
_POSTGRES = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
_SQLITE = frozenset({"sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"})


def parse_url(text: str) -> URL:
    """
    The parts of a database URL.

    Raises:
        ValueError: it is none that we use; the message does not contain *text*.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("is no database URL") from None
    if url.drivername not in _POSTGRES | _SQLITE:
        raise ValueError("should begin with postgresql:// or sqlite://")
    return url


def is_sqlite(text: str) -> bool:
    """Whether the URL *text* names a SQLite file."""
    return parse_url(text).drivername in _SQLITE


def hosts_of(url: URL) -> list[str]:
    """Every host that the URL names; none for the default Unix socket."""
    query = url.query.get("host", ())
    named = [query] if isinstance(query, str) else list(query)
    several = [part for item in [url.host or "", *named] for part in item.split(",")]
    return [unquote(host).strip("[]") for host in several if host]


def is_local(url: URL) -> bool:
    """Whether each host is this machine: loopback or a Unix socket."""
    return all(_is_local(host) for host in hosts_of(url))


def _is_local(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _checked(secret: SecretStr) -> SecretStr:
    url = parse_url(secret.get_secret_value())
    if url.drivername in _SQLITE:
        if not url.database:
            raise ValueError("names no file")
        return secret
    if not url.database:
        raise ValueError("names no database")
    problems = filter(None, (_password_problem(url), _transport_problem(url)))
    if text := "; ".join(problems):
        raise ValueError(text)
    return secret


def _password_problem(url: URL) -> str | None:
    asked = url.password or url.query.get("password") or ""
    password = asked if isinstance(asked, str) else asked[-1]
    if not password:
        by_other_means = url.query.keys() & {"passfile", "sslcert", "service"}
        if is_local(url) or by_other_means:
            return None
        return "has no password"
    problem = password_problem(password)
    return f"its password {problem}" if problem else None


def password_problem(password: str) -> str | None:
    """Why *password* is too weak for a role of PostgreSQL, or None; never its text."""
    if is_placeholder(password):
        return "is a placeholder: generate a random value"
    if len(password) < MIN_PASSWORD_CHARS:
        return f"has {len(password)} characters, and needs {MIN_PASSWORD_CHARS}"
    return None


def _transport_problem(url: URL) -> str | None:
    if "disable" in _sslmodes(url) and not is_local(url):
        return "sslmode=disable is for a database on the same machine"
    return None


def _sslmodes(url: URL) -> set[str]:
    mode = url.query.get("sslmode", ())
    return {mode} if isinstance(mode, str) else set(mode)


DatabaseUrl = Annotated[SecretStr, AfterValidator(_checked)]
"""A database URL that is fit for use."""


def sqlite_problem(profile: str, url: SecretStr, allowed: bool) -> str | None:  # noqa: FBT001
    """The rule of processes that serve: SQLite in prod is a decision."""
    if profile == "lab" or allowed or not is_sqlite(url.get_secret_value()):
        return None
    return (
        "DATABASE_URL: is SQLite, which serves one machine: "
        "set SENTINEL_ALLOW_SQLITE=1 if that is meant"
    )


SQLITE_IS_A_DECISION = Rule(("profile", "database_url", "allow_sqlite"), sqlite_problem)


def _libpq_encrypts(mode: str | None, *secrets: SecretStr | None) -> str | None:
    urls = [parse_url(secret.get_secret_value()) for secret in secrets if secret]
    if mode == "disable" and not all(_sslmodes(url) or is_local(url) for url in urls):
        return "PGSSLMODE: disable is for a database on the same machine"
    return None


class DatabaseSettings(Settings):
    """What migrations and `sentinel db` need, and every process has."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            ("libpq_sslmode", "database_url", "migration_database_url"), _libpq_encrypts
        ),
    )

    database_url: DatabaseUrl = Field(
        validation_alias="DATABASE_URL",
        examples=[
            "postgresql://sentinel_app:change-me-3-openssl-rand-hex-24@postgres/sentinel"
        ],
    )
    """
    Database of the processes: `postgresql://user:password@host/name`, as the role that
    may read and write rows. `sqlite:////folder/file` works for one machine.
    """

    migration_database_url: DatabaseUrl | None = Field(
        None,
        validation_alias="MIGRATION_DATABASE_URL",
        examples=[
            "postgresql://sentinel_owner:change-me-4-openssl-rand-hex-24@postgres/sentinel"
        ],
    )
    """
    The same database as the role that owns the tables, by a direct connection (no
    pooler); only the migration job has it. Unset: `DATABASE_URL`.
    """

    allow_sqlite: bool = Field(default=False, validation_alias="SENTINEL_ALLOW_SQLITE")
    """Whether the controller and the worker may use SQLite in production."""

    lock_wait_s: Annotated[float, Field(ge=0, le=86_400)] = Field(
        300.0, validation_alias="SENTINEL_LOCK_WAIT_S"
    )
    """Seconds that a migration waits for another one to end; then exit status 75."""

    lock_timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(
        4.0, validation_alias="SENTINEL_LOCK_TIMEOUT_S"
    )
    """
    Seconds that a statement of a migration waits for a table that is in use, before
    it tries again.
    """

    statement_timeout_s: Annotated[float, Field(ge=0, le=86_400)] = Field(
        0.0, validation_alias="SENTINEL_STATEMENT_TIMEOUT_S"
    )
    """Seconds that a statement of a migration may take; 0 is no limit."""

    libpq_sslmode: str | None = Field(None, validation_alias="PGSSLMODE")
    """libpq's own setting, for URLs without `sslmode`."""

    @property
    def owner_url(self) -> SecretStr:
        """The URL that migrations use."""
        return self.migration_database_url or self.database_url


class RetentionSettings(DatabaseSettings):
    """How long rows are kept, for who deletes them."""

    retention_telemetry_days: Days = Field(
        30, validation_alias="RETENTION_TELEMETRY_DAYS"
    )
    """Days that observations are kept."""

    retention_alerts_days: Days = Field(365, validation_alias="RETENTION_ALERTS_DAYS")
    """Days that alerts are kept after they were last seen."""

    retention_idempotency_days: Days = Field(
        90, validation_alias="RETENTION_IDEMPOTENCY_DAYS"
    )
    """Days that the keys of batches are kept, so that a late copy is known as one."""
