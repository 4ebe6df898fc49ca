"""What a database URL must be like."""

from __future__ import annotations

import pytest

from sentinel_netlab.settings import SettingsError, load
from sentinel_netlab.store.settings import DatabaseSettings

STRONG = "kX8mQ2vR7nT4wZ9p"


def problems(**environ: str) -> list[str]:
    """What is wrong with an environment."""
    try:
        load(DatabaseSettings, environ)
    except SettingsError as error:
        return error.problems
    return []


def url(rest: str, password: str = STRONG) -> str:
    return f"postgresql://sentinel:{password}@{rest}"


@pytest.mark.parametrize(
    "good",
    [
        url("db/sentinel"),
        url("db.example.org:5433/sentinel?sslmode=verify-full"),
        url("localhost/sentinel?sslmode=disable"),
        url("127.0.0.1/sentinel?sslmode=disable"),
        url("[::1]/sentinel?sslmode=disable"),
        url("/sentinel?host=/run/postgresql&sslmode=disable", password=""),
        "postgres://sentinel:" + STRONG + "@db/sentinel",
        "postgresql+psycopg://sentinel:" + STRONG + "@db/sentinel",
        "postgresql://postgres:@/postgres?host=/run/postgresql",
        "postgresql:///sentinel",
        "postgresql://sentinel@db/sentinel?passfile=/run/secrets/pgpass",
        "sqlite:////data/sentinel.db",
        "sqlite+aiosqlite:///sentinel.db",
    ],
)
def test_url_is_accepted(good):
    """Strong passwords, and none where the socket says who asks."""
    assert problems(DATABASE_URL=good) == []
    assert problems(DATABASE_URL=url("db/x"), MIGRATION_DATABASE_URL=good) == []


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (url("db/sentinel", "fifteen-letters"), "password has 15 characters"),
        (url("db/sentinel", ""), "has no password"),
        ("postgresql://sentinel@db/sentinel", "has no password"),
        (url("db/sentinel", "change-me-to-something"), "password is a placeholder"),
        (url("db/sentinel", "%3Ca-database-secret%3E"), "password is a placeholder"),
        (url("db/sentinel?sslmode=disable"), "sslmode=disable"),
        (url("/sentinel?host=db&sslmode=disable"), "sslmode=disable"),
        (url("localhost/x?host=localhost,db&sslmode=disable"), "sslmode=disable"),
        (url("127.evil.example/x?sslmode=disable"), "sslmode=disable"),
        (url("localhost.evil.example/x?sslmode=disable"), "sslmode=disable"),
        (url("db/"), "names no database"),
        ("sqlite://", "names no file"),
        ("mysql://u:p@db/x", "should begin with"),
        ("postgresql+asyncpg://u:p@db/x", "should begin with"),
        ("host=db dbname=x", "is no database URL"),
        ("postgresql://db:port/x", "is no database URL"),
    ],
)
def test_url_is_refused(bad, why):
    """One problem, which begins with the name and does not show the value."""
    for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL"):
        [problem] = problems(**{"DATABASE_URL": url("db/x"), name: bad})

        assert problem.startswith(f"{name}: ")
        assert why in problem
        assert bad not in problem


def test_all_that_is_wrong_with_a_url_is_said():
    """A weak password does not hide a missing encryption."""
    [problem] = problems(DATABASE_URL=url("db/x?sslmode=disable", "short"))

    assert "5 characters" in problem
    assert "sslmode=disable" in problem


def test_database_url_is_needed():
    """Nothing is guessed."""
    assert problems() == ["DATABASE_URL: is missing"]
    assert problems(DATABASE_URL="") == ["DATABASE_URL: is missing"]


def test_migrations_use_the_owner():
    """The URL of the owner, or the one there is."""
    one = load(DatabaseSettings, {"DATABASE_URL": url("db/x")})
    two = load(
        DatabaseSettings,
        {"DATABASE_URL": url("db/x"), "MIGRATION_DATABASE_URL": url("db/y")},
    )

    assert one.owner_url.get_secret_value() == url("db/x")
    assert two.owner_url.get_secret_value() == url("db/y")


def test_a_migration_needs_no_permission_for_sqlite():
    """Only the processes that serve ask for SENTINEL_ALLOW_SQLITE."""
    assert problems(DATABASE_URL="sqlite:///x.db") == []


def test_libpq_is_not_told_to_do_without_encryption():
    """PGSSLMODE counts where the URL has no sslmode of its own."""
    [problem] = problems(DATABASE_URL=url("db/x"), PGSSLMODE="disable")

    assert problem.startswith("PGSSLMODE: ")
    for fine in ("db/x?sslmode=require", "localhost/x"):
        assert problems(DATABASE_URL=url(fine), PGSSLMODE="disable") == []
    assert problems(DATABASE_URL=url("db/x"), PGSSLMODE="require") == []
