"""
`sentinel sensor`: the agent on the machine with the radio.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer(
    help="The sensor agent: join a controller, run, look after the spool.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
spool = typer.Typer(
    help="Batches that the controller refused.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
commands.add_typer(spool, name="spool")

DEFAULT_FOLDER = Path("/var/lib/sentinel-sensor")
Folder = Annotated[
    Path,
    typer.Option(
        "--state-dir",
        envvar="SENTINEL_SENSOR_STATE_DIR",
        help="Folder of the agent's data: key, spool, status.",
    ),
]
Chosen = Annotated[
    list[str] | None, typer.Argument(metavar="[BATCH...]", help="Ids; all for none.")
]


@commands.command()
def run(
    *,
    interface: Annotated[
        list[str] | None,
        typer.Option(help="Monitor interface, or radio of which one is made."),
    ] = None,
    replay: Annotated[
        str | None, typer.Option(help="A capture file in place of a radio.")
    ] = None,
    speed: Annotated[str, typer.Option(help="Of the replay: 1, 10, 0.5 or max.")] = "1",
    loop: Annotated[
        bool, typer.Option("--loop", help="Begin the replay again at its end.")
    ] = False,
    shift: Annotated[
        bool, typer.Option("--shift", help="Replay as if it were heard now.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option(help="Settings of the agent (sensor.toml).")
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """
    Listen, detect and report until a signal, or the end of a replay.

    Exit status: 0 ended in order, 1 listening failed, 2 unusable arguments or input.
    """
    from sentinel_netlab.cli.sensor_run import Request, start  # noqa: PLC0415

    request = Request(
        interfaces=tuple(interface or ()),
        replay=replay,
        speed=speed,
        loop=loop,
        shift=shift,
        config=config,
        folder=folder,
    )
    raise typer.Exit(start(request))


@commands.command()
def join(
    url: Annotated[str, typer.Argument(metavar="URL", help="https://controller")],
    code: Annotated[
        str, typer.Argument(help="From `sentinel sensors enroll`; - reads it.")
    ],
    *,
    ca: Annotated[
        Path | None,
        typer.Option("--ca", help="Certificates (PEM) to trust, and no others."),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """
    Make this machine a sensor of a controller; the key is kept with mode 0600.

    Exit status: 0 joined, 1 the controller refused or did not answer, 2 unusable
    arguments.
    """
    from sentinel_netlab.cli.sensor_join import run as join_controller  # noqa: PLC0415

    raise typer.Exit(join_controller(url, code, ca, folder))


@commands.command()
def interfaces() -> None:
    """
    List the radios of this machine: interfaces, bands, whether they can listen.

    Exit status: 0 there is one, 1 there is none.
    """
    from sentinel_netlab.cli.sensor_interfaces import run as show  # noqa: PLC0415

    raise typer.Exit(show())


@commands.command()
def status(folder: Folder = DEFAULT_FOLDER) -> None:
    """
    Show how the agent on this machine is.

    Exit status: 0 it runs, 1 it does not.
    """
    from sentinel_netlab.cli.sensor_spool import show_status  # noqa: PLC0415

    raise typer.Exit(show_status(folder))


@spool.command("list")
def list_aside(folder: Folder = DEFAULT_FOLDER) -> None:
    """List the batches that were set aside, with the controller's reason."""
    from sentinel_netlab.cli.sensor_spool import show_aside  # noqa: PLC0415

    raise typer.Exit(show_aside(folder))


@spool.command()
def retry(batches: Chosen = None, *, folder: Folder = DEFAULT_FOLDER) -> None:
    """Send batches again that were set aside."""
    from sentinel_netlab.cli.sensor_spool import change  # noqa: PLC0415

    raise typer.Exit(change(folder, batches, purge=False))


@spool.command()
def purge(batches: Chosen = None, *, folder: Folder = DEFAULT_FOLDER) -> None:
    """Forget batches that were set aside."""
    from sentinel_netlab.cli.sensor_spool import change  # noqa: PLC0415

    raise typer.Exit(change(folder, batches, purge=True))
