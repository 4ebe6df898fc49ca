"""Prometheus asks for what there is: metrics, labels, values, services, pages."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from typing import Any, get_args

import pytest
import yaml
from litestar.routes import HTTPRoute
from prometheus_client import CollectorRegistry
from tests.meta.test_sizes import ROOT
from tests.support.alert_cases import CASES
from tests.support.promql import Matcher, read

from sentinel_netlab.controller import metrics as controller
from sentinel_netlab.controller import readiness
from sentinel_netlab.controller.access_log import CLIENT_GONE
from sentinel_netlab.controller.app import make_router
from sentinel_netlab.controller.readiness import Verdict
from sentinel_netlab.controller.routes import ROUTES
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.store import schema_state
from sentinel_netlab.worker import metrics as worker
from sentinel_netlab.worker.jobs import Result
from sentinel_netlab.worker.settings import WorkerSettings

FOLDER = ROOT / "ops/prometheus"
CONFIG = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
STACK = yaml.safe_load((ROOT / "ops/docker-compose.prod.yml").read_text())
JOBS = {one["job_name"]: one for one in CONFIG["scrape_configs"]}
SCHEMA_CODES = ("UNVERSIONED", "BEHIND", "AHEAD", "DRIFT")
TARGET = {"job", "instance"}


@cache
def exposed(job: str) -> dict[str, set[str]]:
    """The samples that *job* shows, with their labels."""
    registry: CollectorRegistry = {
        "controller": controller.Metrics,
        "worker": worker.Metrics,
    }[job]().registry
    for collector in list(registry._collector_to_names):
        if names := getattr(collector, "_labelnames", ()):
            collector.labels(*names)  # a sample of each appears
    shown = {
        sample.name: set(sample.labels) | TARGET
        for family in registry.collect()
        for sample in family.samples
    }
    return {"up": TARGET, **shown}


@cache
def known_values() -> dict[str, frozenset[str]]:
    """What labels may be; by metric and label where it depends on the metric."""
    routes = [r for r in make_router(None, ROUTES).routes if isinstance(r, HTTPRoute)]
    verdicts = [v.code for v in vars(readiness).values() if isinstance(v, Verdict)]
    schema = (getattr(schema_state, one) for one in SCHEMA_CODES)
    return {
        "job": frozenset(JOBS),
        "route": frozenset({"unmatched", *(one.path_format for one in routes)}),
        "method": frozenset({"OTHER", *controller._METHODS}),
        "status": frozenset(str(int(one)) for one in (*HTTPStatus, CLIENT_GONE)),
        "code": frozenset([*verdicts, *schema]),
        "jobs_total result": frozenset(get_args(Result)),
        "notices_total result": frozenset({"sent", "failed"}),
    }


def wrong_value(metric: str, matcher: Matcher) -> list[str]:
    """The alternatives of *matcher* that nothing ever is."""
    known = known_values().get(f"{metric} {matcher.label}")
    known = known or known_values().get(matcher.label)
    if known is None:  # anything
        return []
    if "~" not in matcher.operator:
        return [] if matcher.value in known else [matcher.value]
    return [
        one
        for one in matcher.values
        if not any(re.fullmatch(one, value) for value in known)
    ]


def problems(expression: str) -> list[str]:
    """What *expression* names and nothing shows."""
    named = read(expression)
    found = [f"{text!r} is not understood" for text in named.unread]
    grouped = set(TARGET)
    for metric, matchers in named.selectors:
        asked = [one.value for one in matchers if one.label == "job"]
        jobs = [job for job in JOBS if not asked or re.fullmatch(asked[0], job)]
        shown = [exposed(job)[metric] for job in jobs if metric in exposed(job)]
        if not shown:
            found.append(f"{metric} is shown by none of {jobs}")
            continue
        labels = set.union(*shown)
        grouped |= labels
        found += [
            f"{metric} has no {m.label}" for m in matchers if m.label not in labels
        ]
        found += [
            f"{metric}: no {m.label} is {v}"
            for m in matchers
            for v in wrong_value(metric, m)
        ]
    return found + [f"nothing has {one}" for one in sorted(named.clauses - grouped)]


def named(rule: dict[str, Any]) -> str:
    """The name of a rule, for the names of tests."""
    return str(rule["alert"])


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_rule_asks_for_what_there_is(rule):
    """Metrics of the process that the rule names, their labels and values."""
    assert read(rule["expr"]).selectors
    assert problems(rule["expr"]) == []


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("sum(queue_dept) > 0", "queue_dept is shown by none"),
        ("queue_depth{job='x'}", "not understood"),
        ('queue_depth{job="controller"} > 0', "queue_depth is shown by none"),
        ('jobs_total{outcome="done"} > 0', "jobs_total has no outcome"),
        ('jobs_total{result="failed"} > 0', "no result is failed"),
        ('http_requests_total{status=~"5..|6.."} > 0', "no status is 6.."),
        ('http_requests_total{route!="/metrics"} > 0', "no route is /metrics"),
        ("sum by (sensor) (rate(jobs_total[5m])) > 0", "nothing has sensor"),
        ("max(jobs_total offset 1h) > topk", "topk is shown by none"),
        ("quantile(queue_depth) > 0", "quantile is shown by none"),
    ],
)
def test_what_there_is_not_is_reported(expression, wrong):
    """A misspelt name does not pass for a metric that is silent."""
    assert any(wrong in problem for problem in problems(expression))


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_rule_says_what_to_do(rule):
    """How soon, what happened in one sentence, and where the runbook tells more."""
    notes = rule["annotations"]

    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert notes["summary"].endswith(".")
    assert re.fullmatch(r"docs/prod/runbook\.md#[a-z]+(-[a-z]+)*", notes["runbook"])


def test_runbook_has_what_the_rules_name():
    """The part after # is a heading of the page."""
    text = (ROOT / "docs/prod/runbook.md").read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {
        re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings
    }
    named = {rule["annotations"]["runbook"].partition("#")[2] for rule in RULES}

    assert named - anchors == set()


def test_names_of_alerts_are_unique():
    """So that one alert can be silenced and not another."""
    names = [rule["alert"] for rule in RULES]

    assert len(names) == len(set(names)) > 20


def test_targets_are_the_services_of_the_stack():
    """Every job is a service that Prometheus shares a network with, at its port."""
    ports = {"controller": ControllerSettings, "worker": WorkerSettings}
    shared = set(STACK["services"]["prometheus"]["networks"])

    assert set(JOBS) == set(ports)
    for job, settings in ports.items():
        (found,) = JOBS[job]["dns_sd_configs"]
        assert found["names"] == [job]
        assert found["type"] == "A"
        assert found["port"] == settings.model_fields["metrics_port"].default
        assert shared & set(STACK["services"][job]["networks"])


def test_rules_are_loaded():
    """By their name beside the configuration."""
    assert CONFIG["rule_files"] == ["rules.yml"]


def test_every_alert_has_a_case_in_which_it_fires():
    """In `tests/stack/test_monitoring.py` promtool holds them against the rules."""
    fires = {name for case in CASES for name in case.fires}

    assert fires == {rule["alert"] for rule in RULES}
