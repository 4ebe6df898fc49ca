"""
`sentinel audit`: whether the audit log is what was written.
"""

from __future__ import annotations

from typing import Annotated

import typer

from sentinel_netlab.cli.database import Lab, LabFolder, on_database, refused

EXIT_BROKEN = 3
"""Exit status of `verify` when the chain is broken."""
commands = typer.Typer(
    help="The audit log.", no_args_is_help=True, rich_markup_mode=None
)


@commands.callback()
def _root() -> None:
    """The audit log."""


@commands.command()
def verify(
    *,
    anchor: Annotated[
        str | None,
        typer.Option(
            help="A head that an earlier run printed, kept elsewhere: POSITION:HASH."
        ),
    ] = None,
    lab: Lab = False,
    data: LabFolder = None,
) -> None:
    """
    Walk the chain of the audit log; name the first bad row.

    Prints the head, to be kept elsewhere: without it, nobody can tell whether the end
    was cut off, or all of it written anew, by somebody who owns the database.

    Exit status: 0 whole, 1 not looked at, 2 unusable arguments, 3 broken.
    """
    from sentinel_netlab.store import audit  # noqa: PLC0415
    from sentinel_netlab.store.audit_chain import Head  # noqa: PLC0415

    try:
        kept = None if anchor is None else Head.parse(anchor)
    except ValueError as error:
        typer.echo(f"sentinel: --anchor: {error}", err=True)
        raise typer.Exit(2) from None
    verdict = on_database(lambda e: audit.verify(e, kept), lab=lab, folder=data)
    if verdict.fault is not None:
        fault = verdict.fault
        place = [
            f"{noun} {number}"
            for noun, number in (("position", fault.position), ("id", fault.row_id))
            if number is not None
        ]
        refused(f"the audit log is broken at {', '.join(place)}: {fault.why}")
        raise typer.Exit(EXIT_BROKEN)
    typer.echo(
        f"the audit log is whole: {verdict.head.position} rows, "
        f"before them {verdict.adopted_rows} adopted ones that nothing vouches for"
    )
    typer.echo(f"head {verdict.head}")
