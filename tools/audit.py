"""
``python -m tools.audit`` asks pip-audit about vulnerabilities of the locked packages.

Exit status: 0 none is known, 1 some are, 75 it could not be found out, of all packages
or of some.  pip-audit alone passes over packages that its service does not answer for.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.sbom import Pin, pins

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements/runtime.txt"
TOOL = Path(sys.executable).with_name("pip-audit")
VULNERABLE, UNKNOWN = 1, 75
MOST_NAMED = 5


def ask(wanted: list[Pin]) -> list[dict[str, Any]]:
    """
    What pip-audit says of each package.

    Markers are left out, so that all is asked for and not what this machine installs.

    Raises:
        OSError: it could not be asked; the text is one line.
    """
    command = [str(TOOL), "--require-hashes", "--disable-pip", "--format=json"]
    command += ["--progress-spinner=off", "--desc=off"]
    with tempfile.TemporaryDirectory() as folder:
        for number, pins_of_one in enumerate(without_repeats(wanted)):
            path = Path(folder) / f"{number}.txt"
            path.write_text("".join(map(line, pins_of_one)))
            command += ["--requirement", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        raise OSError(last[:200]) from None
    return found


def line(pin: Pin) -> str:
    """The requirement of one package."""
    hashes = "".join(f" --hash=sha256:{one}" for one in pin.hashes)
    return f"{pin.name}=={pin.version}{hashes}\n"


def without_repeats(wanted: list[Pin]) -> list[list[Pin]]:
    """*wanted* in lists that name no package twice."""
    lists: list[dict[str, Pin]] = []
    for pin in wanted:
        free = next((one for one in lists if pin.name not in one), None)
        if free is None:
            lists.append(free := {})
        free[pin.name] = pin
    return [list(one.values()) for one in lists]


def judge(wanted: list[Pin], found: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """The exit status, and what to say."""
    known = {(one["name"], one["version"]) for one in found if "vulns" in one}
    silent = [
        f"{p.name} {p.version}" for p in wanted if (p.name, p.version) not in known
    ]
    bad = [
        f"{one['name']} {one['version']}: {hole['id']}, fixed in "
        f"{', '.join(hole['fix_versions']) or 'no version'}"
        for one in found
        for hole in one.get("vulns", ())
    ]
    if silent:
        named = ", ".join(silent[:MOST_NAMED])
        more = (
            f" and {len(silent) - MOST_NAMED} more" if len(silent) > MOST_NAMED else ""
        )
        bad.append(
            f"audit: the vulnerability service did not answer for {len(silent)} of "
            f"{len(wanted)} packages: {named}{more}"
        )
        return UNKNOWN, bad
    if bad:
        return VULNERABLE, bad
    return 0, [f"audit: no vulnerability of the {len(wanted)} packages is known"]


def main() -> int:
    """Ask and tell; the exit status."""
    wanted = pins(LOCK.read_text())
    try:
        status, said = judge(wanted, ask(wanted))
    except OSError as error:
        status = UNKNOWN
        said = [f"audit: the vulnerability service could not be asked: {error}"]
    for text in said:
        print(text, file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
