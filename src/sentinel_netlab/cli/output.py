"""
How results are printed: for people and for programs.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sentinel_netlab.cli.analysis import Run
from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Alert, Severity
from sentinel_netlab.core.inventory import Network
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.core.times import format_time

FORMATS = ("table", "jsonl", "json", "csv")
STYLES = {
    Severity.INFO: "dim",
    Severity.LOW: "cyan",
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "bold white on red",
}
UNLIMITED = 100_000
"""Width of a table that goes into a file or pipe: nothing is cut there."""


def console() -> Console:
    """Where results go; without a terminal no line is wrapped or cut."""
    width = None if sys.stdout.isatty() else UNLIMITED
    return Console(width=width, highlight=False, markup=False, emoji=False)


def write_records(records: Iterable[dict[str, Any]], form: str) -> None:
    """Print *records* as ``jsonl``, ``json`` (an array) or ``csv``."""
    rows = list(records)
    if form == "jsonl":
        sys.stdout.write("".join(f"{_json(row)}\n" for row in rows))
    elif form == "json":
        lines = ",\n".join(f"  {_json(row)}" for row in rows)
        sys.stdout.write(f"[\n{lines}\n]\n" if rows else "[]\n")
    elif rows:
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: _cell(v) for k, v in row.items()} for row in rows)
        sys.stdout.write(text.getvalue())


def print_alerts(out: Console, run: Run, *, title: bool) -> None:
    """One line per alert, worst first."""
    if title:
        out.print(Text(f"\n{run.capture}", style="bold"))
    table = Table(box=None, pad_edge=False, show_header=bool(run.alerts))
    for name in ("severity", "code", "detector", "first seen (UTC)", "count", "sure"):
        table.add_column(name, no_wrap=True)
    table.add_column("what", overflow="ellipsis", no_wrap=True)
    for alert in run.alerts:
        table.add_row(*_alert_cells(alert))
    if run.alerts:
        out.print(table)


def print_summary(out: Console, run: Run) -> None:
    """What the capture held and how many alerts came of it."""
    counts = run.counts
    words = [f"{counts.frames:,} frames"]
    if counts.first_us is not None and counts.last_us is not None:
        words.append(f"{(counts.last_us - counts.first_us) / 1e6:,.1f} s")
    words.append(_plural(len(run.networks), "network"))
    for number, what in ((counts.bad_fcs, "bad FCS"), (counts.malformed, "malformed")):
        if number:
            words.append(f"{number:,} {what}")
    found = Counter(alert.severity for alert in run.alerts)
    worst = [
        f"{found[severity]} {severity.word}" for severity in sorted(found, reverse=True)
    ]
    alerts = f"{_plural(len(run.alerts), 'alert')}"
    if worst:
        alerts += f" ({', '.join(worst)})"
    out.print(Text(f"{run.capture}: {', '.join(words)}; {alerts}"))


def print_networks(out: Console, capture: str, networks: Sequence[Network]) -> None:
    """The inventory as a table."""
    out.print(Text(f"\n{capture}", style="bold"))
    table = Table(box=None, pad_edge=False)
    names = (
        "BSSID",
        "SSID",
        "security",
        "channel",
        "MHz",
        "dBm",
        "stations",
        "beacons",
    )
    for name in (*names, "first seen (UTC)", "last seen"):
        table.add_column(name, no_wrap=name != "SSID", overflow="fold")
    for network in networks:
        table.add_row(*_network_cells(network))
    out.print(table)


def warn(text: str) -> None:
    """A line for people on standard error."""
    print(f"sentinel: {text}", file=sys.stderr)


def _alert_cells(alert: Alert) -> list[Text]:
    return [
        Text(alert.severity.word.upper(), style=STYLES[alert.severity]),
        Text(alert.code),
        Text(alert.slug),
        Text(format_time(alert.first_seen_us)[:23].replace("T", " ")),
        Text(f"{alert.count:,}", justify="right"),
        Text(f"{alert.confidence:.0%}", justify="right"),
        Text(alert.summary),
    ]


def _network_cells(network: Network) -> list[Text]:
    name = display_ssid(network.ssid)
    shown = Text(name) if name else Text("<hidden>", style="dim")
    if network.adhoc:
        shown.append(" (ad hoc)", style="dim")
    level = network.signal_dbm
    return [
        Text(format_mac(network.bssid)),
        shown,
        Text(network.security, style="red" if network.security == "Open" else ""),
        Text(str(network.channel or "?")),
        Text(str(network.frequency_mhz or "?")),
        Text("?" if level is None else f"{level:.0f}"),
        Text(str(len(network.stations))),
        Text(f"{network.beacons:,}"),
        Text(format_time(network.first_us)[:19].replace("T", " ")),
        Text(format_time(network.last_us)[11:19]),
    ]


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _cell(value: Any) -> Any:
    return _json(value) if isinstance(value, (dict, list)) else value
