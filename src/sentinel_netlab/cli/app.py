"""
The commands and their arguments.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentinel_netlab import __version__
from sentinel_netlab.cli import (
    audit,
    config,
    db,
    queue,
    sensor,
    sensors,
    token,
    user,
)
from sentinel_netlab.cli.init import commands as init
from sentinel_netlab.core.alerts import Severity

app = typer.Typer(
    name="sentinel",
    help="Passive wireless intrusion detection: from 802.11 frames to alerts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(config.commands, name="config")
app.add_typer(init.commands, name="init")
app.add_typer(db.commands, name="db")
app.add_typer(user.commands, name="user")
app.add_typer(token.commands, name="token")
app.add_typer(audit.commands, name="audit")
app.add_typer(queue.commands, name="queue")
app.add_typer(sensor.commands, name="sensor")
app.add_typer(sensors.commands, name="sensors")

Captures = Annotated[
    list[str],
    typer.Argument(
        metavar="CAPTURE...",
        help="Capture files (pcap, pcapng; also gzip, xz, zstd), folders, or -.",
    ),
]
Format = Annotated[
    str,
    typer.Option("--format", help="table, jsonl, json or csv."),
]
Lab = Annotated[
    bool,
    typer.Option("--lab", help="One machine: loopback, SQLite, secrets made once."),
]
LabFolder = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the lab's data.", file_okay=False),
]
KeepBadFcs = Annotated[
    bool,
    typer.Option("--keep-bad-fcs", help="Use frames whose check sequence was wrong."),
]


def _show_version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it so
    if wanted:
        typer.echo(f"sentinel {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """Passive wireless intrusion detection: from 802.11 frames to alerts."""


@app.command()
def analyze(
    captures: Captures,
    *,
    output: Format = "table",
    policy: Annotated[
        str | None, typer.Option(help="Policy file of the site (site.toml).")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Detectors to run: codes or slugs, WD2*; comma-separated."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A parameter: deauth_flood.window_s=2."),
    ] = None,
    evidence: Annotated[
        str | None,
        typer.Option(help="Folder for the frames behind each alert, as pcapng."),
    ] = None,
    join: Annotated[
        bool, typer.Option("--join", help="Read all captures as one, in time order.")
    ] = False,
    keep_bad_fcs: KeepBadFcs = False,
    fail_on: Annotated[
        str, typer.Option(help="Lowest severity that makes the exit status 1.")
    ] = Severity.MEDIUM.word,
) -> None:
    """
    Find attacks in captures: one line per alert, worst first, then a summary.

    Exit status: 0 no alert of --fail-on or worse, 1 such alerts, 2 unusable arguments
    or input, 70 an internal error.
    """
    from sentinel_netlab.cli.analyze import Request, run  # noqa: PLC0415

    request = Request(
        captures=tuple(captures),
        output=output,
        policy=policy,
        only=tuple(only or ()),
        settings=tuple(settings or ()),
        evidence=evidence,
        join=join,
        keep_bad_fcs=keep_bad_fcs,
        fail_on=fail_on,
    )
    raise typer.Exit(run(request))


@app.command()
def networks(
    captures: Captures,
    *,
    output: Format = "table",
    keep_bad_fcs: KeepBadFcs = False,
) -> None:
    """List the networks in captures: BSSID, SSID, security, channel, stations."""
    from sentinel_netlab.cli.networks import run  # noqa: PLC0415

    raise typer.Exit(run(tuple(captures), output, keep_bad_fcs=keep_bad_fcs))


@app.command()
def detectors(
    code: Annotated[
        str | None, typer.Argument(help="Code or slug: show its page.")
    ] = None,
) -> None:
    """List the detectors, or show the page of one with its parameters."""
    from sentinel_netlab.cli.detectors import run  # noqa: PLC0415

    raise typer.Exit(run(code))


@app.command()
def controller(*, lab: Lab = False, data: LabFolder = None) -> None:
    """
    Serve the HTTP API until SIGTERM; settings come from the environment.

    Exit status: 0 after SIGTERM or SIGINT, 1 a listener failed, 78 unusable settings.
    """
    from sentinel_netlab.cli.controller import run  # noqa: PLC0415

    raise typer.Exit(run(lab=lab, folder=data))


@app.command()
def worker(
    *,
    lab: Lab = False,
    data: LabFolder = None,
    once: Annotated[
        bool, typer.Option("--once", help="End when nothing is due any more.")
    ] = False,
) -> None:
    """
    Store and correlate what sensors sent, until SIGTERM; settings come from the
    environment.

    Exit status: 0 after SIGTERM or SIGINT, when the job in hand is done, 1 something
    that the settings name cannot be opened, 78 unusable settings.
    """
    from sentinel_netlab.cli.worker import run  # noqa: PLC0415

    raise typer.Exit(run(lab=lab, folder=data, once=once))


@app.command()
def migrate(*, lab: Lab = False, data: LabFolder = None) -> None:
    """
    Bring the database to this version's schema, one job at a time.

    Exit status: 0 it is there (differences are told, one per line), 3 the tables are
    not what an upgrade could start from, 4 the revision is unknown, 75 another
    migration is at work, 78 unusable settings, 1 another error.
    """
    from sentinel_netlab.cli.migrate import run  # noqa: PLC0415

    raise typer.Exit(run(lab=lab, folder=data))


@app.command()
def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End by itself, with a summary.")
    ] = False,
) -> None:
    """
    Replay the shipped captures through sensor, controller and worker on this machine.

    Exit status: 0 exactly the expected alerts came, 1 others did.
    """
    from sentinel_netlab.cli.demo.run import demo as show  # noqa: PLC0415

    raise typer.Exit(show(once=once))
