"""
Who owns what is in a database: the schema public and all of it become the owner's.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from sentinel_netlab.store.roles import NUMBERS, ROWS

_Connection = psycopg.Connection[tuple[object, ...]]

_SCHEMA = """
SELECT pg_get_userbyid(n.nspowner),
       (SELECT coalesce(bool_or(a.privilege_type = 'CREATE' AND a.grantee = 0), false)
        FROM aclexplode(n.nspacl) a)
FROM pg_namespace n WHERE n.nspname = 'public'
"""
_DATABASE_CREATORS = """
SELECT current_database(), coalesce(r.rolname, '')
FROM pg_database d CROSS JOIN aclexplode(d.datacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE d.datname = current_database() AND a.privilege_type = 'CREATE'
  AND (a.grantee = 0 OR r.rolname = %s)
"""
# Not what belongs to an extension, and not what follows another thing: the sequence of
# a column, the type of a table, the array of a type, the multirange of a range.
_BELONGINGS = """
WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname = 'public'), found AS (
  SELECT 'pg_class'::regclass AS class, c.oid, c.relowner AS owner,
         CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS noun,
         format('%%I.%%I', 'public', c.relname) AS name
  FROM pg_class c, ours WHERE c.relnamespace = ours.oid
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT (c.relkind = 'S' AND EXISTS (
      SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0))
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, t.typowner, 'TYPE',
         format('%%I.%%I', 'public', t.typname)
  FROM pg_type t JOIN ours ON t.typnamespace = ours.oid
  LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE t.typtype <> 'm' AND coalesce(c.relkind = 'c', true)
    AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, p.proowner, 'ROUTINE',
         format('%%I.%%I(%%s)', 'public', p.proname,
                pg_get_function_identity_arguments(p.oid))
  FROM pg_proc p, ours WHERE p.pronamespace = ours.oid
)
SELECT f.noun, f.name, r.rolname FROM found f JOIN pg_roles r ON r.oid = f.owner
WHERE r.rolname <> %s AND NOT EXISTS (
  SELECT FROM pg_depend d
  WHERE d.classid = f.class AND d.objid = f.oid AND d.deptype = 'e')
ORDER BY f.noun DESC, f.name
"""


def give_belongings(connection: _Connection, owner: str, app: str) -> list[str]:
    """
    Let *owner* own the schema public and what is in it; what was done, a line each.

    *connection* is a superuser's; the caller commits.  Of a table that was its own,
    *app* keeps the rows, so that its processes go on until the migration job comes.
    """
    done = _give_schema(connection, owner)
    rows = connection.execute(_DATABASE_CREATORS, [app]).fetchall()
    for database, grantee in rows:
        who = sql.Identifier(str(grantee)) if grantee else sql.SQL("PUBLIC")
        connection.execute(
            sql.SQL("REVOKE CREATE ON DATABASE {} FROM {}").format(
                sql.Identifier(str(database)), who
            )
        )
        done.append(f"{grantee or 'PUBLIC'} may not make schemas any more")
    for row in connection.execute(_BELONGINGS, [owner]).fetchall():
        noun, name, before = map(str, row)
        _give(connection, noun, name, owner)
        if before == app and noun in _KEPT:
            _let_keep(connection, noun, name, app)
        done.append(f"{noun.lower()} {name} given to {owner}, was of {before}")
    return done


_KEPT = {"TABLE": ROWS, "SEQUENCE": NUMBERS}


def _give_schema(connection: _Connection, owner: str) -> list[str]:
    row = connection.execute(_SCHEMA).fetchone()
    name, done = sql.Identifier(owner), []
    if row is None:
        make = sql.SQL("CREATE SCHEMA public AUTHORIZATION {}").format(name)
        connection.execute(make)
        return [f"schema public made; its owner is {owner}"]
    if row[0] != owner:
        alter = sql.SQL("ALTER SCHEMA public OWNER TO {}").format(name)
        connection.execute(alter)
        done.append(f"schema public given to {owner}")
    if row[1]:
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        done.append("PUBLIC may not make tables in schema public any more")
    return done


def _give(connection: _Connection, noun: str, name: str, owner: str) -> None:
    # Noun and name come from the catalogue, quoted by the server.
    statement = f"ALTER {noun} {name} OWNER TO "
    connection.execute(_composed(statement, owner))


def _let_keep(connection: _Connection, noun: str, name: str, app: str) -> None:
    privileges = ", ".join(sorted(_KEPT[noun]))
    connection.execute(_composed(f"GRANT {privileges} ON {noun} {name} TO ", app))


def _composed(beginning: str, role: str) -> bytes:
    return beginning.encode() + sql.Identifier(role).as_bytes(None)
