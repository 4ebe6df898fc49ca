"""
What a schema is made of, in words that do not depend on where it was read.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

VERSION_TABLE = "alembic_version"
"""The migrations' own table: known, and no part of a fingerprint."""

Objects = dict[str, str]
"""Definitions by object: ``column ssid`` is ``bytea``."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """
    The objects of a schema.

    Attributes:
        tables: objects of each table, view, type … by its name.
        owners: who owns each of them (PostgreSQL); not a part of the comparison.
        version_owner: who owns the table of the migrations.
    """

    tables: dict[str, Objects]
    owners: dict[str, str] = field(default_factory=dict)
    version_owner: str | None = None

    def hashes(self) -> dict[str, str]:
        """A SHA-256 for each table."""
        return {name: _sha256(objects) for name, objects in self.tables.items()}

    def digest(self) -> str:
        """A SHA-256 of everything."""
        return _sha256(self.hashes())


def _sha256(objects: dict[str, str]) -> str:
    text = json.dumps(objects, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
