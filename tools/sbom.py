"""
The bills of materials of the two images, from the lock files: CycloneDX 1.6, JSON.

``python tools/sbom.py`` writes ``build/sbom-{controller,sensor}.cdx.json``; the same
lock files give the same bytes.  They name the Python packages, also those whose marker
keeps them out of the images (property ``marker``), and not what the base image brings.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build"
IMAGES = ("controller", "sensor")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
_PIN = re.compile(r"([a-z0-9.\-]+)==(\S+)(?: ; (.+?))? \\$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")


@dataclass(frozen=True, slots=True)
class Pin:
    """
    A package of a lock file.

    Attributes:
        marker: where it is installed; "": everywhere.
        hashes: SHA-256 of each of its files, hexadecimal.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package URL, which names it in the bill too."""
        return f"pkg:pypi/{self.name}@{self.version}"


def pins(text: str) -> list[Pin]:
    """
    The packages of a lock file.

    Raises:
        ValueError: a line is no pin, or a pin has no hash.
    """
    found = []
    for block in re.split(r"\n(?=\S)", text.strip()):
        first, *rest = block.splitlines()
        pin, hashes = _PIN.fullmatch(first), _HASH.findall("\n".join(rest))
        if pin is None or not hashes:
            raise ValueError(f"{first!r} is no pin with hashes")
        found.append(Pin(pin[1], pin[2], pin[3] or "", tuple(hashes)))
    return found


def component(pin: Pin) -> dict[str, Any]:
    """A package as the bill names it."""
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
        "hashes": [{"alg": "SHA-256", "content": one} for one in pin.hashes],
    }
    if pin.marker:
        made["properties"] = [{"name": "marker", "value": pin.marker}]
    return made


def bill(image: str) -> dict[str, Any]:
    """What the image *image* is made of."""
    text = (ROOT / f"requirements/{image}.txt").read_text()
    parts = [component(pin) for pin in pins(text)]
    name, version = f"{PROJECT['name']}-{image}", PROJECT["version"]
    made = hashlib.sha256(f"{name} {version}\n{text}".encode()).digest()[:16]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=made, version=5)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": name,
                "name": name,
                "version": version,
                "licenses": [{"license": {"id": PROJECT["license"]}}],
            }
        },
        "components": parts,
        "dependencies": [{"ref": name, "dependsOn": [one["purl"] for one in parts]}],
    }


def main() -> int:
    """Write both bills, if the schema of CycloneDX takes them; the exit status."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415  # of the group `supply`
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    judge = JsonStrictValidator(SchemaVersion.V1_6)
    FOLDER.mkdir(exist_ok=True)
    for image in IMAGES:
        made = bill(image)
        text = json.dumps(made, indent=2) + "\n"
        error = judge.validate_str(text)
        if error is not None:
            print(f"sbom: {image}: {error}", file=sys.stderr)
            return 1
        path = FOLDER / f"sbom-{image}.cdx.json"
        path.write_text(text)
        print(f"{path.relative_to(ROOT)}: {len(made['components'])} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
