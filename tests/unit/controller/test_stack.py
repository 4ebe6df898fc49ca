"""The settings of the Compose file, as `sentinel config check` judges them."""

from __future__ import annotations

import pytest
from tests.support.environments import DATABASE_PASSWORD, environment

from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.stack import StackSettings
from sentinel_netlab.settings import read
from sentinel_netlab.worker.settings import WorkerSettings

STACK = {
    "SENTINEL_VERSION": "0.1.0",
    "POSTGRES_PASSWORD": DATABASE_PASSWORD,
    "TRUSTED_PROXY_CIDRS": "10.231.64.2",
}


def problems(**changed: str | None) -> list[str]:
    """What is wrong with `STACK` and *changed* in it; None takes a name out."""
    made = {**STACK, **changed}
    given = {name: value for name, value in made.items() if value is not None}
    return read(StackSettings, given).problems


def test_example_of_a_stack_is_right():
    """Nothing else needs to be said."""
    assert problems() == []


def test_nothing_is_needed_without_a_stack():
    """A host without containers has no superuser's password and no nginx of ours."""
    assert read(StackSettings, environment()).problems == []


@pytest.mark.parametrize("cls", [ControllerSettings, WorkerSettings])
def test_processes_do_not_mind_the_names_of_the_stack(cls):
    """One env file may be given to all, even with unusable values for others."""
    environ = environment(
        SENTINEL_VERSION="no tag!",
        SENTINEL_FRONT_SUBNET="nowhere",
        POSTGRES_PASSWORD="short",  # noqa: S106
        SENTINEL_HTTP_PORT="0",
    )

    assert read(cls, environ).problems == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("POSTGRES_PASSWORD", None, "is missing"),
        ("POSTGRES_PASSWORD", "change-me-5-openssl-rand-hex-24", "is a placeholder"),
        ("POSTGRES_PASSWORD", "fifteen-letters", "has 15 characters, and needs 16"),
        ("SENTINEL_VERSION", "1.0 beta", "is no tag"),
        ("SENTINEL_VERSION", "-1", "is no tag"),
        ("SENTINEL_IMAGE", "Registry/Sentinel", "is no name of an image"),
        ("SENTINEL_IMAGE", "localhost/sentinel:1.0", "is no name of an image"),
        ("SENTINEL_FRONT_SUBNET", "10.0.0.0/33", "valid IPv4 network"),
        ("SENTINEL_FRONT_RANGE", "10.1.0.0/25", "is not in SENTINEL_FRONT_SUBNET"),
        ("SENTINEL_PROXY_ADDRESS", "nginx", "valid IPv4 address"),
        ("SENTINEL_HTTP_PORT", "65536", "less than or equal to 65535"),
        ("SENTINEL_HTTPS_PORT", "80", "is the same as SENTINEL_HTTP_PORT"),
        ("TRUSTED_PROXY_CIDRS", "192.0.2.7", "does not contain SENTINEL_PROXY_ADDRESS"),
        ("TRUSTED_PROXY_CIDRS", "", "does not contain SENTINEL_PROXY_ADDRESS"),
    ],
)
def test_a_problem_names_its_setting(name, value, problem):
    """One line, without the value."""
    [text] = problems(**{name: value})

    assert text.startswith(f"{name}: ")
    assert problem in text
    assert not value or len(value) < 4 or value not in text


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("10.231.64.0", "is no free address"),
        ("10.231.64.1", "is no free address"),
        ("10.231.64.255", "is no free address"),
        ("10.231.65.2", "is no free address"),
        ("10.231.64.130", "another container could take it"),
    ],
)
def test_nginx_has_an_address_that_nobody_else_takes(address, reason):
    """In the network, outside the range of the others."""
    [text] = problems(SENTINEL_PROXY_ADDRESS=address, TRUSTED_PROXY_CIDRS=address)

    assert text.startswith("SENTINEL_PROXY_ADDRESS: ")
    assert reason in text


def test_another_network_is_right_as_a_whole():
    """All four names together."""
    assert not problems(
        SENTINEL_FRONT_SUBNET="10.77.0.0/28",
        SENTINEL_FRONT_RANGE="10.77.0.8/29",
        SENTINEL_PROXY_ADDRESS="10.77.0.2",
        TRUSTED_PROXY_CIDRS="10.77.0.2,192.0.2.9",
    )


@pytest.mark.parametrize(
    "name", ["sentinel", "a.example:5000/x/y_z", "localhost/sentinel-netlab"]
)
def test_images_of_registries_are_names(name):
    """With a port, too."""
    assert problems(SENTINEL_IMAGE=name) == []


def test_the_superusers_file_may_be_out_of_sight():
    """Only the database's container has it."""
    gone = "/run/secrets/postgres/none"

    assert problems(POSTGRES_PASSWORD=None, POSTGRES_PASSWORD_FILE=gone) == []


def test_the_superusers_file_is_judged_where_it_is_seen(tmp_path):
    """As the value itself."""
    path = tmp_path / "password"
    path.write_text("short")
    path.chmod(0o400)

    told = problems(POSTGRES_PASSWORD=None, POSTGRES_PASSWORD_FILE=str(path))

    assert told == ["POSTGRES_PASSWORD: has 5 characters, and needs 16"]


def test_the_superusers_password_comes_one_way():
    """The image of PostgreSQL refuses both, too."""
    told = problems(POSTGRES_PASSWORD_FILE="/run/secrets/postgres/none")  # noqa: S106

    assert told == ["POSTGRES_PASSWORD: is set, and so is POSTGRES_PASSWORD_FILE"]
