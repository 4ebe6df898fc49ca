"""
`sentinel init`: what a deployment needs before its first start.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sentinel_netlab.core.hosts import read_names

commands = typer.Typer(
    help="Before the first start: settings with secrets, a certificate.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--name", help="Host name or address that clients use; comma-separated."
    ),
]


@commands.command()
def certificate(
    *,
    given: Annotated[
        Path,
        typer.Option(help="Folder for tls.crt and tls.key (PEM) of the operator."),
    ],
    into: Annotated[Path, typer.Option(help="Folder that nginx reads both from.")],
    name: Names = None,
) -> None:
    """
    Give nginx the certificate of the operator, or a self-signed one.

    Exit status: 0 there is one, 1 the folder cannot be written, 2 unusable arguments,
    78 what was given cannot be served.
    """
    from sentinel_netlab.cli.init.certificate import run  # noqa: PLC0415

    raise typer.Exit(run(given, into, _names(name), datetime.now(UTC)))


@commands.command()
def prod(
    *,
    file: Annotated[
        Path, typer.Option(help="Env file to write; its folder is there already.")
    ] = Path("ops/.env"),
    secrets: Annotated[
        str,
        typer.Option(help="Where secrets go: env (this file), or files beside it."),
    ] = "env",
    name: Names = None,
) -> None:
    """
    Write the settings of the stack, with strong secrets; nothing is overwritten.

    Exit status: 0 written, 1 it could not be, 2 unusable arguments, or a file is there.
    """
    from sentinel_netlab.cli.init.prod import Keep, run  # noqa: PLC0415

    if secrets not in {*Keep}:
        typer.echo("sentinel: --secrets is env or files", err=True)
        raise typer.Exit(2)
    raise typer.Exit(run(file, Keep(secrets), _names(name)))


def _names(texts: list[str] | None) -> tuple[str, ...]:
    try:
        return read_names(texts or ())
    except ValueError as error:
        typer.echo(f"sentinel: --name: {error}", err=True)
        raise typer.Exit(2) from None
