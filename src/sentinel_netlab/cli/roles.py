"""
`sentinel db roles`: the roles of the cluster, before the first migration.
"""

from __future__ import annotations

import os
import time

from sentinel_netlab.cli.migrate import say


def run(*, superuser: str | None, socket: str, wait_s: float) -> int:
    """Let the cluster be as the settings say; the exit status."""
    from sentinel_netlab.settings import load_or_exit  # noqa: PLC0415
    from sentinel_netlab.store.cluster import (  # noqa: PLC0415
        ClusterError,
        Reach,
        ensure_cluster,
        wanted_of,
    )
    from sentinel_netlab.store.settings import (  # noqa: PLC0415
        DatabaseSettings,
        parse_url,
    )

    settings = load_or_exit(DatabaseSettings, os.environ)
    owner = settings.migration_database_url
    try:
        wanted = wanted_of(
            parse_url(settings.database_url.get_secret_value()),
            parse_url(owner.get_secret_value()) if owner else None,
        )
        reach = Reach(socket, superuser, wait_s, time.monotonic, time.sleep)
        count = ensure_cluster(wanted, reach, say)
    except ClusterError as error:
        say(str(error))
        return error.status
    if not count:
        say(f"the roles of database {wanted.database} are as they should be")
    return 0
