"""The docs say what is so."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
from tests.meta.test_sizes import ROOT
from typer.main import get_command

from sentinel_netlab.cli.app import app
from sentinel_netlab.core.policy import policy_from

PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if ".venv" not in path.parts
)
LINK = re.compile(r"\]\(([^)#:]+)\)")


@pytest.mark.parametrize("tool", ["tools/docs.py", "tools/lock.py"])
def test_generated_files_are_up_to_date(tool):
    """What `make docs` and the lock tool would make is what is committed."""
    done = subprocess.run(
        [sys.executable, tool, "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == ""
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    """Relative links of a page name files that exist."""
    links = LINK.findall(page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_example_policy_is_valid():
    """The example in docs/policy.md is read without complaint."""
    text = (ROOT / "docs/policy.md").read_text()
    example = text.split("```toml\n")[1].split("```")[0]

    policy = policy_from(tomllib.loads(example))

    assert policy.owns_ssid(b"HomeNet-24")
    assert policy.owns_bssid(0x50C7BF3A1120)
    assert policy.networks[b"CafeGuest"].open_allowed


COMMANDS = sorted(
    {
        line
        for page in PAGES
        for line in re.findall(
            r"(?:^|`|\s|bin/)sentinel ([a-z]+(?: [^`\n#&]*)?)", page.read_text()
        )
        if "--" in line and "wids." not in line.split()[0]
    }
)


@pytest.mark.parametrize("line", COMMANDS)
def test_documented_command_exists(line):
    """A command that a page shows has the options that it is shown with."""
    words = line.split()
    group = next(
        one for one in get_command(app).commands.values() if one.name == words[0]
    )
    depth = 1
    while hasattr(group, "commands") and words[depth] in group.commands:
        group, depth = group.commands[words[depth]], depth + 1
    known = {option for one in group.params for option in one.opts} | {"--help"}

    assert set(re.findall(r"(?<!\S)--[a-z-]+", line)) <= known


def test_make_targets_exist():
    """The targets that the docs name are in the Makefile."""
    makefile = (ROOT / "Makefile").read_text()
    words = {
        word
        for page in ("README.md", "CONTRIBUTING.md")
        for word in re.findall(r"`?make ([a-z-]+)", (ROOT / page).read_text())
    }

    assert [word for word in words if f"\n{word}:" not in makefile] == []
