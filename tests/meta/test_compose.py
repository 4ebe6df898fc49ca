"""The Compose files hand on every setting, and no name that nobody knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.settings import Settings, is_secret, name_of
from sentinel_netlab.settings.names import KNOWN
from sentinel_netlab.worker.settings import WorkerSettings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "ops/docker-compose.prod.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
OF_MIGRATIONS = {
    "MIGRATION_DATABASE_URL",
    "SENTINEL_LOCK_TIMEOUT_S",
    "SENTINEL_LOCK_WAIT_S",
    "SENTINEL_STATEMENT_TIMEOUT_S",
}
NOT_IN_A_CONTAINER = {
    "SENTINEL_METRICS_PORT",  # what Prometheus and the health checks ask
    "SENTINEL_PORT",
    "SENTINEL_WORKER_METRICS_PORT",
    "TLS_CERT_FILE",  # nginx ends TLS
    "TLS_KEY_FILE",
}
OF_COMMANDS = {
    "RETENTION_ALERTS_DAYS",
    "RETENTION_IDEMPOTENCY_DAYS",
    "RETENTION_TELEMETRY_DAYS",
}
"""In the controller's container, for commands that people run there."""


def names(cls: type[Settings]) -> set[str]:
    """What the process reads from its environment."""
    found = set()
    for field in cls.model_fields.values():
        name = name_of(field)
        if name is not None:
            found |= {name, f"{name}_FILE"} if is_secret(field) else {name}
    return found


def without(found: set[str], left_out: set[str]) -> set[str]:
    """*found*, less names and the names of their files."""
    return found - left_out - {f"{name}_FILE" for name in left_out}


@pytest.mark.parametrize(
    ("service", "cls", "left_out"),
    [
        ("controller", ControllerSettings, OF_MIGRATIONS | NOT_IN_A_CONTAINER),
        ("worker", WorkerSettings, OF_MIGRATIONS | NOT_IN_A_CONTAINER),
    ],
)
def test_every_setting_reaches_its_process(service, cls, left_out) -> None:
    given = set(SERVICES[service]["environment"]) - {"DEBUG", "LITESTAR_DEBUG"}
    if service == "controller":
        assert given >= OF_COMMANDS
        given -= OF_COMMANDS
    assert given == without(names(cls), left_out)


def test_variables_of_the_file_are_known() -> None:
    """So that ops/.env may set them: an unknown name stops the start."""
    used = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    assert used - {"DEBUG", "LITESTAR_DEBUG"} <= KNOWN


def test_each_name_is_handed_on_by_itself() -> None:
    """`NAME: ${NAME:-}`, nothing crossed."""
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if str(value).startswith("${"):
                assert re.match(r"\$\{([A-Z_]+)", value)[1] == name


@pytest.mark.parametrize("service", ["controller", "worker", "nginx", "certificate"])
def test_who_serves_has_no_secret_of_the_owner(service) -> None:
    one = SERVICES[service]
    assert "env_file" not in one
    given = " ".join([*one.get("environment", {}), *one["volumes"]])
    assert "POSTGRES_PASSWORD" not in given
    assert "MIGRATION" not in given
    assert "secrets/migration" not in given
    assert "secrets/postgres" not in given


def test_only_nginx_publishes_ports() -> None:
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["nginx"]


def test_no_container_has_a_name_of_its_own() -> None:
    """One with a name cannot be scaled."""
    assert not [name for name, one in SERVICES.items() if "container_name" in one]
