"""The schema of the older version, where this history begins."""

from __future__ import annotations

from alembic import op

from sentinel_netlab.store.migrations.ddl import make_tables
from sentinel_netlab.store.migrations.older import BASELINE, baseline
from sentinel_netlab.store.upgrade.bases import require_nothing
from sentinel_netlab.store.upgrade.errors import UpgradeError

revision = BASELINE
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make its six tables."""
    connection = op.get_bind()
    require_nothing(connection)
    make_tables(connection, baseline(connection.dialect.name))


def downgrade() -> None:
    """There is none: restore the backup that was made before."""
    raise UpgradeError("there is no way back: restore a backup")
