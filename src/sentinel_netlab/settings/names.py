"""
Which names of the environment are ours, and which were meant to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PREFIX = "SENTINEL_"
MAX_DISTANCE = 2

KNOWN = frozenset(
    {
        "CONTROLLER_HMAC_SECRET",
        "CONTROLLER_HMAC_SECRET_FILE",
        "CONTROLLER_HMAC_SECRET_PREVIOUS",
        "CONTROLLER_HMAC_SECRET_PREVIOUS_FILE",
        "CONTROLLER_SECRET_KEY",
        "CONTROLLER_SECRET_KEY_FILE",
        "DATABASE_URL",
        "DATABASE_URL_FILE",
        "DRAIN_DELAY",
        "MIGRATION_DATABASE_URL",
        "MIGRATION_DATABASE_URL_FILE",
        "PGSSLMODE",
        "POSTGRES_PASSWORD",
        "POSTGRES_PASSWORD_FILE",
        "REQUIRE_TLS",
        "RETENTION_ALERTS_DAYS",
        "RETENTION_IDEMPOTENCY_DAYS",
        "RETENTION_TELEMETRY_DAYS",
        "SENTINEL_ADDRESS_BURST",
        "SENTINEL_ADDRESS_RATE_PER_S",
        "SENTINEL_ALLOW_SQLITE",
        "SENTINEL_COMMIT",
        "SENTINEL_CONTROLLER_MEMORY",
        "SENTINEL_CREDENTIAL_BURST",
        "SENTINEL_CREDENTIAL_RATE_PER_S",
        "SENTINEL_DATABASE_DISK",
        "SENTINEL_FRONT_RANGE",
        "SENTINEL_FRONT_SUBNET",
        "SENTINEL_HOST",
        "SENTINEL_HTTPS_PORT",
        "SENTINEL_HTTP_PORT",
        "SENTINEL_IMAGE",
        "SENTINEL_JSONL_PATH",
        "SENTINEL_LEASE_S",
        "SENTINEL_LOCK_TIMEOUT_S",
        "SENTINEL_LOCK_WAIT_S",
        "SENTINEL_LOG_LEVEL",
        "SENTINEL_MAX_BODY_BYTES",
        "SENTINEL_MAX_INFLATED_BYTES",
        "SENTINEL_MAX_INFLATE_RATIO",
        "SENTINEL_METRICS_HOST",
        "SENTINEL_METRICS_PORT",
        "SENTINEL_MIN_FREE_DISK_BYTES",
        "SENTINEL_PORT",
        "SENTINEL_POSTGRES_MEMORY",
        "SENTINEL_POSTGRES_SHARED_BUFFERS",
        "SENTINEL_PROXY_ADDRESS",
        "SENTINEL_QUEUE_MAX_AGE_S",
        "SENTINEL_QUEUE_MAX_JOBS",
        "SENTINEL_RETRY_AFTER_S",
        "SENTINEL_SERVER_NAMES",
        "SENTINEL_STATEMENT_TIMEOUT_S",
        "SENTINEL_SYSLOG_CA_FILE",
        "SENTINEL_SYSLOG_HOST",
        "SENTINEL_SYSLOG_PORT",
        "SENTINEL_SYSLOG_TLS",
        "SENTINEL_VERSION",
        "SENTINEL_WEBHOOK_SECRET",
        "SENTINEL_WEBHOOK_SECRET_FILE",
        "SENTINEL_WEBHOOK_URL",
        "SENTINEL_WEBHOOK_URL_FILE",
        "SENTINEL_WORKER_MEMORY",
        "SENTINEL_WORKER_METRICS_HOST",
        "SENTINEL_WORKER_METRICS_PORT",
        "TLS_CERT_FILE",
        "TLS_KEY_FILE",
        "TRUSTED_PROXY_CIDRS",
    }
)
"""
Every name of every process and of the Compose file: one env file may serve all of them.
A test compares it with the classes.
"""

UNRELATED = frozenset({"SENTINEL_CI", "SSL_CERT_FILE", "SSL_CERT_DIR"})
"""Names that others give a meaning: our test runs, OpenSSL."""

DEBUG = ("DEBUG", "LITESTAR_DEBUG")
_ON = frozenset({"1", "on", "t", "true", "y", "yes"})


def debug_names(environ: Mapping[str, str]) -> list[str]:
    """A problem for each switch that makes answers tell what is inside."""
    return [
        f"{name}: is on, which tells strangers what is inside"
        for name in DEBUG
        if environ.get(name, "").strip().lower() in _ON
    ]


def unknown_names(names: Iterable[str], known: frozenset[str]) -> list[str]:
    """
    A problem for each of *names* that looks like one of *known* and is none.

    That is each ``SENTINEL_…``, and each name that two typing errors (letters added,
    left out or replaced; the case of letters does not count) turn into a known one.
    """
    problems = []
    for name in sorted(set(names) - known - UNRELATED):
        meant = nearest(name.upper(), known)
        shown = ascii(name)[1:-1]
        if meant:
            problems.append(f"{shown}: is no setting; did you mean {meant}?")
        elif name.upper().startswith(PREFIX):
            problems.append(f"{shown}: is no setting")
    return problems


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of *known* that is nearest to *name*, within two edits."""
    best: tuple[int, str] | None = None
    for candidate in sorted(known):
        if abs(len(candidate) - len(name)) > MAX_DISTANCE:
            continue
        distance = edit_distance(name, candidate)
        if distance <= MAX_DISTANCE and (best is None or distance < best[0]):
            best = (distance, candidate)
    return best[1] if best else None


def edit_distance(left: str, right: str) -> int:
    """Levenshtein's distance: fewest letters added, left out or replaced."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row = row, [i]
        for j, b in enumerate(right, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (a != b)))
    return row[-1]
