"""
``sentinel detectors``: the catalogue, and the page of a detector.
"""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from sentinel_netlab.cli import output
from sentinel_netlab.detect import BUILTIN, Detector
from sentinel_netlab.detect.page import page_of
from sentinel_netlab.detect.params import specs_of


def run(code: str | None) -> int:
    """Print the catalogue, or the page of the detector *code*; the exit status."""
    if code is None:
        _print_catalogue()
        return 0
    wanted = code.lower()
    for detector in BUILTIN:
        if wanted in (detector.code.lower(), detector.slug):
            _print_page(detector)
            return 0
    output.warn(f"unknown detector {code!r}; see `sentinel detectors`")
    return 2


def _print_catalogue() -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("code", "slug", "severity", "ATT&CK", "status", "title"):
        table.add_column(name, no_wrap=True)
    for detector in BUILTIN:
        table.add_row(
            detector.code,
            detector.slug,
            Text(detector.severity.word, style=output.STYLES[detector.severity]),
            detector.attack,
            detector.status,
            detector.title,
        )
    output.console().print(table)


def _print_page(detector: type[Detector]) -> None:
    out = output.console()
    out.print(Text(f"{detector.code} {detector.slug}: {detector.title}", style="bold"))
    facts = f"{detector.severity.word}, {detector.attack}, {detector.status}"
    out.print(Text(f"{facts}, counted per {', '.join(detector.key_names)}\n"))
    out.print(Text(page_of(detector)))
    specs = specs_of(detector.Params)
    if not specs:
        return
    table = Table(box=None, pad_edge=False)
    for name in ("parameter", "default", "unit", "meaning"):
        table.add_column(name)
    for name, (default, spec) in specs.items():
        table.add_row(
            f"{detector.slug}.{name}", f"{default:g}", spec.unit, Text(spec.doc)
        )
    out.print(table)
