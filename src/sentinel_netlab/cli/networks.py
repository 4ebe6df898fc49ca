"""
``sentinel networks``: the inventory of captures.
"""

from __future__ import annotations

from sentinel_netlab.cli import output
from sentinel_netlab.cli.analysis import Analysis
from sentinel_netlab.cli.analyze import EXIT_QUIET, EXIT_UNUSABLE, captures_of
from sentinel_netlab.cli.selection import UsageError
from sentinel_netlab.core.records import network_record
from sentinel_netlab.sensor.capture.reader import CaptureError


def run(captures: tuple[str, ...], form: str, *, keep_bad_fcs: bool) -> int:
    """Print the networks of *captures*; the exit status."""
    if form not in output.FORMATS:
        known = ", ".join(output.FORMATS)
        output.warn(f"--format: unknown format {form!r}; known are {known}")
        return EXIT_UNUSABLE
    try:
        paths = captures_of(captures)
    except UsageError as error:
        output.warn(str(error))
        return EXIT_UNUSABLE
    analysis = Analysis(list, keep_bad_fcs=keep_bad_fcs)
    out, status, records = output.console(), EXIT_QUIET, []
    for path in paths:
        try:
            result = analysis.run(path)
        except CaptureError as error:
            output.warn(str(error))
            status = EXIT_UNUSABLE
            continue
        for text in result.warnings:
            output.warn(text)
        if result.left_out:
            output.warn(f"{path}: {result.left_out} networks or stations left out")
        if form == "table":
            output.print_networks(out, result.capture, result.networks)
        else:
            records += [network_record(one, result.capture) for one in result.networks]
    if form != "table":
        output.write_records(records, form)
    return status
