"""
Rules for the whole suite: in CI nothing may be skipped silently.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.databases import KINDS, empty_database, migrated_database


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "optional: may be skipped in CI too, for the reason it gives"
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _forbidden_skips(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = _forbidden_skips(config)
    if skipped:
        terminalreporter.section(
            "skipped, which SENTINEL_CI=1 does not allow", red=True
        )
    for report in skipped:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else "xfail"
        terminalreporter.line(f"{report.nodeid}: {why}")


def _forbidden_skips(config: pytest.Config) -> list[pytest.TestReport]:
    if os.environ.get("SENTINEL_CI") != "1":
        return []
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return []
    skipped: list[pytest.TestReport] = reporter.stats.get("skipped", [])
    return [report for report in skipped if "optional" not in report.keywords]


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database that the store serves."""
    return request.param


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    with empty_database(database_kind, tmp_path) as url:
        yield url


@pytest.fixture
def migrated_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A database at the head of the migrations."""
    with migrated_database(database_kind, tmp_path) as url:
        yield url


@pytest.fixture
def any_url(tmp_path: Path) -> Iterator[str]:
    """As `migrated_url`, of one kind: for what no database decides."""
    with migrated_database("sqlite", tmp_path) as url:
        yield url
