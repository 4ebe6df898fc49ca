"""
The role of the processes on PostgreSQL: it reads and writes rows, and no more.

The migration job runs as the owner of the tables and calls `ensure_app_role` each time.
What is right already is left alone, so that a second run changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from sentinel_netlab.store.fingerprint.record import VERSION_TABLE
from sentinel_netlab.store.tables import metadata

ROWS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
EXCEPTIONS = {
    "audit_log": frozenset({"SELECT", "INSERT"}),
    "audit_head": frozenset({"SELECT", "INSERT", "UPDATE"}),
    "schema_compat": frozenset({"SELECT"}),
    VERSION_TABLE: frozenset({"SELECT"}),
}
"""Tables of which the app may do less than with `ROWS`."""
NUMBERS = frozenset({"SELECT", "USAGE"})
"""What it may do with the sequences of our tables."""

_FACTS = """
SELECT n.oid AS schema, quote_ident(n.nspname) AS schema_name,
       quote_ident(current_database()) AS database, me.rolname AS me, me.oid AS me_oid,
       me.rolsuper AS me_super, me.rolcreaterole AS me_creates_roles,
       has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION') AS grants_schema,
       pg_has_role(n.nspowner, 'USAGE') AS owns_schema,
       has_database_privilege(current_database(), 'CONNECT WITH GRANT OPTION')
           AS grants_connect
FROM pg_roles me, pg_namespace n
WHERE me.rolname = current_user AND n.oid = coalesce(
    (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('alembic_version')),
    (SELECT oid FROM pg_namespace WHERE nspname = current_schema()))
"""
_ROLE = "SELECT oid FROM pg_roles WHERE rolname = :name"
_KEEP_VERIFIER = """
SELECT set_config('sentinel.role', :name, true),
       set_config('sentinel.verifier', :verifier, true)
"""
# A statement of its own would put the verifier into the server's log.  Somebody else
# may make the role at the same time, for another database.
_CREATE_ROLE = """
DO $$ BEGIN
  EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE '
      'PASSWORD %L', current_setting('sentinel.role'),
      nullif(current_setting('sentinel.verifier'), ''));
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
_RELATION_GRANTS = """
SELECT c.relname, c.relkind = 'S' AS is_sequence, c.relowner = :role AS is_apps,
       coalesce(array_agg(a.privilege_type) FILTER (WHERE a.grantee = :role), '{}'),
       coalesce(array_agg(a.privilege_type) FILTER (WHERE a.grantee = 0), '{}')
FROM pg_class c
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
     AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
     AND c.relkind = 'S'
LEFT JOIN pg_class t ON t.oid = d.refobjid
LEFT JOIN LATERAL aclexplode(c.relacl) a ON true
WHERE c.relnamespace = :schema AND c.relkind IN ('r', 'p', 'S')
  AND coalesce(t.relname, c.relname) = ANY (:tables)
GROUP BY c.oid, c.relname, c.relkind, c.relowner ORDER BY c.relkind, c.relname
"""
_DEFAULT_GRANTS = """
SELECT d.defaclobjtype::text, array_agg(a.privilege_type)
FROM pg_default_acl d, aclexplode(d.defaclacl) a
WHERE d.defaclrole = :me AND d.defaclnamespace = :schema AND a.grantee = :role
GROUP BY d.defaclobjtype
"""
_PLACE = """
SELECT (SELECT coalesce(bool_or(a.privilege_type = 'CREATE' AND a.grantee = 0), false)
        FROM aclexplode(n.nspacl) a) AS all_create,
       (SELECT coalesce(bool_or(a.privilege_type = 'CREATE' AND a.grantee = :role),
                        false) FROM aclexplode(n.nspacl) a) AS app_creates,
       (SELECT coalesce(bool_or(a.privilege_type = 'USAGE' AND a.grantee = :role),
                        false) FROM aclexplode(n.nspacl) a) AS app_uses,
       (SELECT coalesce(bool_or(a.privilege_type = 'CONNECT' AND a.grantee = :role),
                        false) FROM aclexplode(b.datacl) a) AS app_connects
FROM pg_namespace n, pg_database b
WHERE n.oid = :schema AND b.datname = current_database()
"""
_POWERS = """
SELECT r.rolsuper, r.rolcanlogin, r.rolcreaterole,
       has_schema_privilege(r.oid, CAST(:schema AS oid), 'CREATE'),
       has_schema_privilege(r.oid, CAST(:schema AS oid), 'USAGE'),
       has_database_privilege(r.oid, current_database(), 'CREATE'),
       has_database_privilege(r.oid, current_database(), 'CONNECT'),
       pg_has_role(r.oid, CAST(:me AS oid), 'MEMBER')
FROM pg_roles r WHERE r.oid = :role
"""


class RoleError(Exception):
    """The role of the app cannot be brought about; the message says by whom it can."""


@dataclass(frozen=True, slots=True)
class AppRole:
    """
    Who the processes are on the database.

    Attributes:
        password: given to the role when it is made; None: it logs in otherwise.
    """

    name: str
    password: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Granted:
    """
    What `ensure_app_role` did.

    Attributes:
        done: statements, and the role if it was made; never a password.
        warnings: powers that the role has or lacks, and that we cannot change.
    """

    done: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def app_role_of(database_url: sa.URL, owner_url: sa.URL) -> AppRole | None:
    """The role in *database_url*; None: it is the owner's, or this is SQLite."""
    name = user_of(database_url)
    postgres = database_url.get_backend_name() in ("postgresql", "postgres")
    if not postgres or name is None or name == user_of(owner_url):
        return None
    return AppRole(name, database_url.password)


def user_of(url: sa.URL) -> str | None:
    """The role that *url* names."""
    named = url.username or url.query.get("user")
    return named if isinstance(named, str) or named is None else named[-1]


def ensure_app_role(connection: sa.Connection, role: AppRole) -> Granted:
    """
    Let *role* exist, and have these rights and no others; the caller commits.

    *connection* is the owner's (or a superuser's), after the migrations, under their
    lock.  With an AsyncConnection: ``await c.run_sync(ensure_app_role, role)``.

    Raises:
        RoleError: the role does not exist, and the owner may not create roles.
    """
    return _Grants(connection, role).ensure()


class _Grants:
    """One run for one role."""

    def __init__(self, connection: sa.Connection, role: AppRole) -> None:
        self._connection = connection
        self._role = role
        self._quote = connection.dialect.identifier_preparer.quote_identifier
        self._grantee = self._quote(role.name)
        self._facts: Any = connection.execute(sa.text(_FACTS)).one()
        self._oid = 0
        self._result = Granted()

    def ensure(self) -> Granted:
        self._oid = self._find() or self._create()
        self._grant_place()
        self._grant_relations()
        self._grant_defaults()
        self._judge()
        return self._result

    def _rows(self, query: str) -> list[Any]:
        values = {
            "role": self._oid,
            "name": self._role.name,
            "me": self._facts.me_oid,
            "schema": self._facts.schema,
            "tables": [*metadata.tables, VERSION_TABLE],
        }
        used = {name: value for name, value in values.items() if f":{name}" in query}
        return list(self._connection.execute(sa.text(query), used))

    def _run(self, statement: str) -> None:
        self._connection.execute(sa.text(statement.replace(":", r"\:")))
        self._result.done.append(statement)

    def _find(self) -> int | None:
        rows = self._rows(_ROLE)
        return rows[0][0] if rows else None

    def _create(self) -> int:
        facts, name = self._facts, self._role.name
        if not (facts.me_super or facts.me_creates_roles):
            raise RoleError(
                f"role {name} does not exist, and {facts.me} may not create roles: "
                f"let an administrator run CREATE ROLE {self._grantee} LOGIN PASSWORD …"
            )
        values = {"name": name, "verifier": self._verifier()}
        self._connection.execute(sa.text(_KEEP_VERIFIER), values)
        self._connection.execute(sa.text(_CREATE_ROLE))
        self._result.done.append(f"CREATE ROLE {self._grantee} LOGIN")
        return int(self._rows(_ROLE)[0][0])

    def _verifier(self) -> str:
        """What the server keeps instead of the password, which stays here."""
        if not self._role.password:
            return ""
        driver: Any = self._connection.connection.driver_connection
        made = driver.pgconn.encrypt_password(
            self._role.password.encode(), self._role.name.encode(), b"scram-sha-256"
        )
        return bytes(made).decode()

    def _grant_place(self) -> None:
        """Database and schema: in, but nothing new."""
        [now] = self._rows(_PLACE)
        facts, app = self._facts, self._grantee
        if not now.app_connects and facts.grants_connect:
            self._run(f"GRANT CONNECT ON DATABASE {facts.database} TO {app}")
        if not now.app_uses and facts.grants_schema:
            self._run(f"GRANT USAGE ON SCHEMA {facts.schema_name} TO {app}")
        if facts.owns_schema and now.all_create:
            self._run(f"REVOKE CREATE ON SCHEMA {facts.schema_name} FROM PUBLIC")
        if facts.owns_schema and now.app_creates:
            self._run(f"REVOKE CREATE ON SCHEMA {facts.schema_name} FROM {app}")

    def _grant_relations(self) -> None:
        for name, is_sequence, is_apps, apps, publics in self._rows(_RELATION_GRANTS):
            wanted = NUMBERS if is_sequence else EXCEPTIONS.get(name, ROWS)
            noun = "SEQUENCE" if is_sequence else "TABLE"
            relation = f"{noun} {self._facts.schema_name}.{self._quote(name)}"
            have = frozenset(apps)
            if is_apps and not is_sequence:
                have = self._take(relation, name, have)
            if more := wanted - have:
                self._run(f"GRANT {_words(more)} ON {relation} TO {self._grantee}")
            if less := have - wanted:
                self._run(f"REVOKE {_words(less)} ON {relation} FROM {self._grantee}")
            if publics:
                self._run(f"REVOKE ALL ON {relation} FROM PUBLIC")

    def _take(self, relation: str, name: str, have: frozenset[str]) -> frozenset[str]:
        """Make a table of the app's (an adopted one) the owner's; its grants then."""
        if not self._facts.me_super:
            text = (
                f"{self._role.name} owns table {name}: a superuser should change that"
            )
            self._result.warnings.append(text)
            return EXCEPTIONS.get(name, ROWS)
        self._run(f"ALTER {relation} OWNER TO {self._quote(self._facts.me)}")
        return frozenset()

    def _grant_defaults(self) -> None:
        """Tables and sequences that the owner makes later."""
        now = {kind: frozenset(have) for kind, have in self._rows(_DEFAULT_GRANTS)}
        schema = self._facts.schema_name
        for kind, noun, wanted in (("r", "TABLES", ROWS), ("S", "SEQUENCES", NUMBERS)):
            if more := wanted - now.get(kind, frozenset()):
                self._run(
                    f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} "
                    f"GRANT {_words(more)} ON {noun} TO {self._grantee}"
                )

    def _judge(self) -> None:
        """Tell of powers that grants do not give or take."""
        [powers] = self._rows(_POWERS)
        is_super, logs_in, creates_roles, creates, uses, schemas, connects, is_me = (
            powers
        )
        texts = {
            "is a superuser: it may do everything": is_super,
            "may not log in": not logs_in,
            "may create roles": creates_roles and not is_super,
            f"may create tables in {self._facts.schema_name}": creates and not is_super,
            f"may not use the schema {self._facts.schema_name}": not uses,
            "may create schemas": schemas and not is_super,
            "may not connect": not connects,
            f"is a member of {self._facts.me}": is_me and not is_super,
        }
        name = self._role.name
        self._result.warnings += [f"{name} {text}" for text, so in texts.items() if so]


def _words(privileges: frozenset[str]) -> str:
    return ", ".join(sorted(privileges))
