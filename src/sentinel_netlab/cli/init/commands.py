"""
`sentinel init`: what a deployment needs before its first start.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer(
    help="Before the first start: a certificate.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.callback()
def _group() -> None:
    """Before the first start: a certificate."""


@commands.command()
def certificate(
    *,
    given: Annotated[
        Path,
        typer.Option(help="Folder for tls.crt and tls.key (PEM) of the operator."),
    ],
    into: Annotated[Path, typer.Option(help="Folder that nginx reads both from.")],
    name: Annotated[
        list[str] | None,
        typer.Option(help="Host name or address that clients use; comma-separated."),
    ] = None,
) -> None:
    """
    Give nginx the certificate of the operator, or a self-signed one.

    Exit status: 0 there is one, 1 the folder cannot be written, 2 unusable arguments,
    78 what was given cannot be served.
    """
    from sentinel_netlab.cli.init.certificate import run  # noqa: PLC0415
    from sentinel_netlab.cli.init.names import read_names  # noqa: PLC0415

    try:
        names = read_names(name or ())
    except ValueError as error:
        typer.echo(f"sentinel: --name: {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(run(given, into, names, datetime.now(UTC)))
