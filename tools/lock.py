"""
Lock the dependencies with hashes, for CPython 3.11-3.14 on x86-64 and aarch64.

``python tools/lock.py`` makes ``requirements/*.txt`` anew (it needs uv and the package
index that pip is set up for) and keeps the versions that are there; delete a file to
have newer ones.  ``--check`` says whether they cover what ``pyproject.toml`` asks for
and agree with each other, without the network.  No file names a package host.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
# Locks that take their versions from another one, made before them.
BASES = {
    "controller": "runtime",
    "sensor": "runtime",
    "dev": "runtime",
    "supply": "dev",
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def wanted() -> dict[str, list[str]]:
    """Requirements of each lock file, the base of another one before it."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    base, extras = project["dependencies"], project["optional-dependencies"]
    runtime = [*base, *extras["sensor"], *extras["controller"]]
    return {
        # editables is what hatchling needs for an editable install.
        "build": [*PROJECT["build-system"]["requires"], "editables>=0.5,<1"],
        "runtime": runtime,
        # What the two images install.
        "controller": [*base, *extras["controller"]],
        "sensor": [*base, *extras["sensor"]],
        "dev": [*runtime, *groups["test"], *groups["lint"], *groups["bench"]],
        "fuzz": groups["fuzz"],
        "supply": groups["supply"],
    }


def make(name: str, requirements: list[str]) -> None:
    """Write one lock file."""
    source = FOLDER / f"{name}.in"
    source.write_text("".join(f"{one}\n" for one in requirements))
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += ["--python-version", "3.11", "--no-header", "--no-annotate"]
    command += ["--no-config", "--no-emit-index-url", "--no-emit-find-links"]
    if name in BASES:
        command += ["--constraints", str(FOLDER / f"{BASES[name]}.txt")]
    target = FOLDER / f"{name}.txt"
    subprocess.run([*command, str(source), "-o", str(target)], check=True)
    source.unlink()


def pins(name: str) -> set[tuple[str, str]]:
    """Names and versions that a lock file holds."""
    text = (FOLDER / f"{name}.txt").read_text()
    return set(re.findall(r"^([a-z0-9.\-]+)==(\S+)", text, re.MULTILINE))


def disagreements(name: str) -> list[str]:
    """Packages that a lock file has in another version than its base."""
    base = pins(BASES[name])
    packages = {package for package, _ in base}
    return [
        f"{name}.txt: {package} {version} is another version in {BASES[name]}.txt"
        for package, version in sorted(pins(name) - base)
        if package in packages
    ]


def problems(name: str, requirements: list[str]) -> list[str]:
    """What is wrong with one lock file."""
    path = FOLDER / f"{name}.txt"
    if not path.exists():
        return [f"{path.name} is missing"]
    text = path.read_text()
    pinned = {package for package, _ in pins(name)}
    found = []
    for one in requirements:
        package = re.split(r"[<>=;\[ ]", one)[0].lower().replace("_", "-")
        if package not in pinned and package.replace(".", "-") not in pinned:
            found.append(f"{path.name}: {package} is not locked")
    if "://" in text or "--index" in text or "--find-links" in text:
        found.append(f"{path.name}: names a package host")
    found += [
        f"{path.name}: {block.split()[0]} has no hash"
        for block in re.split(r"\n(?=[a-z0-9])", text)
        if "==" in block and "--hash=" not in block
    ]
    if name in BASES and (FOLDER / f"{BASES[name]}.txt").exists():
        found += disagreements(name)
    return found


def main() -> int:
    """Lock, or check; the exit status."""
    if "--check" in sys.argv[1:]:
        found = [text for item in wanted().items() for text in problems(*item)]
        for text in found:
            print(text)
        return bool(found)
    FOLDER.mkdir(exist_ok=True)
    for name, requirements in wanted().items():
        make(name, requirements)
    return 0


if __name__ == "__main__":
    sys.exit(main())
