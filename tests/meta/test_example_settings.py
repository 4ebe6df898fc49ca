"""The example of a production environment is refused until its secrets are edited."""

from __future__ import annotations

import base64
import random
import re

import pytest
from tests.meta.test_sizes import ROOT

from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.stack import StackSettings
from sentinel_netlab.settings import is_secret, name_of, read
from sentinel_netlab.worker.settings import WorkerSettings

EXAMPLE = (ROOT / "ops/.env.prod.example").read_text()
PAGE = (ROOT / "docs/reference/settings.md").read_text()
PLACEHOLDER = re.compile(r"change-me[a-z0-9-]*")
CLASSES = (ControllerSettings, WorkerSettings, StackSettings)
FIELDS = {
    name: field
    for cls in reversed(CLASSES)
    for field in cls.model_fields.values()
    if (name := name_of(field))
}


def parsed(text: str) -> dict[str, str]:
    """The assignments of an env file."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def edited(text: str) -> str:
    """*text* with a random secret for each placeholder."""
    rng = random.Random(7)
    return PLACEHOLDER.sub(
        lambda _: base64.b64encode(rng.randbytes(48), b"-_").decode(), text
    )


def problems(environ: dict[str, str]) -> set[str]:
    found = [problem for cls in CLASSES for problem in read(cls, environ).problems]
    return set(found)


def test_example_is_refused_for_its_placeholders_alone():
    """One problem for each, and no other."""
    environ = parsed(EXAMPLE)
    placeholders = {name for name in environ if PLACEHOLDER.search(environ[name])}

    told = problems(environ)

    assert len(told) == len(placeholders) >= 4
    assert {problem.split(":")[0] for problem in told} == placeholders
    assert all("is a placeholder" in problem for problem in told)


def test_each_placeholder_alone_is_refused():
    """Not only the first one."""
    good = parsed(edited(EXAMPLE))
    for name, value in parsed(EXAMPLE).items():
        if PLACEHOLDER.search(value):
            [problem] = problems({**good, name: value})
            assert problem.startswith(f"{name}: ")


def test_example_will_do_when_the_secrets_are_edited():
    """Nothing else has to be known for a first start."""
    assert problems(parsed(edited(EXAMPLE))) == set()


def test_example_shows_the_defaults():
    """Its comments taken away, it still will do, and changes nothing."""
    environ = parsed(re.sub(r"^#([A-Z])", r"\1", edited(EXAMPLE), flags=re.MULTILINE))

    assert problems(environ) == set()
    assert set(environ) == set(FIELDS)
    for cls in CLASSES:
        full = read(cls, environ).values
        short = read(cls, parsed(edited(EXAMPLE))).values
        assert full == short


def test_only_secrets_are_placeholders():
    """The rest of the example is as it should be."""
    for name, value in parsed(EXAMPLE).items():
        assert is_secret(FIELDS[name]) == bool(PLACEHOLDER.search(value))


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_setting_is_explained(name):
    """By its docstring, on the page and in the example."""
    meaning = " ".join((FIELDS[name].description or "").split())

    assert len(meaning) > 10
    assert f"| `{name}` | " in PAGE
    assert f"| {meaning} |" in PAGE
    assert re.search(rf"^#?{name}=", EXAMPLE, re.MULTILINE)
