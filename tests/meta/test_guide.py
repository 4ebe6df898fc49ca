"""The pages for operators: what they tell to type is typed by a test, and is there."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from tests.meta.test_sizes import ROOT
from tests.support.guide import commands_of, is_same, typed_in
from typer.main import get_command

from sentinel_netlab import __version__
from sentinel_netlab.cli.app import app
from sentinel_netlab.controller.readiness import (
    DISK_FULL,
    DRAINING,
    STARTING,
    UNREACHABLE,
)
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.stack import StackSettings
from sentinel_netlab.settings import is_secret, name_of
from sentinel_netlab.store import schema_state
from sentinel_netlab.store.outages import Outage
from sentinel_netlab.store.upgrade.errors import (
    LockBusyError,
    RefusedError,
    UnknownRevisionError,
    UpgradeError,
)
from sentinel_netlab.worker.settings import WorkerSettings

FOLDER = ROOT / "docs/prod"
PAGES = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.md"))}
THREATS = (ROOT / "docs/threat-model.md").read_text()
TYPED = [
    command
    for file in sorted((ROOT / "tests/stack").glob("*.py"))
    for command in typed_in(file)
]
OLDER_GUIDE = (
    "cp ops/.env.prod.example ops/.env",
    "docker compose -f ops/docker-compose.prod.yml up -d",
    "docker compose up -d",
    (
        "docker compose -f ops/docker-compose.prod.yml run --rm migration"
        " python -m alembic stamp 4085bd1d44e4"
    ),
    "docker compose ps -a",
    "docker compose logs migration",
)
HEADINGS = (
    "# Production Deployment Guide", "## Overview", "## Core Concepts",
    "### 1. Trust Model & TLS",
    '### 2. Database Migrations (The "Migration Job")', "### 2. Readiness Gates",
    "## Deployment Steps", "### Fresh Install",
    "### Upgrading Implementation (Code only)",
    "### Upgrading Schema (Adopting Existing DB)", "#### Scenario A: Standard Upgrade",
    '#### Scenario B: Adopting a "Wild" Database', "#### Scenario C: Drift Detected",
    "## Troubleshooting", '### Controller Stuck "Starting"',
    "### 503 Service Unavailable",
)  # fmt: skip
FIELDS = {
    name: field
    for cls in (ControllerSettings, WorkerSettings, StackSettings)
    for field in cls.model_fields.values()
    if (name := name_of(field))
}
SETTINGS = {*FIELDS, *(f"{name}_FILE" for name in FIELDS if is_secret(FIELDS[name]))}
OF_OTHERS = {"DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER", "NAME_FILE", "STACK_DIR"}
ALL = [(page, one) for page in PAGES for one in commands_of(PAGES[page])]


@pytest.mark.parametrize(("page", "command"), ALL)
def test_command_is_executed(page, command):
    """By a test of the stack; tests/support/guide.py says what that means."""
    assert [one for one in TYPED if is_same(command, one)], f"{page}: {command}"


def test_a_command_that_nobody_types_is_noticed():
    """Neither another argument, nor one more, is the same."""
    like = "docker compose exec controller sentinel token create NAME --role admin"

    assert any(is_same(like, one) for one in TYPED)
    assert not any(is_same(like + " --days 7", one) for one in TYPED)
    assert not any(is_same(like.replace("admin", "god"), one) for one in TYPED)


@pytest.mark.parametrize("command", OLDER_GUIDE)
def test_commands_of_the_older_guide_are_there(command):
    """As they were."""
    assert command in commands_of(PAGES["deployment"])


def test_headings_of_the_older_guide_are_there():
    """In their order."""
    lines = PAGES["deployment"].splitlines()

    assert [line for line in lines if line in HEADINGS] == list(HEADINGS)


@pytest.mark.parametrize("page", PAGES)
def test_only_known_kinds_of_blocks(page):
    """What is to be typed here stands in `bash`, and in nothing that looks like it."""
    kinds = re.findall(r"^ *```(\w+)$", PAGES[page], re.MULTILINE)

    assert set(kinds) <= {"bash", "text"}


@pytest.mark.parametrize("page", PAGES)
def test_settings_exist(page):
    """Every name in capitals with an underscore, that is marked as code."""
    code = re.findall(r"`([^`\n]+)`|^([A-Z_]+)=", PAGES[page], re.MULTILINE)
    names = {
        name
        for texts in code
        for text in texts
        for name in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text)
    }

    assert names - SETTINGS - OF_OTHERS == set()


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page):
    """Each `sentinel …` that a page names."""
    for line in re.findall(r"`sentinel ([a-z][^`\n]*)`", PAGES[page]):
        found, words = get_command(app), line.split()
        while words and hasattr(found, "commands"):
            assert words[0] in found.commands, line
            found = found.commands[words.pop(0)]
        known = {option for one in found.params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_images_are_those_of_this_version():
    """Where a page names a tag."""
    tags = {
        tag
        for page in PAGES.values()
        for tag in re.findall(r"sentinel-netlab:(\d[\w.]*)", page)
    }

    assert tags == {__version__}


def _rows(page: str, heading: str) -> set[str]:
    """First cells of the table under *heading*, without its head."""
    section = re.split(r"^## ", page.split(f"## {heading}\n")[1], flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| `?([\w, ]+)`? \|", section, re.MULTILINE)
    return set(cells[1:])


def test_every_code_of_readiness_is_in_the_runbook():
    """And what nginx and a database that is busy say."""
    codes = {one.code for one in (STARTING, DRAINING, UNREACHABLE, DISK_FULL)}
    codes |= {
        schema_state.UNVERSIONED,
        schema_state.BEHIND,
        schema_state.AHEAD,
        schema_state.DRIFT,
        *Outage,
    }

    assert _rows(PAGES["runbook"], "503 Service Unavailable") == codes | {
        "unavailable",
        "database_busy",
    }


def test_every_exit_status_of_the_migration_is_in_the_runbook():
    """And of the settings."""
    errors = (UpgradeError, RefusedError, UnknownRevisionError, LockBusyError)
    statuses = {0, 78, *(error.status for error in errors)}

    assert {int(one) for one in _rows(PAGES["runbook"], "Migration failed")} == statuses


def test_every_alert_of_prometheus_has_its_section():
    """`runbook` of a rule names a heading of the runbook."""
    rules = yaml.safe_load((ROOT / "ops/prometheus/rules.yml").read_text())
    links = [
        rule["annotations"]["runbook"]
        for group in rules["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]

    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        assert path.endswith("docs/prod/runbook.md"), link
        assert anchor in anchors(PAGES["runbook"]), link


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    text = re.sub(r"^ *```.*?^ *```", "", page, flags=re.DOTALL | re.MULTILINE)
    found: dict[str, int] = {}
    for title in re.findall(r"^#+ +(.+)$", text, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {
        slug if number == 0 else f"{slug}-{number}"
        for slug, last in found.items()
        for number in range(last + 1)
    }


FIGURES = (
    "bench-server batches_per_s.controller",
    "bench-server p99_ms.controller",
    "bench-server cpu_us_per_batch.controller",
    "bench-server body_bytes",
    "bench-worker by_rows_in_a_batch.500.rows_per_s.worker",
    "bench-worker by_rows_in_a_batch.2000.rows_per_s.worker",
    "bench-worker by_rows_in_a_batch.500.cpu_us_per_row.worker",
    "bench-worker by_rows_in_a_batch.2000.cpu_us_per_row.worker",
    "bench-events latency_ms.p50",
    "bench-events latency_ms.p99",
    "bench-events alerts_sent",
    "bench-events sent_batches_per_s",
    "bench-agent by_frames_per_s.5000.agent_cpu_percent",
    "bench-agent by_frames_per_s.50000.agent_cpu_percent",
    "bench-stack load_before",
    "bench-stack ratio_1_to_2.intake",
    "bench-stack by_replicas.1.intake.batches_per_s",
    "bench-stack by_replicas.1.intake.p99_ms",
    "bench-stack by_replicas.2.intake.batches_per_s",
    "bench-stack by_replicas.2.intake.p99_ms",
    "bench-stack by_replicas.1.all.batches_per_s",
    "bench-stack by_replicas.2.all.batches_per_s",
    "lists-postgresql18 counts.third_page_ms.alerts by first_seen",
    "lists-postgresql18 counts.third_page_ms.incidents",
)


@pytest.mark.parametrize("figure", FIGURES)
def test_figure_is_that_of_the_evidence(figure):
    """As the file of the last measurement has it."""
    name, _, path = figure.partition(" ")
    value = json.loads((ROOT / f"docs/evidence/{name}.json").read_text())
    for key in path.split("."):
        value = value[key]

    assert re.search(rf"(?<![\d.]){re.escape(str(value))}(?![\d.]\d)", PAGES["sizing"])
    assert f"(../evidence/{name}.json)" in PAGES["sizing"]


def test_memory_is_that_of_the_compose_file():
    """The limit of each service that goes on."""
    compose = yaml.safe_load((ROOT / "ops/docker-compose.prod.yml").read_text())
    for name, service in compose["services"].items():
        if service.get("restart") != "unless-stopped":
            continue
        size, unit = re.findall(r"(\d+)([gm])\b", service["mem_limit"])[0]
        row = rf"^\| (?:each )?`{name}` \| {size} {unit.upper()}iB"
        assert re.search(row, PAGES["sizing"], re.MULTILINE), name


def test_tests_of_the_threat_model_exist():
    """Each file that it names."""
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", THREATS))

    assert len(named) > 20
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


MARKDOWN = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda p: str(p.relative_to(ROOT)))
def test_anchors_lead_to_headings(page):
    """Links with `#`, on the page itself and to others."""
    missing = []
    for path, anchor in re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", page.read_text()):
        target = page.parent / path if path else page
        if target.suffix != ".md" or anchor not in anchors(target.read_text()):
            missing.append(f"{path}#{anchor}")

    assert missing == []
