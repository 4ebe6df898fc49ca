"""
The settings of the worker.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from sentinel_netlab.settings import Rule, Secret
from sentinel_netlab.settings.base import Port
from sentinel_netlab.store.settings import SQLITE_IS_A_DECISION, RetentionSettings


def _webhook_url(secret: SecretStr) -> SecretStr:
    """https, or http that does not leave the machine."""
    try:
        parts = urlsplit(secret.get_secret_value())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("should begin with https://")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("should begin with https://, for it is on another machine")
    return secret


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_a_folder(path: Path) -> Path:
    if not path.parent.is_dir():
        raise ValueError("is in a folder that does not exist")
    return path


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("names no file")
    return path


def _webhook_is_signed(url: SecretStr | None, secret: SecretStr | None) -> str | None:
    if url is not None and secret is None:
        return "SENTINEL_WEBHOOK_SECRET: is missing, and SENTINEL_WEBHOOK_URL is set"
    if url is None and secret is not None:
        return "SENTINEL_WEBHOOK_URL: is missing, and SENTINEL_WEBHOOK_SECRET is set"
    return None


class WorkerSettings(RetentionSettings):
    """What `sentinel worker` reads, beside the database."""

    rules: ClassVar[tuple[Rule, ...]] = (
        *RetentionSettings.rules,
        SQLITE_IS_A_DECISION,
        Rule(("webhook_url", "webhook_secret"), _webhook_is_signed),
    )

    lease_s: Annotated[float, Field(ge=5, le=3_600)] = Field(
        60.0, validation_alias="SENTINEL_LEASE_S"
    )
    """Seconds after which the job of a worker that died is given to another."""

    webhook_url: Annotated[SecretStr, AfterValidator(_webhook_url)] | None = Field(
        None, validation_alias="SENTINEL_WEBHOOK_URL"
    )
    """URL that alerts are posted to; a secret, for many contain a token."""

    webhook_secret: Secret | None = Field(
        None, validation_alias="SENTINEL_WEBHOOK_SECRET"
    )
    """Secret that the posts are signed with (HMAC-SHA256)."""

    syslog_host: str | None = Field(None, validation_alias="SENTINEL_SYSLOG_HOST")
    """Host that alerts are sent to by syslog (RFC 5424)."""

    syslog_port: Port = Field(6514, validation_alias="SENTINEL_SYSLOG_PORT")
    """Port of syslog: 6514 is that of TLS (RFC 5425), 601 that of plain TCP."""

    syslog_tls: bool = Field(default=True, validation_alias="SENTINEL_SYSLOG_TLS")
    """Whether syslog is sent by TLS."""

    syslog_ca_file: Annotated[Path, AfterValidator(_readable)] | None = Field(
        None, validation_alias="SENTINEL_SYSLOG_CA_FILE"
    )
    """Certificates (PEM) that the syslog host is checked with; unset: the system's."""

    jsonl_path: Annotated[Path, AfterValidator(_in_a_folder)] | None = Field(
        None, validation_alias="SENTINEL_JSONL_PATH"
    )
    """File that alerts are appended to, a line of JSON each."""

    metrics_host: str = Field(
        "127.0.0.1", validation_alias="SENTINEL_WORKER_METRICS_HOST"
    )
    """Address that the metrics of the worker listen on."""

    metrics_port: Port = Field(9465, validation_alias="SENTINEL_WORKER_METRICS_PORT")
    """Port of the metrics of the worker."""
