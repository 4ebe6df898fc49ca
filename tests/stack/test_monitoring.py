"""
Monitoring: the rules fire when they should, and Prometheus finds every replica.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from tests.support.alert_cases import CASES
from tests.support.engine import ROOT, Engine, base_images
from tests.support.stack import Stack, until

FOLDER = ROOT / "ops/prometheus"
QUERY = "--profile monitoring exec -T prometheus promtool query instant -o json"
HERE = "http://127.0.0.1:9090"


@pytest.fixture(scope="module")
def watched(stack: Stack) -> Stack:
    """The stack of two controllers, with Prometheus."""
    stack.compose("--profile monitoring up -d --scale controller=2")
    return stack


def promtool(engine: Engine, folder: Path, *words: str) -> str:
    """What promtool prints of the files in *folder* and of the rules."""
    return engine.docker(
        "run", "--rm", "--network", "none", "--entrypoint", "promtool",
        "-v", f"{FOLDER}:/etc/prometheus:ro", "-v", f"{folder}:/cases:ro",
        base_images()["prometheus"], *words,
    )  # fmt: skip


def asked(stack: Stack, query: str) -> dict[tuple[str, str], float]:
    """The values of *query* by job and instance."""
    said = stack.compose(f"{QUERY} {HERE} '{query}'", status=None)
    if said.status:
        return {}
    return {
        (one["metric"].get("job", ""), one["metric"].get("instance", "")): float(
            one["value"][1]
        )
        for one in json.loads(said.stdout)
    }


def up_by_job(stack: Stack) -> dict[str, list[float]]:
    """What `up` is, by job."""
    found: dict[str, list[float]] = {}
    for (job, _), value in asked(stack, "up").items():
        found.setdefault(job, []).append(value)
    return found


def test_configuration_is_right(engine: Engine, tmp_path: Path) -> None:
    """By Prometheus's own tool, rules and all."""
    said = promtool(
        engine, tmp_path, "check", "config", "/etc/prometheus/prometheus.yml"
    )

    assert "SUCCESS" in said


def test_alerts_fire_when_they_should(engine: Engine, tmp_path: Path) -> None:
    """Each in its case, and no others then; none when all is well."""
    cases = {
        "rule_files": ["/etc/prometheus/rules.yml"],
        "evaluation_interval": "1m",
        "tests": [case.as_promtool() for case in CASES],
    }
    (tmp_path / "cases.yml").write_text(yaml.safe_dump(cases))
    tmp_path.chmod(0o755)

    assert "SUCCESS" in promtool(engine, tmp_path, "test", "rules", "/cases/cases.yml")


def test_every_replica_is_found(watched: Stack) -> None:
    """Two controllers and a worker answer, and are ready."""
    everybody = {"controller": [1.0, 1.0], "worker": [1.0]}
    until(lambda: up_by_job(watched) == everybody, 90, "Prometheus finds all")

    until(lambda: len(asked(watched, "ready == 1")) == 3, 60, "all are ready")


def test_no_alert_when_all_is_well(watched: Stack) -> None:
    """Of the rules that look at this moment."""
    until(lambda: len(asked(watched, "ready == 1")) == 3, 90, "all are ready")
    until(lambda: not asked(watched, "ALERTS"), 60, "no alert is pending")


def test_worker_that_is_away_is_noticed(watched: Stack) -> None:
    """Pending at once, for it has some minutes to come back."""
    until(lambda: not asked(watched, "ALERTS"), 90, "no alert is pending")
    watched.compose("stop worker")
    try:
        query = 'ALERTS{alertname="NoWorker"}'
        until(lambda: asked(watched, query), 90, "the alert is pending")
    finally:
        watched.compose("start worker")
    until(lambda: not asked(watched, query), 90, "the alert is gone")


def test_metrics_are_not_published(watched: Stack) -> None:
    """Neither by nginx nor by a port of the host."""
    assert watched.status("/metrics") == 404
    for service in ("controller", "worker", "prometheus"):
        [one, *_] = watched.containers(service)
        ports = watched.inspect(one)["NetworkSettings"]["Ports"] or {}
        assert not any(ports.values())
