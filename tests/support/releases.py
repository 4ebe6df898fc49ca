"""A version after this one, made of a copy of the project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from sentinel_netlab import __version__
from sentinel_netlab.store.schema_state import our_history

NEXT_VERSION = "0.1.999"
NEXT_HEAD = "d00000000001"
NEXT_COLUMN = "colour"
"""Of `sensors`; may be NULL, so that this version needs to know nothing of it."""
_REVISION = f'''"""A column that may be NULL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{NEXT_HEAD}"
down_revision = "{{head}}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    op.add_column("sensors", sa.Column("{NEXT_COLUMN}", sa.String(20)))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("sensors", "{NEXT_COLUMN}")
'''


def make_next_release(folder: Path) -> None:
    """Let the project in *folder*, a copy, be the version after this one."""
    package = folder / "src/sentinel_netlab"
    for file in (folder / "pyproject.toml", package / "__init__.py"):
        text = file.read_text()
        file.write_text(
            re.sub(
                rf'^(version|__version__) = "{re.escape(__version__)}"$',
                rf'\1 = "{NEXT_VERSION}"',
                text,
                flags=re.MULTILINE,
            )
        )
        assert NEXT_VERSION in file.read_text()
    versions = package / "store/migrations/versions"
    revision = versions / f"colour_{NEXT_HEAD}.py"
    revision.write_text(_REVISION.format(head=our_history().head))
    subprocess.run(
        [sys.executable, folder / "tools/fingerprints.py"],
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        cwd=folder,
        check=True,
    )
    golden = package / f"store/fingerprint/golden/{NEXT_HEAD}.postgresql.json"
    assert NEXT_COLUMN in golden.read_text()
