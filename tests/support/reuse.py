"""
Databases that the next test may have: emptied, if the last one left their schema alone.

Making a database of a template costs PostgreSQL some tenths of a second, emptying one
some milliseconds.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress

import psycopg
from psycopg import sql

_SIGNATURE = """
SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (
 SELECT concat_ws(',', 'class', oid, relname, relkind, relpersistence, relowner,
                  relacl, relrowsecurity, relhastriggers)
 FROM pg_class WHERE relnamespace = 'public'::regnamespace
 UNION ALL SELECT concat_ws(',', 'column', attrelid, attname, atttypid, atttypmod,
                            attnotnull, attisdropped, attacl)
 FROM pg_attribute WHERE attnum > 0 AND attrelid IN (
     SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
 UNION ALL SELECT concat_ws(',', 'default', adrelid, adnum, pg_get_expr(adbin, adrelid))
 FROM pg_attrdef
 UNION ALL SELECT concat_ws(',', 'constraint', oid, conname, convalidated)
 FROM pg_constraint WHERE connamespace = 'public'::regnamespace
 UNION ALL SELECT concat_ws(',', 'index', indexrelid, indisvalid) FROM pg_index
 UNION ALL SELECT concat_ws(',', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
 UNION ALL SELECT concat_ws(',', 'rule', oid, rulename) FROM pg_rewrite
 WHERE ev_class IN (
     SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
 UNION ALL SELECT concat_ws(',', 'function', oid, proname, prosrc)
 FROM pg_proc WHERE pronamespace = 'public'::regnamespace
 UNION ALL SELECT concat_ws(',', 'type', oid, typname)
 FROM pg_type WHERE typnamespace = 'public'::regnamespace
 UNION ALL SELECT concat_ws(',', 'schema', oid, nspname, nspowner, nspacl)
 FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
 UNION ALL SELECT concat_ws(',', 'extension', oid, extname) FROM pg_extension
 UNION ALL SELECT concat_ws(',', 'database', datdba, datacl)
 FROM pg_database WHERE datname = current_database()
 UNION ALL SELECT concat_ws(',', 'setting', setrole, setconfig)
 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
 WHERE d.datname = current_database()
 UNION ALL SELECT concat_ws(',', 'grants', defaclrole, defaclobjtype, defaclacl)
 FROM pg_default_acl
) AS parts (x)
"""
_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
"""
_SEQUENCES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname
"""
_OTHERS_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Shelf:
    """Databases of one server that wait for a test."""

    def __init__(self) -> None:
        self._free: dict[str, list[str]] = defaultdict(list)
        self._fresh: dict[str, tuple[str, dict[str, str | None]]] = {}

    def take(self, kind: str) -> str | None:
        """The URL of an empty one; None: there is none."""
        return self._free[kind].pop() if self._free[kind] else None

    def remember(self, url: str) -> None:
        """How a database is that was just made."""
        with psycopg.connect(url, autocommit=True) as c:
            self._fresh[url] = (_signature(c), _contents(c))

    def put_back(self, kind: str, url: str) -> bool:
        """Empty a database for the next test; False: it is not what it was."""
        with suppress(psycopg.Error):
            if self._emptied(url):
                self._free[kind].append(url)
                return True
        return False

    def _emptied(self, url: str) -> bool:
        signature, contents = self._fresh[url]
        with psycopg.connect(url, autocommit=True) as c:
            c.execute("SET lock_timeout = '5s'")
            c.execute("SET statement_timeout = '20s'")
            c.execute(_OTHERS_END)
            if _signature(c) != signature:
                return False
            with c.transaction():
                # Neither triggers nor foreign keys look at what is deleted.
                c.execute("SET LOCAL session_replication_role = replica")
                for table, rows in contents.items():
                    _restore(c, table, rows)
                for (name,) in c.execute(_SEQUENCES).fetchall():
                    restart = sql.SQL("ALTER SEQUENCE {} RESTART")
                    c.execute(restart.format(sql.Identifier(name)))
        return True


def _signature(c: psycopg.Connection) -> str:
    return str(c.execute(_SIGNATURE).fetchone()[0])


def _contents(c: psycopg.Connection) -> dict[str, str | None]:
    """Rows of each table as JSON; None: it has none."""
    found = {}
    for (name,) in c.execute(_TABLES).fetchall():
        query = sql.SQL("SELECT json_agg(t)::text FROM {} AS t")
        found[name] = c.execute(query.format(sql.Identifier(name))).fetchone()[0]
    return found


def _restore(c: psycopg.Connection, table: str, rows: str | None) -> None:
    name = sql.Identifier(table)
    c.execute(sql.SQL("DELETE FROM {}").format(name))
    if rows is not None:
        insert = "INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, %s)"
        c.execute(sql.SQL(insert).format(name), (rows,))
