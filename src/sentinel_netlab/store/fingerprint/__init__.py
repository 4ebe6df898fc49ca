"""Whether the schema is what the migrations make: a fingerprint of the catalogs."""

from sentinel_netlab.store.fingerprint.compare import (
    Differences,
    compare,
    missing_index_sql,
)
from sentinel_netlab.store.fingerprint.golden import (
    check_schema,
    golden_of,
    read_fingerprint,
)
from sentinel_netlab.store.fingerprint.record import Fingerprint

__all__ = (
    "Differences",
    "Fingerprint",
    "check_schema",
    "compare",
    "golden_of",
    "missing_index_sql",
    "read_fingerprint",
)
