"""From an environment to settings, or to all that is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import Field
from tests.support.environments import SECRET_KEY, environment

from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.settings import (
    EX_CONFIG,
    Rule,
    Secret,
    Settings,
    SettingsError,
    is_secret,
    load,
    load_or_exit,
    name_of,
    read,
)
from sentinel_netlab.settings.files import SecretFile
from sentinel_netlab.worker.settings import WorkerSettings


class Example(Settings):
    rules = (Rule(("size", "key"), lambda size, key: f"SIZE: {size}" if key else None),)

    key: Secret = Field(validation_alias="KEY_OF_EXAMPLE")
    size: int = Field(3, validation_alias="SIZE_OF_EXAMPLE")


def problems(environ: dict[str, str], cls: type[Settings] = Example, **more) -> list:
    try:
        load(cls, environ, **more)
    except SettingsError as error:
        return error.problems
    return []


def from_file(environ: dict[str, str], text: str = SECRET_KEY, mode: int = 0o400):
    """Read `Example` with a file of *text* behind each name."""
    return read(Example, environ, read_file=lambda path: SecretFile(text, mode))


class Free(Example):
    rules = ()


def test_values_come_with_their_types():
    """Strings become what the class says; the rest are defaults."""
    loaded = load(Free, {"KEY_OF_EXAMPLE": SECRET_KEY, "SIZE_OF_EXAMPLE": "7"})

    assert isinstance(loaded, Free)
    assert loaded.key.get_secret_value() == SECRET_KEY
    assert loaded.size == 7
    assert loaded.profile == "prod"
    assert loaded.log_level == "info"


def test_process_environment_is_not_looked_at(monkeypatch):
    """Only what is given counts."""
    monkeypatch.setenv("KEY_OF_EXAMPLE", SECRET_KEY)

    assert problems({}) == ["KEY_OF_EXAMPLE: is missing"]


@pytest.mark.parametrize("name", ["PROFILE", "profile", "SIZE", "size", "key"])
def test_fields_are_not_names(name):
    """Only the name of the environment sets a field."""
    loaded = load(Free, {"KEY_OF_EXAMPLE": SECRET_KEY, name: "lab"})

    assert (loaded.profile, loaded.size) == ("prod", 3)


def test_empty_is_not_set():
    """As compose files pass on what nobody set."""
    assert problems({"KEY_OF_EXAMPLE": ""}) == ["KEY_OF_EXAMPLE: is missing"]
    assert load(Free, {"KEY_OF_EXAMPLE": SECRET_KEY, "SIZE_OF_EXAMPLE": ""}).size == 3


def test_all_problems_at_once():
    """Missing, malformed, misspelt and unknown: nothing hides another."""
    assert problems(
        {
            "SIZE_OF_EXAMPLE": "many",
            "KEY_OF_EXAMPEL": "x",
            "SENTINEL_SIZE": "1",
            "SENTINEL_LOG_LEVEL": "loud",
            "DEBUG": "1",
        }
    ) == [
        (
            "SENTINEL_LOG_LEVEL: should be 'debug', 'info', 'warning', 'error' or "
            "'critical'"
        ),
        "KEY_OF_EXAMPLE: is missing",
        (
            "SIZE_OF_EXAMPLE: should be a valid integer, unable to parse string as an "
            "integer"
        ),
        "KEY_OF_EXAMPEL: is no setting; did you mean KEY_OF_EXAMPLE?",
        "SENTINEL_SIZE: is no setting",
        "DEBUG: is on, which tells strangers what is inside",
    ]


def test_rules_wait_for_their_fields():
    """A rule says nothing of what is unusable by itself."""
    assert problems({"KEY_OF_EXAMPLE": SECRET_KEY}) == ["SIZE: 3"]
    assert len(problems({"KEY_OF_EXAMPLE": "short"})) == 1


def test_secret_from_a_file(tmp_path):
    """NAME_FILE is NAME, without the newline at the end."""
    path = tmp_path / "key"
    path.write_text(f"{SECRET_KEY}\n")
    path.chmod(0o400)
    warnings: list[str] = []

    loaded = load(Free, {"KEY_OF_EXAMPLE_FILE": str(path)}, warn=warnings.append)

    assert loaded.key.get_secret_value() == SECRET_KEY
    assert warnings == []


@pytest.mark.parametrize("text", ["short", "change-me-" * 4, SECRET_KEY + "\nmore", ""])
def test_secrets_of_files_are_judged_too(text):
    """As those of the environment, and several lines are none."""
    found = from_file({"KEY_OF_EXAMPLE_FILE": "/run/secrets/key"}, text)

    assert len(found.problems) == 1
    assert found.problems[0].startswith("KEY_OF_EXAMPLE")


def test_both_ways_at_once_is_an_error():
    """Nobody can know which one was meant, even where they are equal."""
    environ = {"KEY_OF_EXAMPLE": SECRET_KEY, "KEY_OF_EXAMPLE_FILE": "/run/secrets/key"}

    assert from_file(environ).problems == [
        "KEY_OF_EXAMPLE: is set, and so is KEY_OF_EXAMPLE_FILE"
    ]
    environ["KEY_OF_EXAMPLE"] = ""
    assert from_file(environ).problems == ["SIZE: 3"]


def test_a_wide_mode_is_a_warning():
    """It does not stop the process."""
    found = from_file({"KEY_OF_EXAMPLE_FILE": "key"}, mode=0o644)

    assert found.warnings == [
        "KEY_OF_EXAMPLE_FILE: the file has mode 0644, wider than 0440"
    ]
    assert found.problems == ["SIZE: 3"]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda folder: folder / "absent", "No such file"),
        (lambda folder: folder, "Is a directory"),
        (lambda folder: "nul\0byte", "null byte"),
    ],
)
def test_an_unreadable_file_is_a_problem(tmp_path, make, why):
    """One, and not that the secret is missing."""
    path = str(make(tmp_path))

    [problem] = problems({"KEY_OF_EXAMPLE_FILE": path})

    assert problem.startswith("KEY_OF_EXAMPLE_FILE: ")
    assert why in problem
    assert path not in problem


def test_only_secrets_come_from_files():
    """SIZE_OF_EXAMPLE_FILE means nothing."""
    found = from_file({"KEY_OF_EXAMPLE": SECRET_KEY, "SIZE_OF_EXAMPLE_FILE": "/x"})

    assert found.values["size"] == 3


def test_sources_are_told():
    """Where each value came from."""
    found = from_file({"KEY_OF_EXAMPLE_FILE": "/run/key", "SIZE_OF_EXAMPLE": "4"})

    assert found.sources["key"] == "file of KEY_OF_EXAMPLE_FILE"
    assert found.sources["size"] == "environment"
    assert found.sources["log_level"] == "default"


def test_load_or_exit_exits_with_78(capsys):
    """One line for each problem on stderr, nothing on stdout."""
    with pytest.raises(SystemExit) as caught:
        load_or_exit(Example, {"SIZE_OF_EXAMPLE": "x"})

    out, err = capsys.readouterr()
    assert caught.value.code == EX_CONFIG == 78
    assert out == ""
    assert [line.split(":")[1] for line in err.splitlines()] == [
        " KEY_OF_EXAMPLE",
        " SIZE_OF_EXAMPLE",
    ]


FIELDS = {
    name_of(field): field
    for cls in (ControllerSettings, WorkerSettings)
    for field in cls.model_fields.values()
    if name_of(field)
}
NAMES = sorted(FIELDS) + [f"{name}_FILE" for name in FIELDS if is_secret(FIELDS[name])]
TEXTS = st.one_of(
    st.text(st.characters(exclude_characters="\0"), min_size=12, max_size=50),
    st.text("0123456789abcdef", min_size=12, max_size=50),
    st.text("0123456789abcdef:/.", min_size=12).map(lambda t: "postgresql://u:" + t),
)


@given(st.sampled_from(NAMES), TEXTS)
@example("TRUSTED_PROXY_CIDRS", "10.0.0.1/8-hunter2-hunter2")
@example("DATABASE_URL", "postgresql://user:hunter2-hunter2@db:port/x")
@example("SENTINEL_WEBHOOK_URL", "http://[hunter2-hunter2")
@example("TLS_CERT_FILE", "hunter2-hunter2")
def test_no_value_is_ever_printed(name, text):
    """Whatever stands in whichever variable, problems and warnings do not show it."""
    for cls in (ControllerSettings, WorkerSettings):
        found = read(cls, environment(**{name: text}))
        told = "\n".join([*found.problems, *found.warnings])
        assert text not in told
        assert text.removeprefix("postgresql://u:") not in told or "://u:" not in text
        assert text not in repr(found)
