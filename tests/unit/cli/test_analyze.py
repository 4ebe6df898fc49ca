"""`sentinel analyze` as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest
from tests.support.air import Air, beacon, deauth, pcap

FIELDS = [
    *("schema", "id", "code", "slug", "title", "severity", "confidence"),
    *("first_seen", "raised_at", "last_seen", "count", "bssid", "ssid", "station"),
    *("transmitter", "channel", "frequency_mhz", "key", "evidence", "attack"),
    *("capture", "frames", "summary"),
]


def sentinel(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess:
    """Run the command; output as text."""
    done = subprocess.run(
        [sys.executable, "-m", "sentinel_netlab", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env={"NO_COLOR": "1", "PATH": "/usr/bin:/bin"},
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def flood() -> bytes:
    """A capture with one deauthentication flood."""
    air = Air()
    for number in range(30):
        air.send(beacon(sequence=number), after_us=10_000)
        air.send(deauth(to=0x02000000000A, sequence=number), after_us=10_000)
    return air.pcap()


@pytest.fixture
def capture(tmp_path):
    """A file with the flood."""
    path = tmp_path / "flood.pcap"
    path.write_bytes(flood())
    return path


@pytest.fixture
def quiet(tmp_path):
    """A file without an attack."""
    path = tmp_path / "quiet.pcap"
    air = Air()
    air.send(beacon())
    path.write_bytes(air.pcap())
    return path


def test_attack_makes_status_1(capture):
    """An alert of medium severity or worse is told by the exit status."""
    done = sentinel("analyze", str(capture))

    assert done.returncode == 1
    assert "WD101" in done.stdout
    assert "30 deauthentications to 02:00:00:00:00:0a" in done.stdout


def test_quiet_capture_makes_status_0(quiet):
    """Information is no reason to fail."""
    done = sentinel("analyze", str(quiet))

    assert done.returncode == 0
    assert "1 frames" in done.stdout


@pytest.mark.parametrize(("bar", "status"), [("info", 1), ("critical", 0), ("high", 1)])
def test_fail_on_moves_the_bar(capture, bar, status):
    """The severity that counts can be chosen."""
    assert sentinel("analyze", str(capture), "--fail-on", bar).returncode == status


def test_jsonl_is_the_contract(capture):
    """Every field, in order; times in RFC 3339; nulls where not applicable."""
    done = sentinel("analyze", str(capture), "--format", "jsonl")
    alerts = [json.loads(line) for line in done.stdout.splitlines()]
    [alert] = [alert for alert in alerts if alert["code"] == "WD101"]

    assert list(alert) == FIELDS
    assert alert["schema"] == 1
    assert alert["severity"] == "high"
    assert alert["first_seen"] == "2023-11-14T22:13:20.020000Z"
    assert alert["raised_at"] > alert["first_seen"]
    assert alert["station"] == "02:00:00:00:00:0a"
    assert alert["count"] == 30
    assert alert["frames"][0] == 2
    assert alert["ssid"] is None
    assert done.stderr == ""


def test_json_and_csv_hold_the_same(capture):
    """Three formats, one content."""
    lines = sentinel("analyze", str(capture), "--format", "jsonl").stdout.splitlines()
    array = json.loads(sentinel("analyze", str(capture), "--format", "json").stdout)
    table = sentinel("analyze", str(capture), "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(table)))

    assert array == [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == [alert["id"] for alert in array]


def test_standard_input_is_read(capture):
    """A dash stands for it, and ids do not depend on the path."""
    piped = sentinel("analyze", "-", "--format", "jsonl", stdin=capture.read_bytes())
    read = sentinel("analyze", str(capture), "--format", "jsonl")
    ids = [
        [json.loads(line)["id"] for line in done.stdout.splitlines()]
        for done in (piped, read)
    ]

    assert ids[0] == ids[1]


def test_folder_is_walked(capture, quiet, tmp_path):
    """Captures in a folder are found by name, each is its own run."""
    (tmp_path / "notes.txt").write_text("no capture")
    done = sentinel("analyze", str(tmp_path))

    assert "flood.pcap" in done.stdout
    assert "quiet.pcap" in done.stdout
    assert done.stderr == ""


def test_only_and_set_choose(capture):
    """Detectors and parameters can be chosen."""
    none = sentinel("analyze", str(capture), "--only", "WD2*,auth_flood")
    high = sentinel(
        "analyze",
        str(capture),
        "--only",
        "WD101",
        "--set",
        "deauth_flood.threshold_frames=100",
        "--set",
        "WD101.long_threshold_frames=100",
    )

    assert none.returncode == 0
    assert high.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nowhere.pcap"], "nowhere.pcap: No such file"),
        (["--only", "WD9*"], "no detector matches 'WD9*'"),
        (["--set", "x"], "expected detector.parameter=value"),
        (["--set", "nothing.x=1"], "unknown detector 'nothing'"),
        (["--set", "deauth_flood.colour=1"], "unknown parameter 'colour'"),
        (["--set", "deauth_flood.window_s=-1"], "outside"),
        (["--format", "xml"], "unknown format 'xml'"),
        (["--fail-on", "terrible"], "unknown severity 'terrible'"),
        (["--policy", "nowhere.toml"], "cannot read nowhere.toml"),
    ],
)
def test_unusable_arguments_make_status_2(capture, arguments, problem):
    """One clear line, and nothing on standard output."""
    done = sentinel(
        "analyze", *([] if ".pcap" in arguments[0] else [str(capture)]), *arguments
    )

    assert done.returncode == 2
    assert problem in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize("content", [b"", b"x", b"<html>no capture</html>", bytes(100)])
def test_no_capture_makes_status_2(tmp_path, content):
    """A file that is no capture is told in one line."""
    path = tmp_path / "file.pcap"
    path.write_bytes(content)
    done = sentinel("analyze", str(path))

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_other_link_type_is_told(tmp_path):
    """Ethernet holds no 802.11 frames; the message says what does."""
    path = tmp_path / "ethernet.pcap"
    path.write_bytes(pcap([(0, bytes(60))], 1))
    done = sentinel("analyze", str(path))

    assert done.returncode == 2
    assert "link type 1 (Ethernet)" in done.stderr
    assert "127" in done.stderr


def test_truncated_capture_gives_what_can_be_read(capture):
    """The alerts that are there, a warning with the byte offset, status 1."""
    content = capture.read_bytes()
    capture.write_bytes(content[:-10])
    done = sentinel("analyze", str(capture))

    assert done.returncode == 1
    assert "WD101" in done.stdout
    assert "byte" in done.stderr


def test_joined_captures_are_one_run(tmp_path):
    """Two halves of a flood, in two files, make the alert of the whole."""
    air = Air()
    for number in range(30):
        air.send(deauth(to=0x02000000000A, sequence=number), after_us=20_000)
    paths = [tmp_path / "odd.pcap", tmp_path / "even.pcap"]
    for index, path in enumerate(paths):
        path.write_bytes(pcap(air.packets[index::2], 127))
    names = [str(path) for path in paths]
    done = sentinel("analyze", "--join", "--format", "jsonl", *names)

    [alert] = [json.loads(line) for line in done.stdout.splitlines()]
    assert alert["count"] == 30
    assert alert["capture"] == "+".join(names)
    assert alert["frames"][:3] == [1, 2, 3]


def test_policy_protects(tmp_path):
    """Posture findings about an own network are more than information."""
    path, policy = tmp_path / "open.pcap", tmp_path / "site.toml"
    air = Air()
    air.send(beacon(tail=b"", capability=1))
    path.write_bytes(air.pcap())
    policy.write_text('[[network]]\nssid = "net"\n')
    done = sentinel("analyze", str(path), "--policy", str(policy))

    assert done.returncode == 1
    assert "MEDIUM" in done.stdout


def test_evidence_opens_in_the_reader(capture, tmp_path):
    """One pcapng per alert with the frames behind it; a dash works too."""
    folder = tmp_path / "out"
    sentinel("analyze", "-", "--evidence", str(folder), stdin=capture.read_bytes())
    [path] = folder.glob("WD101_deauth_flood_*.pcapng")
    listed = sentinel("networks", str(path), "--format", "json")

    assert listed.returncode == 0
    assert listed.stderr == ""
    assert b"WD101 deauth_flood" in path.read_bytes()


def test_internal_error_makes_status_70(capture, tmp_path):
    """An error of ours is never status 1."""
    script = (
        "import sys; from sentinel_netlab.cli import analyze, main\n"
        "def boom(*a): raise RuntimeError('boom')\n"
        "analyze.run = boom\n"
        f"sys.argv = ['sentinel', 'analyze', {str(capture)!r}]\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False
    )

    assert done.returncode == 70
    assert done.stderr.decode() == "sentinel: internal error: RuntimeError: boom\n"
