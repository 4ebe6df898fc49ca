"""
``sentinel analyze``: captures in, explained alerts out.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from sentinel_netlab.cli import output
from sentinel_netlab.cli.analysis import Analysis, FrameSource, Run
from sentinel_netlab.cli.evidence import EvidenceFiles
from sentinel_netlab.cli.selection import UsageError, build, choose, read_policy
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.records import alert_record
from sentinel_netlab.sensor.capture.files import STANDARD_INPUT, find_captures
from sentinel_netlab.sensor.capture.join import joined
from sentinel_netlab.sensor.capture.reader import CaptureError, CaptureReader

EXIT_QUIET, EXIT_ALERTS, EXIT_UNUSABLE, EXIT_INTERNAL = 0, 1, 2, 70


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of the command, as they were given."""

    captures: tuple[str, ...]
    output: str = "table"
    policy: str | None = None
    only: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    evidence: str | None = None
    join: bool = False
    keep_bad_fcs: bool = False
    fail_on: str = "medium"


def run(request: Request) -> int:
    """Do what *request* says; the exit status."""
    try:
        if request.output not in output.FORMATS:
            known = ", ".join(output.FORMATS)
            msg = f"--format: unknown format {request.output!r}; known are {known}"
            raise UsageError(msg)
        bar = _severity(request.fail_on)
        policy = read_policy(request.policy)
        chosen = choose(request.only)
        build(chosen, request.settings, policy)
        paths = captures_of(request.captures)
    except UsageError as error:
        output.warn(str(error))
        return EXIT_UNUSABLE
    analysis = Analysis(
        lambda: build(chosen, request.settings, policy),
        keep_bad_fcs=request.keep_bad_fcs,
    )
    with ExitStack() as stack:
        if request.evidence is not None:
            paths = [_rereadable(path, stack) for path in paths]
        return _run_all(request, analysis, paths, bar)


def captures_of(paths: Sequence[str]) -> list[str]:
    """
    The captures that *paths* mean.

    Raises:
        UsageError: there is none.
    """
    found = list(find_captures(paths))
    if not found:
        msg = f"no capture files in {', '.join(paths)}"
        raise UsageError(msg)
    return found


def _severity(text: str) -> Severity:
    try:
        return Severity.parse(text)
    except ValueError as error:
        msg = f"--fail-on: {error}"
        raise UsageError(msg) from None


def _run_all(
    request: Request, analysis: Analysis, paths: list[str], bar: Severity
) -> int:
    out = output.console()
    status = EXIT_QUIET
    groups = [paths] if request.join else [[path] for path in paths]
    records = []
    for group in groups:
        try:
            result = _run_group(analysis, group)
        except CaptureError as error:
            output.warn(str(error))
            status = max(status, EXIT_UNUSABLE)
            continue
        for text in result.warnings:
            output.warn(text)
        for code, why in result.broken.items():
            output.warn(f"{code} failed and was left out: {why}")
            status = EXIT_INTERNAL
        if any(alert.severity >= bar for alert in result.alerts):
            status = max(status, EXIT_ALERTS)
        if request.output == "table":
            output.print_alerts(out, result, title=len(groups) > 1)
            output.print_summary(out, result)
        else:
            records += [alert_record(alert, result.capture) for alert in result.alerts]
        if request.evidence is not None:
            status = max(status, _write_evidence(request.evidence, group, result))
    if request.output != "table":
        output.write_records(records, request.output)
    return status


def _run_group(analysis: Analysis, paths: list[str]) -> Run:
    if len(paths) > 1:
        return analysis.run_joined(paths)
    if not sys.stderr.isatty() or paths[0] == STANDARD_INPUT:
        return analysis.run(paths[0])
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        size = Path(paths[0]).stat().st_size if Path(paths[0]).exists() else None
        task = progress.add_task(Path(paths[0]).name, total=size)
        return analysis.run(
            paths[0], lambda done: progress.update(task, completed=done)
        )


def _write_evidence(folder: str, paths: list[str], result: Run) -> int:
    try:
        files = EvidenceFiles(folder, result.alerts)
        for frames in _again(paths):
            files.add(frames)
        files.write()
    except OSError as error:
        output.warn(f"--evidence: {error.filename or folder}: {error.strerror}")
        return EXIT_UNUSABLE
    return EXIT_QUIET


def _again(paths: list[str]) -> Iterator[Frames]:
    """The frames of a run once more."""
    with ExitStack() as stack:
        readers = [stack.enter_context(CaptureReader(path)) for path in paths]
        sources = [iter(FrameSource(reader, None)) for reader in readers]
        yield from sources[0] if len(sources) == 1 else joined(sources)


def _rereadable(path: str, stack: ExitStack) -> str:
    """*path*, or for standard input a temporary copy that can be read twice."""
    if path != STANDARD_INPUT:
        return path
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sentinel-"))
    copy = Path(folder) / "standard-input"
    with copy.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return str(copy)
