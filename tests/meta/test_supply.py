"""What the images are made of is told whole, and silence is not taken for safety."""

from __future__ import annotations

import json

import pytest
from tests.meta.test_sizes import ROOT
from tools import audit, lock, sbom
from tools.sbom import Pin

ONE = Pin("one", "1.0", "", ("a" * 64,))
OLD = Pin("two", "1.0", "python_full_version < '3.12'", ("b" * 64,))
NEW = Pin("two", "2.0", "python_full_version >= '3.12'", ("c" * 64, "d" * 64))
HOLE = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": ["CVE-2026-1"]}


def clean(pin: Pin, *holes: object) -> dict[str, object]:
    """What pip-audit answers about a package that its service knows."""
    return {"name": pin.name, "version": pin.version, "vulns": list(holes)}


def unknown(pin: Pin) -> dict[str, object]:
    """What it answers about one that the service does not, with exit status 0."""
    return {"name": pin.name, "skip_reason": f"Dependency not found: {pin.name}"}


@pytest.mark.parametrize("image", sbom.IMAGES)
def test_bill_names_every_locked_package(image):
    """Name, version and package URL of each, and the hashes of its files."""
    parts = sbom.bill(image)["components"]
    text = (ROOT / f"requirements/{image}.txt").read_text()

    assert {(one["name"], one["version"]) for one in parts} == lock.pins(image)
    for one in parts:
        assert one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"
        assert one["hashes"]
    hashes = [h["content"] for one in parts for h in one["hashes"]]
    assert len(hashes) == text.count("--hash=")
    assert all(f"--hash=sha256:{one}" in text for one in hashes)


@pytest.mark.parametrize("image", sbom.IMAGES)
def test_bill_is_the_same_again(image):
    """Two bills of the same lock file can be compared byte by byte."""
    assert json.dumps(sbom.bill(image)) == json.dumps(sbom.bill(image))


def test_bills_have_numbers_of_their_own():
    """Tools tell bills apart by their serial numbers."""
    assert len({sbom.bill(image)["serialNumber"] for image in sbom.IMAGES}) == 2


@pytest.mark.optional
@pytest.mark.parametrize("image", sbom.IMAGES)
def test_bill_is_valid_cyclonedx(image):
    """By the schema of CycloneDX 1.6; `make sbom` looks each time."""
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema")

    judge = validation.JsonStrictValidator(schema.SchemaVersion.V1_6)

    assert judge.validate_str(json.dumps(sbom.bill(image))) is None
    assert judge.validate_str('{"bomFormat": "CycloneDX"}') is not None


def test_marker_is_told():
    """Of two versions, each says where it is installed."""
    assert sbom.component(OLD)["properties"] == [
        {"name": "marker", "value": "python_full_version < '3.12'"}
    ]
    assert "properties" not in sbom.component(ONE)


@pytest.mark.parametrize("text", ["one>=1.0\n", "one==1.0\n", "-r other.txt\n"])
def test_what_is_no_pin_is_an_error(text):
    """Nothing is left out of a bill because it is written another way."""
    with pytest.raises(ValueError, match="is no pin"):
        sbom.pins(text)


def test_all_known_and_clean():
    """The only case with status 0."""
    status, said = audit.judge([ONE, NEW], [clean(ONE), clean(NEW)])

    assert status == 0
    assert said == ["audit: no vulnerability of the 2 packages is known"]


def test_vulnerability_is_named():
    """With the version that is free of it."""
    status, said = audit.judge([ONE], [clean(ONE, HOLE)])

    assert status == audit.VULNERABLE
    assert said == ["one 1.0: PYSEC-1, fixed in 1.1"]


@pytest.mark.parametrize(
    "found", [[], [clean(ONE)], [clean(ONE), unknown(NEW)], [clean(ONE), clean(OLD)]]
)
def test_silence_about_a_package_is_not_safety(found):
    """Also when pip-audit itself ends with 0."""
    status, said = audit.judge([ONE, NEW], found)

    assert status == audit.UNKNOWN
    assert "did not answer for" in said[-1]
    assert "two 2.0" in said[-1]


def test_versions_are_asked_for_apart():
    """pip-audit takes a package once in a file."""
    assert audit.without_repeats([ONE, OLD, NEW]) == [[ONE, OLD], [NEW]]


def test_service_that_cannot_be_reached_is_one_line(tmp_path, monkeypatch, capsys):
    """pip-audit ends with a traceback then."""
    tool = tmp_path / "pip-audit"
    tool.write_text(
        "#!/bin/sh\necho Traceback >&2\necho 'ProxyError: no' >&2\nexit 1\n"
    )
    tool.chmod(0o755)
    monkeypatch.setattr(audit, "TOOL", tool)

    assert audit.main() == audit.UNKNOWN
    assert capsys.readouterr().err == (
        "audit: the vulnerability service could not be asked: ProxyError: no\n"
    )


def test_every_locked_package_is_asked_for(tmp_path, monkeypatch):
    """All versions of all, whatever this machine would install."""
    asked = tmp_path / "asked"
    tool = tmp_path / "pip-audit"
    tool.write_text(
        "#!/bin/sh\n"
        'for file; do case $file in *.txt) cat "$file";; esac; done >' + f"'{asked}'\n"
        """echo '{"dependencies": []}'\n"""
    )
    tool.chmod(0o755)
    monkeypatch.setattr(audit, "TOOL", tool)

    assert audit.main() == audit.UNKNOWN
    lines = asked.read_text().splitlines()
    assert {tuple(one.split()[0].split("==")) for one in lines} == lock.pins("runtime")
    assert "--hash=sha256:" in lines[0]
