"""
The two roles of a cluster and the database between them, made or put right.

A superuser does it by the server's Unix socket.  The owner migrates and is no
superuser; the app reads and writes rows by what `store.roles` grants.  What an older
deployment made as its superuser, or as the app, becomes the owner's.  What is right
already is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from sentinel_netlab.store.belongings import give_belongings
from sentinel_netlab.store.roles import user_of
from sentinel_netlab.store.scram import matches

SUPERUSERS = ("postgres", "sentinel")
"""Names that images of PostgreSQL and older deployments gave their superuser."""
MAINTENANCE = ("postgres", "template1")
LOCK_TIMEOUT_S = 10
_LOCK = 7_364_512_904_117_553
_PAUSE_S = 0.5
_OPTIONS = (
    f"-c lock_timeout={LOCK_TIMEOUT_S}s -c client_min_messages=warning"
    # Verifiers stay out of the server's log.
    " -c log_statement=none -c log_min_duration_statement=-1"
    " -c log_min_duration_sample=-1 -c log_transaction_sample_rate=0"
    " -c log_min_error_statement=panic"
)
_ROLE = """
SELECT r.oid, r.oid = 10, a.rolpassword,
       r.rolcanlogin AND NOT (r.rolsuper OR r.rolcreatedb OR r.rolcreaterole
           OR r.rolreplication OR r.rolbypassrls)
       AND coalesce(r.rolvaliduntil = 'infinity', true)
FROM pg_roles r JOIN pg_authid a ON a.oid = r.oid WHERE r.rolname = %s
"""
_ATTRIBUTES = sql.SQL(
    "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    " VALID UNTIL 'infinity'"
)
_MEMBERSHIPS = """
SELECT g.rolname, by.rolname FROM pg_auth_members m
JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles by ON by.oid = m.grantor
WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = %s) ORDER BY 1, 2
"""
_OTHER_SUPERUSERS = """
SELECT rolname FROM pg_authid
WHERE rolsuper AND rolcanlogin AND rolpassword IS NOT NULL AND rolname <> 'postgres'
ORDER BY rolname
"""
# A statement of its own would put the verifier into pg_stat_statements.
_SET_VERIFIER = """
DO $$ BEGIN
  EXECUTE format('ALTER ROLE %I PASSWORD %L', current_setting('sentinel.role'),
                 current_setting('sentinel.verifier'));
END $$
"""
_Connection = psycopg.Connection[tuple[object, ...]]


class ClusterError(Exception):
    """
    The roles are not as they should be.

    Attributes:
        status: exit status of the process.
    """

    status = 1


class ServerAwayError(ClusterError):
    """The server did not come, or something in it stayed in use."""

    status = 75  # EX_TEMPFAIL of sysexits.h


class UnfitNamesError(ClusterError):
    """The URLs name no two roles of one database; the message has no value."""

    status = 78


@dataclass(frozen=True, slots=True)
class Login:
    """A role; without *password* it is left as it is, or gets none."""

    name: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What there shall be."""

    owner: Login
    app: Login
    database: str


@dataclass(frozen=True, slots=True)
class Reach:
    """
    How the server is reached.

    Attributes:
        socket: folder of its Unix socket.
        superuser: who to be there; None: the first of those that are usual.
        wait_s: how long the server is waited for.
        clock: seconds; sleep: waits for some.
    """

    socket: str
    superuser: str | None
    wait_s: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def conninfo(self, user: str, database: str) -> str:
        """For libpq."""
        return make_conninfo(
            host=self.socket,
            user=user,
            dbname=database,
            connect_timeout=5,
            application_name="sentinel db roles",
            options=_OPTIONS,
        )


def wanted_of(app_url: URL, owner_url: URL | None) -> Wanted:
    """
    The roles and the database that the URLs name.

    Raises:
        UnfitNamesError: they are no two roles of one database of PostgreSQL.
    """
    if owner_url is None:
        raise UnfitNamesError("MIGRATION_DATABASE_URL: is missing")
    logins = []
    for name, url in (("MIGRATION_DATABASE_URL", owner_url), ("DATABASE_URL", app_url)):
        user = user_of(url)
        if url.get_backend_name() == "sqlite" or not url.database:
            raise UnfitNamesError(f"{name}: names no database of PostgreSQL")
        if not user:
            raise UnfitNamesError(f"{name}: names no role")
        logins.append(Login(user, url.password))
    owner, app = logins
    if owner.name == app.name:
        raise UnfitNamesError(
            "MIGRATION_DATABASE_URL: names the role of DATABASE_URL, and should name "
            "another, which owns the tables"
        )
    if owner_url.database != app_url.database:
        raise UnfitNamesError(
            "MIGRATION_DATABASE_URL: names another database than DATABASE_URL"
        )
    return Wanted(owner, app, owner_url.database or "")


def ensure_cluster(wanted: Wanted, reach: Reach, say: Callable[[str], None]) -> int:
    """
    Let the cluster be as *wanted*; the number of things done.

    Args:
        say: is given a line for each of them.

    Raises:
        ServerAwayError: not within the time of *reach*.
        UnfitNamesError: a role that is named is the cluster's superuser.
        ClusterError: nobody may do it, or the server refused.
    """
    deadline = reach.clock() + reach.wait_s
    while True:
        try:
            return _Cluster(wanted, reach, say).ensure()
        except psycopg.OperationalError as error:
            # An image's first server ends, and another follows it.
            if reach.clock() >= deadline:
                raise ServerAwayError(_said(error)) from error
        except psycopg.Error as error:
            raise ClusterError(f"the database refused: {_said(error)}") from error
        reach.sleep(_PAUSE_S)


def _said(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class _Cluster:
    """One try."""

    def __init__(
        self, wanted: Wanted, reach: Reach, say: Callable[[str], None]
    ) -> None:
        self._wanted = wanted
        self._reach = reach
        self._tell = say
        self._count = 0

    def ensure(self) -> int:
        with self._as_superuser() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            me = connection.info.user
            self._refuse_superusers(connection, me)
            for login in (self._wanted.owner, self._wanted.app):
                self._ensure_role(connection, login)
                self._leave_others(connection, login)
            self._ensure_database(connection)
            conninfo = self._reach.conninfo(me, self._wanted.database)
            with psycopg.connect(conninfo) as inner:
                owner, app = self._wanted.owner.name, self._wanted.app.name
                done = give_belongings(inner, owner, app)
            for line in done:
                self._say(line)
            self._warn_of_superusers(connection)
        return self._count

    def _say(self, line: str) -> None:
        self._count += 1
        self._tell(line)

    def _as_superuser(self) -> _Connection:
        """A connection that may do everything; OperationalError: no server yet."""
        given, wanted = self._reach.superuser, self._wanted
        usual = (*SUPERUSERS, wanted.owner.name, wanted.app.name)
        names = (given,) if given else tuple(dict.fromkeys(usual))
        self._expect_server(names[0])
        for name in names:
            for database in MAINTENANCE:
                with suppress(psycopg.OperationalError):
                    conninfo = self._reach.conninfo(name, database)
                    found = psycopg.connect(conninfo, autocommit=True)
                    if found.info.parameter_status("is_superuser") == "on":
                        return found
                    found.close()
        self._expect_server(names[0])
        raise ClusterError(
            f"none of these is a superuser that may come by {self._reach.socket}: "
            f"{', '.join(names)}; name one by --superuser"
        )

    def _expect_server(self, name: str) -> None:
        conninfo = self._reach.conninfo(name, MAINTENANCE[0])
        if pq.PGconn.ping(conninfo.encode()) != pq.Ping.OK:
            raise psycopg.OperationalError(
                f"no server accepts connections at {self._reach.socket}"
            )

    def _refuse_superusers(self, connection: _Connection, me: str) -> None:
        """Neither may be who the cluster was made with: that one stays superuser."""
        for setting, login in (
            ("MIGRATION_DATABASE_URL", self._wanted.owner),
            ("DATABASE_URL", self._wanted.app),
        ):
            row = connection.execute(_ROLE, [login.name]).fetchone()
            if login.name == me or (row is not None and row[1]):
                raise UnfitNamesError(
                    f"{setting}: names {login.name}, who is superuser of this "
                    "cluster: name another role there; it will be made"
                )

    def _ensure_role(self, connection: _Connection, login: Login) -> None:
        name = sql.Identifier(login.name)
        row = connection.execute(_ROLE, [login.name]).fetchone()
        if row is None:
            create = sql.SQL("CREATE ROLE {} {}").format(name, _ATTRIBUTES)
            connection.execute(create)
            self._say(f"role {login.name} made")
        elif not row[3]:
            alter = sql.SQL("ALTER ROLE {} {}").format(name, _ATTRIBUTES)
            connection.execute(alter)
            self._say(f"role {login.name} may log in, and is no superuser")
        verifier = row[2] if row is not None else None
        if login.password and not matches(login.password, str(verifier or "")):
            self._set_password(connection, login)

    def _set_password(self, connection: _Connection, login: Login) -> None:
        """By a verifier: the password itself is not sent."""
        verifier = connection.pgconn.encrypt_password(
            (login.password or "").encode(), login.name.encode(), b"scram-sha-256"
        ).decode()
        with connection.transaction():
            connection.execute(
                "SELECT set_config('sentinel.role', %s, true),"
                " set_config('sentinel.verifier', %s, true)",
                [login.name, verifier],
            )
            connection.execute(_SET_VERIFIER)
        self._say(f"role {login.name} has the password of its URL")

    def _leave_others(self, connection: _Connection, login: Login) -> None:
        """A role that is a member of another may do what that one may."""
        rows = connection.execute(_MEMBERSHIPS, [login.name]).fetchall()
        for group, by in rows:
            connection.execute(
                sql.SQL("REVOKE {} FROM {} GRANTED BY {} CASCADE").format(
                    sql.Identifier(str(group)),
                    sql.Identifier(login.name),
                    sql.Identifier(str(by)),
                )
            )
            self._say(f"role {login.name} is no member of {group} any more")

    def _ensure_database(self, connection: _Connection) -> None:
        database, owner = self._wanted.database, self._wanted.owner.name
        names = sql.Identifier(database), sql.Identifier(owner)
        row = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s",
            [database],
        ).fetchone()
        if row is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
            self._say(f"database {database} made; its owner is {owner}")
        elif row[0] != owner:
            alter = sql.SQL("ALTER DATABASE {} OWNER TO {}").format(*names)
            connection.execute(alter)
            self._say(f"database {database} given to {owner}")

    def _warn_of_superusers(self, connection: _Connection) -> None:
        for (name,) in connection.execute(_OTHER_SUPERUSERS).fetchall():
            self._tell(
                f"warning: superuser {name} has a password, and nothing of this "
                "version needs one: see ALTER ROLE … PASSWORD NULL"
            )
