"""
The shared captures that lie beside a checkout, and the marks of tests that need them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

SHARED = ROOT.parent / "shared"
"""Designs and captures; not part of the repository."""

HWSIM = SHARED / "captures" / "hwsim"
PUBLIC = SHARED / "captures" / "public"

_Test = TypeVar("_Test", bound=Callable[..., object])

SHARED_MARKS = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not HWSIM.is_dir(), reason=f"needs the shared captures in {SHARED}"
    ),
]
"""For ``pytestmark`` of a module that is all about the shared captures."""


def requires_shared(test: _Test) -> _Test:
    """Mark *test* as needing the shared captures; it is skipped where they are not."""
    for mark in SHARED_MARKS:
        test = mark(test)
    return test


def manifest(folder: Path) -> list[dict[str, Any]]:
    """Entries of the manifest in *folder*; none where it is missing."""
    path = folder / "manifest.json"
    entries: list[dict[str, Any]] = (
        json.loads(path.read_text()) if path.exists() else []
    )
    return entries


def shared_files() -> list[Path]:
    """Every file under the shared captures, sorted."""
    return sorted(p for p in (SHARED / "captures").rglob("*") if p.is_file())
