"""The older tables in one shape, with every row, whichever shape they came in."""

from __future__ import annotations

from alembic import op

from sentinel_netlab.store.migrations import normalise_postgresql, normalise_sqlite
from sentinel_netlab.store.migrations.older import BASELINE, older_rows
from sentinel_netlab.store.upgrade.backup import back_up
from sentinel_netlab.store.upgrade.bases import require_older_shape
from sentinel_netlab.store.upgrade.errors import UpgradeError

revision = "b1d93c0a5e27"
down_revision = BASELINE
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the six tables into their normal shape."""
    connection = op.get_bind()
    require_older_shape(connection)
    if connection.dialect.name == "postgresql":
        normalise_postgresql.normalise(connection)
        return
    if older_rows(connection):
        back_up(connection, revision)
    normalise_sqlite.normalise(connection)


def downgrade() -> None:
    """There is none: restore the backup that was made before."""
    raise UpgradeError("there is no way back: restore a backup")
