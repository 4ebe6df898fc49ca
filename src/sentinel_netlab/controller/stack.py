"""
The settings that only the Compose file reads, for `sentinel config check`.

No process of ours uses them.  They are judged where `SENTINEL_VERSION` is set, as it is
in the env file of the stack.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, SecretStr

from sentinel_netlab import __version__
from sentinel_netlab.controller.proxy import TrustedProxies
from sentinel_netlab.controller.settings import Proxies
from sentinel_netlab.core.hosts import read_names
from sentinel_netlab.settings import Rule, Settings
from sentinel_netlab.settings.base import Port
from sentinel_netlab.store.settings import password_problem

_PART = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_IMAGE = re.compile(rf"{_PART}(?::[0-9]{{1,5}}/{_PART})?(?:/{_PART})*")
_MEMORY = re.compile(r"[1-9][0-9]{0,8}[kmg]")
_BUFFERS = re.compile(r"[1-9][0-9]{0,8}(?:kB|MB|GB)")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def _image(text: str) -> str:
    if not _IMAGE.fullmatch(text):
        raise ValueError("is no name of an image without its tag")
    return text


def _tag(text: str) -> str:
    if not _TAG.fullmatch(text):
        raise ValueError("is no tag of an image")
    return text


def _server_names(text: str) -> str:
    try:
        read_names([text])
    except ValueError:
        raise ValueError("is no list of host names and addresses") from None
    return text


def _memory(text: str) -> str:
    if not _MEMORY.fullmatch(text):
        raise ValueError("is no amount of memory, as 512m or 2g")
    return text


def _buffers(text: str) -> str:
    if not _BUFFERS.fullmatch(text):
        raise ValueError("is no amount of memory of PostgreSQL, as 256MB or 2GB")
    return text


def _password(secret: SecretStr) -> SecretStr:
    if problem := password_problem(secret.get_secret_value()):
        raise ValueError(problem)
    return secret


def _password_is_there(version: str | None, password: SecretStr | None) -> str | None:
    if version is None or password is not None:
        return None
    return "POSTGRES_PASSWORD: is missing, and SENTINEL_VERSION is set"


def _proxy_has_its_place(
    subnet: IPv4Network, others: IPv4Network, proxy: IPv4Address
) -> str | None:
    if not others.subnet_of(subnet):
        return "SENTINEL_FRONT_RANGE: is not in SENTINEL_FRONT_SUBNET"
    if proxy not in subnet or proxy in (
        subnet.network_address,
        subnet.network_address + 1,  # the bridge's own
        subnet.broadcast_address,
    ):
        return "SENTINEL_PROXY_ADDRESS: is no free address of SENTINEL_FRONT_SUBNET"
    if proxy in others:
        return (
            "SENTINEL_PROXY_ADDRESS: is in SENTINEL_FRONT_RANGE, where another "
            "container could take it"
        )
    return None


def _proxy_is_trusted(
    version: str | None, proxy: IPv4Address, trusted: TrustedProxies
) -> str | None:
    if version is None or proxy in trusted:
        return None
    return (
        "TRUSTED_PROXY_CIDRS: does not contain SENTINEL_PROXY_ADDRESS, from which "
        "nginx asks: every request would be refused"
    )


def _ports_differ(http: int, https: int) -> str | None:
    if http != https:
        return None
    return "SENTINEL_HTTPS_PORT: is the same as SENTINEL_HTTP_PORT"


class StackSettings(Settings):
    """What the Compose file reads beside the settings of the processes."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(("version", "postgres_password"), _password_is_there),
        Rule(("front_subnet", "front_range", "proxy_address"), _proxy_has_its_place),
        Rule(("version", "proxy_address", "trusted_proxies"), _proxy_is_trusted),
        Rule(("http_port", "https_port"), _ports_differ),
    )
    files_elsewhere: ClassVar[frozenset[str]] = frozenset({"postgres_password"})

    version: Annotated[str, AfterValidator(_tag)] | None = Field(
        None, validation_alias="SENTINEL_VERSION", examples=[__version__]
    )
    """Tag of the images that the stack runs; an upgrade is another one."""

    image: Annotated[str, AfterValidator(_image)] = Field(
        "localhost/sentinel-netlab", validation_alias="SENTINEL_IMAGE"
    )
    """Name of the image of controller, worker and migrations, without its tag."""

    postgres_password: Annotated[SecretStr, AfterValidator(_password)] | None = Field(
        None,
        validation_alias="POSTGRES_PASSWORD",
        examples=["change-me-5-openssl-rand-hex-24"],
    )
    """
    Password of the superuser `postgres` of a new database volume. No process of ours
    has it.
    """

    trusted_proxies: Proxies = Field(
        TrustedProxies(), validation_alias="TRUSTED_PROXY_CIDRS"
    )
    """As the controller reads it."""

    front_subnet: IPv4Network = Field(
        IPv4Network("10.231.64.0/24"), validation_alias="SENTINEL_FRONT_SUBNET"
    )
    """Network of nginx and the controllers."""

    proxy_address: IPv4Address = Field(
        IPv4Address("10.231.64.2"), validation_alias="SENTINEL_PROXY_ADDRESS"
    )
    """Address of nginx in that network; `TRUSTED_PROXY_CIDRS` has to contain it."""

    front_range: IPv4Network = Field(
        IPv4Network("10.231.64.128/25"), validation_alias="SENTINEL_FRONT_RANGE"
    )
    """Part of that network that the addresses of the controllers are taken from."""

    http_port: Port = Field(80, validation_alias="SENTINEL_HTTP_PORT")
    """Port of the host that nginx answers on without TLS: health, and redirections."""

    https_port: Port = Field(443, validation_alias="SENTINEL_HTTPS_PORT")
    """Port of the host that nginx serves with TLS on."""

    server_names: Annotated[str, AfterValidator(_server_names)] | None = Field(
        None, validation_alias="SENTINEL_SERVER_NAMES"
    )
    """
    Host names and addresses that clients use, parted by commas: a self-signed
    certificate is for them, and a warning tells where a given one is not.
    """

    commit: str | None = Field(None, validation_alias="SENTINEL_COMMIT")
    """Commit that images built here are labelled with."""

    controller_memory: Annotated[str, AfterValidator(_memory)] = Field(
        "512m", validation_alias="SENTINEL_CONTROLLER_MEMORY"
    )
    """Most memory of a controller's container."""

    worker_memory: Annotated[str, AfterValidator(_memory)] = Field(
        "512m", validation_alias="SENTINEL_WORKER_MEMORY"
    )
    """Most memory of a worker's container."""

    postgres_memory: Annotated[str, AfterValidator(_memory)] = Field(
        "2g", validation_alias="SENTINEL_POSTGRES_MEMORY"
    )
    """Most memory of the database's container."""

    shared_buffers: Annotated[str, AfterValidator(_buffers)] = Field(
        "256MB", validation_alias="SENTINEL_POSTGRES_SHARED_BUFFERS"
    )
    """PostgreSQL's `shared_buffers`; a quarter of its memory is usual."""
