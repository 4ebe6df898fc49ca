"""
A detector's page: the docstring of its module.
"""

from __future__ import annotations

import inspect
import sys

from sentinel_netlab.detect.detector import Detector

HEADINGS = (
    "Trigger",
    "Source",
    "Units",
    "Threshold",
    "False positives",
    "Blind spots",
)
"""Headings that every page has, in this order."""


def page_of(detector: type[Detector]) -> str:
    """The page of *detector* as plain text."""
    return inspect.cleandoc(sys.modules[detector.__module__].__doc__ or "")


def sections_of(detector: type[Detector]) -> dict[str, str]:
    """Text of the page under each heading; what stands before the first as ``""``."""
    sections: dict[str, list[str]] = {"": []}
    heading = ""
    for line in page_of(detector).splitlines():
        if line.rstrip(":") in HEADINGS and line.endswith(":"):
            heading = line.rstrip(":")
            sections[heading] = []
        else:
            sections[heading].append(line)
    return {
        name: inspect.cleandoc("\n".join(lines)).strip()
        for name, lines in sections.items()
    }
