"""Every module has its test, and no file names what it must not."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/sentinel_netlab"
MODULES = sorted(
    path.relative_to(SOURCE)
    for path in SOURCE.rglob("*.py")
    if path.stem not in ("__init__", "__main__")
)
UNTESTED = tomllib.loads((ROOT / "tests/meta/untested.toml").read_text())
HOSTS = re.compile(
    r"pypi\.(org|python)|files\.pythonhosted|registry\.npmjs|deb\.debian\.org"
    r"|--index-url|--extra-index|--find-links\b(?!\")"
)
PLACES = re.compile(r"(?<![\w.])/(work|root|home|farm)/|/tmp/(team|bash)")


def committed() -> list[str]:
    """Files that git tracks."""
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_module_has_its_test(module):
    """tests/unit mirrors src; exceptions name the test that covers the module."""
    mirrored = (
        ROOT / "tests/unit" / module.parent / f"test_{module.stem.lstrip('_')}.py"
    )
    covered_by = UNTESTED.get(str(module))

    assert mirrored.exists() or (covered_by and (ROOT / covered_by).exists())


@pytest.mark.parametrize("name", committed())
def test_file_names_no_host_and_no_place(name):
    """No package host, no path of somebody's machine."""
    data = (ROOT / name).read_bytes()
    if b"\0" in data or name == "tests/meta/test_tree.py":
        return
    text = data.decode()

    assert not HOSTS.search(text) or name == "tools/lock.py"
    assert not PLACES.search(text)


def test_there_is_no_uv_lock():
    """Locks are requirements files."""
    assert not (ROOT / "uv.lock").exists()
