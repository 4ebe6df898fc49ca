"""Every dependency that is locked has a wheel for each machine that is served."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from packaging.markers import Marker
from tests.meta.test_sizes import ROOT

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
GLIBC = ("2_17", "2_24", "2_26", "2_27", "2_28", "2_34")


def locked(python: str, machine: str) -> str:
    """The lines of the lock that count there."""
    there = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
    }
    text = (ROOT / "requirements/runtime.txt").read_text()
    kept = []
    for entry in re.split(r"\n(?=[a-z])", text):
        name, _, rest = entry.partition(" \\\n")
        package, _, marker = name.partition(" ; ")
        if not marker or Marker(marker).evaluate(there):
            kept.append(f"{package} \\\n{rest}")
    return "\n".join(kept)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_wheels_exist(tmp_path, python, machine):
    """By download, with the hashes that are locked; nothing needs a compiler."""
    file = tmp_path / "locked.txt"
    file.write_text(locked(python, machine))
    platforms = [f"--platform=manylinux_{one}_{machine}" for one in GLIBC]

    done = subprocess.run(
        [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
            "--require-hashes", "--only-binary=:all:", "--implementation=cp",
            f"--python-version={python}", f"--platform=manylinux2014_{machine}",
            *platforms, "--dest", str(tmp_path / "wheels"), "-r", str(file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list((tmp_path / "wheels").glob("*.whl"))) > 40
