"""
The catalogue of detectors as data, for the server, which has no detectors.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sentinel_netlab.correlate.system import KINDS, Kind
from sentinel_netlab.detect import BUILTIN, Detector
from sentinel_netlab.detect.page import HEADINGS, sections_of
from sentinel_netlab.detect.params import specs_of

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "src/sentinel_netlab/core/catalogue.json"


def pages() -> dict[Path, str]:
    """The generated file and its text."""
    items = [_detector(one) for one in BUILTIN]
    items += [_system(code, kind) for code, kind in KINDS.items()]
    items.sort(key=lambda one: one["code"])
    return {FILE: json.dumps(items, indent=1, ensure_ascii=False) + "\n"}


def _detector(detector: type[Detector]) -> dict[str, Any]:
    sections = sections_of(detector)
    return {
        "code": detector.code,
        "slug": detector.slug,
        "title": detector.title,
        "severity": detector.severity.word,
        "attack": detector.attack,
        "status": detector.status,
        "raised_by": "sensor",
        "quiet_s": detector().quiet_s,
        "keys": list(detector.key_names),
        "summary": sections[""],
        "sections": {heading: sections[heading] for heading in HEADINGS},
        "parameters": [
            {
                "name": name,
                "default": default,
                "unit": spec.unit,
                "meaning": spec.doc,
                "least": spec.least,
                "most": spec.most,
            }
            for name, (default, spec) in specs_of(detector.Params).items()
        ],
    }


def _system(code: str, kind: Kind) -> dict[str, Any]:
    return {
        "code": code,
        "slug": kind.slug,
        "title": kind.title,
        "severity": kind.severity.word,
        "attack": None,
        "status": "preview",
        "raised_by": "server",
        "quiet_s": None,
        "keys": ["sensor"],
        "summary": f"{kind.title}.",
        "sections": {},
        "parameters": [],
    }
