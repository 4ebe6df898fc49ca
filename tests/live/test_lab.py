"""
The agent on a virtual radio: real access points, a real attack tool, a real kernel.

``make test-live`` runs it; it needs the lab beside the checkout, which needs root.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.meta.test_sizes import ROOT
from tests.support.evidence import evidence

LAB = ROOT.parent / "shared/lab/lab.sh"
SCRIPTS = Path(__file__).parent
SECONDS = 300
"""At most, from the start of the sensor's script; its server needs a while there."""

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not LAB.exists(), reason="the lab is not beside the checkout"),
    pytest.mark.skipif(os.geteuid() != 0, reason="the lab needs root"),
    pytest.mark.timeout(2400),
]


def lab(*arguments: str) -> None:
    """Run the lab's script."""
    subprocess.run(["bash", str(LAB), *arguments], check=True)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> Path:
    """The folder of one run of the lab."""
    folder = tmp_path_factory.mktemp("live")
    wheels = folder / "wheel"
    lab("build")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps",
         "--no-build-isolation", "--wheel-dir", str(wheels), str(ROOT)],
        check=True,
    )  # fmt: skip
    [wheel] = wheels.glob("*.whl")
    lab("pip", str(folder), f"{wheel}[controller,sensor]")
    for name in ("start.sh", "attack.sh"):
        shutil.copy(SCRIPTS / name, folder / name)
    (folder / "attack.sh").chmod(0o755)
    with evidence("live", seed=0) as counts:
        lab("live", str(folder), str(SECONDS))
        counts["alerts"] = sorted(one["code"] for one in alerts(folder))
        assert "WD101" in counts["alerts"]
    return folder


def alerts(folder: Path) -> list[dict]:
    """What the controller was told."""
    return json.loads((folder / "alerts.json").read_text())["items"]


def test_attack_reaches_the_controller(outcome):
    """A flood of deauthentications by aireplay-ng, heard by a radio that hops."""
    floods = [one for one in alerts(outcome) if one["code"] == "WD101"]

    assert floods
    assert {one["sensor_id"] for one in floods} == {"attic"}
    assert all(one["severity"] == "high" for one in floods)


def test_nothing_but_the_attack_is_raised(outcome):
    """The lab's own traffic is innocent."""
    codes = {one["code"] for one in alerts(outcome) if one["severity"] != "info"}

    assert codes <= {"WD101", "WD103", "WD302"}


def test_blindness_is_reported(outcome):
    """Of three channels two are not listened to at any time."""
    health = json.loads((outcome / "sensor.json").read_text())["health"]

    assert set(health["blind_s"]) == {"2412", "2437", "2462"}
    assert health["interface_state"] == "listening"


def test_agent_ends_in_order(outcome):
    """SIGTERM: status 0, and nothing is left in the spool."""
    assert (outcome / "agent.status").read_text().strip() == "0"
    assert "mon0 listening" in (outcome / "status.txt").read_text()


def test_radios_are_listed(outcome):
    """With their interfaces and bands."""
    listed = (outcome / "interfaces.txt").read_text()

    assert "mon0: monitor" in listed
    assert "2.4 GHz: 11 channels, 2412 to 2462 MHz" in listed
