"""
`sentinel db`: where the database stands, what differs, adoption, retention.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sentinel_netlab.cli.database import Lab, LabFolder
from sentinel_netlab.cli.migrate import Target, reported, say, target

if TYPE_CHECKING:
    from sentinel_netlab.store.schema_state import SchemaState
    from sentinel_netlab.store.upgrade.job import Look

REFUSED = 3
commands = typer.Typer(
    help="The database: its revision, its differences, adoption, retention.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command()
def status(*, lab: Lab = False, data: LabFolder = None) -> None:
    """
    Show the revision and whether this version may serve it.

    Exit status: 0 it may, 1 it may not.
    """
    from sentinel_netlab.store.upgrade.job import head  # noqa: PLC0415

    to = target(lab=lab, folder=data)
    state = _guarded(lambda: asyncio.run(_state(to.url)))
    typer.echo(f"revision  {state.revision or '(none)'}")
    typer.echo(f"head      {head()}")
    typer.echo(f"state     {'Ready' if state.ready else state.title}")
    for text in state.details:
        typer.echo(f"          {text}")
    raise typer.Exit(0 if state.ready else 1)


@commands.command()
def check(*, lab: Lab = False, data: LabFolder = None) -> None:
    """
    Compare the schema with what the migrations make; print SQL for missing indexes.

    Exit status: 0 all that is ours is as it should be, 1 it is not.
    """
    from sentinel_netlab.store.fingerprint import (  # noqa: PLC0415
        compare,
        missing_index_sql,
    )
    from sentinel_netlab.store.upgrade.job import compared  # noqa: PLC0415

    to = target(lab=lab, folder=data)
    revision, actual, golden = _guarded(lambda: compared(to.plan))
    if golden is None:
        say(f"revision {revision or '(none)'} is not known here: nothing to compare")
        raise typer.Exit(1)
    found = compare(actual, golden)
    for text in found.ours_missing_or_changed:
        typer.echo(f"drift: {text}")
    for text in found.not_ours:
        typer.echo(f"not ours: {text}")
    is_postgresql = to.plan.url.get_backend_name() != "sqlite"
    for statement in missing_index_sql(actual, golden, concurrently=is_postgresql):
        typer.echo(statement)
    if not found.ours_missing_or_changed:
        typer.echo(f"the schema is that of revision {revision}")
    raise typer.Exit(1 if found.ours_missing_or_changed else 0)


@commands.command()
def adopt(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be done.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="There is a backup: do not ask.")
    ] = False,
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """
    Take over a database of the older version, with every row.

    Exit status: 0 adopted, 3 refused with the differences and nothing changed, 75
    another migration is at work, 1 another error.
    """
    from sentinel_netlab.store.upgrade.job import adopt, look  # noqa: PLC0415

    to = target(lab=lab, folder=data)
    found = _guarded(lambda: look(to.plan))
    if not _tell(found):
        raise typer.Exit(REFUSED)
    if dry_run:
        return
    if not yes:
        typer.confirm("Is there a backup, and shall it be adopted?", abort=True)
    code = reported(lambda: adopt(to.plan, to.role))
    if code == 0:
        _tell_afterwards(to, found)
    raise typer.Exit(code)


@commands.command()
def retention(
    *,
    include_adopted: Annotated[
        bool,
        typer.Option("--include-adopted", help="Rows of the older version, too."),
    ] = False,
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """
    Forget what is older than the settings keep, now; rows by table.

    The worker does the same, and never touches adopted rows.
    """
    from sentinel_netlab.cli.retention import run  # noqa: PLC0415

    gone = run(include_adopted=include_adopted, lab=lab, folder=data)
    for table, count in gone.items():
        typer.echo(f"{table}\t{count}")


@commands.command()
def roles(
    *,
    superuser: Annotated[
        str | None,
        typer.Option(help="Superuser of the cluster; else postgres, then sentinel."),
    ] = None,
    socket: Annotated[
        str, typer.Option(help="Folder of the server's Unix socket.")
    ] = "/var/run/postgresql",
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds that the server is waited for.")
    ] = 60.0,
) -> None:
    """
    Make the roles and the database of the settings, or put them right, as a superuser.

    MIGRATION_DATABASE_URL names the owner, DATABASE_URL the role of the processes.
    What an older deployment's superuser owns in the schema public becomes the owner's.
    Exit status: 0 all is as it should be, 75 the server did not come, 78 unusable
    settings, 1 another error.
    """
    from sentinel_netlab.cli.roles import run  # noqa: PLC0415

    raise typer.Exit(run(superuser=superuser, socket=socket, wait_s=wait))


async def _state(url: str) -> SchemaState:
    from sentinel_netlab.store.engine import make_engine, reading  # noqa: PLC0415
    from sentinel_netlab.store.schema_state import full_state  # noqa: PLC0415

    engine = make_engine(url, application_name="sentinel db")
    try:
        async with reading(engine).connect() as c:
            return await full_state(c)
    finally:
        await engine.dispose()


def _guarded(action: Any) -> Any:
    """What *action* gives; exits as the job would if it fails."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from sentinel_netlab.store.upgrade.errors import UpgradeError  # noqa: PLC0415

    try:
        return action()
    except UpgradeError as error:
        say(str(error))
        raise typer.Exit(error.status) from None
    except DBAPIError as error:
        say(f"the database failed: {type(error.orig).__name__}")
        raise typer.Exit(1) from None


def _tell(found: Look) -> bool:
    """Say what there is; whether it can be adopted."""
    if found.recognition is None:
        said = f"is at revision {found.revision}" if found.revision else "has none"
        say(f"there are no tables of the older version to adopt: the database {said}")
        return False
    for name, count in found.rows.items():
        typer.echo(f"{name:12} {count:>10,} rows")
    if found.is_fit:
        typer.echo(f"the tables have shape {found.recognition.shape}, which is known")
        return True
    for text in found.obstacles:
        say(text)
    _tell_differences(found)
    say("refused: nothing was changed")
    return False


def _tell_differences(found: Look) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    if found.recognition is None or not found.recognition.differences:
        return
    say(f"the tables differ from the nearest known shape, {found.recognition.shape}:")
    table = Table("table", "object", "is", "should be")
    for one in found.recognition.differences:
        table.add_row(one.table, one.name, one.found or "-", one.wanted or "-")
    Console(stderr=True, width=160, highlight=False, markup=False).print(table)


def _tell_afterwards(to: Target, found: Look) -> None:
    """What people have to know of an adopted database."""
    from sentinel_netlab.store.upgrade.job import adopted_rows  # noqa: PLC0415

    kept = _guarded(lambda: adopted_rows(to.plan))
    for name, count in kept.items():
        typer.echo(f"{name:12} {count:>10,} of {found.rows[name]:,} rows kept")
    say(
        f"all {found.rows['api_tokens']} adopted API tokens are deactivated: make new "
        "ones by `sentinel token create`"
    )
    say("adopted sensors need keys: see `sentinel sensors enroll`")
