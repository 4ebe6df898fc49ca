"""
The settings of the controller.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from sentinel_netlab.controller.proxy import ProxyListError, TrustedProxies
from sentinel_netlab.core.inflate import MAX_INFLATED_BYTES, MAX_RATIO
from sentinel_netlab.settings import Rule, Secret
from sentinel_netlab.settings.base import Port, PositiveInt
from sentinel_netlab.store.settings import SQLITE_IS_A_DECISION, DatabaseSettings

MAX_DRAIN_DELAY_S = 20
"""Later, a container runtime ends the process before it has finished its requests."""


def _trusted(value: Any) -> TrustedProxies:
    if isinstance(value, TrustedProxies):
        return value
    try:
        return TrustedProxies.parse(value)
    except ProxyListError as error:
        # by position, because problems contain no values
        raise ValueError(f"item {error.position} {error.reason}") from None


def _readable(path: Path) -> Path:
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ValueError("names no file that can be read")
    return path


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError("names no folder")
    return path


ReadableFile = Annotated[Path, AfterValidator(_readable)]
Rate = Annotated[float, Field(gt=0, le=1_000_000)]
Proxies = Annotated[TrustedProxies, BeforeValidator(_trusted)]


def _keys_differ(secret: SecretStr, master: SecretStr) -> str | None:
    if secret != master:
        return None
    return "CONTROLLER_HMAC_SECRET: is the same as CONTROLLER_SECRET_KEY"


def _previous_differs(
    previous: SecretStr | None, secret: SecretStr, master: SecretStr
) -> str | None:
    for name, other in (
        ("CONTROLLER_HMAC_SECRET", master),
        ("CONTROLLER_SECRET_KEY", secret),
    ):
        if previous == other:
            return f"CONTROLLER_HMAC_SECRET_PREVIOUS: is the same as {name}"
    return None


def _tls_is_whole(cert: Path | None, key: Path | None) -> str | None:
    if (cert is None) == (key is None):
        return None
    there, missing = ("TLS_KEY_FILE", "TLS_CERT_FILE")[:: -1 if cert else 1]
    return f"{missing}: is missing, and {there} is set"


def _somebody_brings_tls(
    required: bool,  # noqa: FBT001  # rules are called by position
    trusted: TrustedProxies,
    cert: Path | None,
) -> str | None:
    if not required or trusted or cert:
        return None
    return (
        "REQUIRE_TLS: nobody can reach the API: set TRUSTED_PROXY_CIDRS to the proxy "
        "that speaks TLS, or TLS_CERT_FILE and TLS_KEY_FILE"
    )


class ControllerSettings(DatabaseSettings):
    """What `sentinel controller` reads, beside the database."""

    rules: ClassVar[tuple[Rule, ...]] = (
        *DatabaseSettings.rules,
        SQLITE_IS_A_DECISION,
        Rule(("secret_key", "hmac_secret"), _keys_differ),
        Rule(("hmac_secret_previous", "secret_key", "hmac_secret"), _previous_differs),
        Rule(("tls_cert_file", "tls_key_file"), _tls_is_whole),
        Rule(("require_tls", "trusted_proxies", "tls_cert_file"), _somebody_brings_tls),
    )

    secret_key: Secret = Field(
        validation_alias="CONTROLLER_SECRET_KEY",
        examples=["change-me-1-openssl-rand-base64-48"],
    )
    """Secret of what the controller hands out and takes back: cursors, sessions."""

    hmac_secret: Secret = Field(
        validation_alias="CONTROLLER_HMAC_SECRET",
        examples=["change-me-2-openssl-rand-base64-48"],
    )
    """Master secret that the keys of the sensors are derived from."""

    hmac_secret_previous: Secret | None = Field(
        None, validation_alias="CONTROLLER_HMAC_SECRET_PREVIOUS"
    )
    """The master secret before, while sensors still sign with keys derived from it."""

    trusted_proxies: Proxies = Field(
        TrustedProxies(),
        validation_alias="TRUSTED_PROXY_CIDRS",
        examples=["10.231.64.2"],
    )
    """
    Addresses or CIDRs of the proxies whose `X-Forwarded-For` and `X-Forwarded-Proto`
    are believed, parted by commas. Name the proxy itself, not its network.
    """

    require_tls: bool = Field(default=True, validation_alias="REQUIRE_TLS")
    """Whether requests without TLS are refused, but for the health paths."""

    tls_cert_file: ReadableFile | None = Field(None, validation_alias="TLS_CERT_FILE")
    """Certificate chain (PEM) for TLS without a proxy."""

    tls_key_file: ReadableFile | None = Field(None, validation_alias="TLS_KEY_FILE")
    """Private key (PEM) of the certificate."""

    host: str = Field("127.0.0.1", validation_alias="SENTINEL_HOST")
    """Address that the API listens on; `0.0.0.0` in a container."""

    port: Port = Field(8000, validation_alias="SENTINEL_PORT")
    """Port of the API."""

    metrics_host: str = Field("127.0.0.1", validation_alias="SENTINEL_METRICS_HOST")
    """Address that the metrics of the controller listen on."""

    metrics_port: Port = Field(9464, validation_alias="SENTINEL_METRICS_PORT")
    """Port of the metrics of the controller."""

    drain_delay_s: Annotated[float, Field(ge=0, le=MAX_DRAIN_DELAY_S)] = Field(
        5.0, validation_alias="DRAIN_DELAY"
    )
    """Seconds that requests are still served after SIGTERM, readiness being off."""

    max_body_bytes: PositiveInt = Field(
        1 << 20, validation_alias="SENTINEL_MAX_BODY_BYTES"
    )
    """Bytes of a batch as it is sent, compressed."""

    max_inflated_bytes: Annotated[int, Field(ge=1, le=MAX_INFLATED_BYTES)] = Field(
        MAX_INFLATED_BYTES, validation_alias="SENTINEL_MAX_INFLATED_BYTES"
    )
    """Bytes of a batch after decompression."""

    max_inflate_ratio: Annotated[int, Field(ge=1, le=MAX_RATIO)] = Field(
        MAX_RATIO, validation_alias="SENTINEL_MAX_INFLATE_RATIO"
    )
    """Bytes of a batch after decompression for each byte before; of large ones."""

    address_rate_per_s: Rate = Field(
        50.0, validation_alias="SENTINEL_ADDRESS_RATE_PER_S"
    )
    """Requests a second of one client address (IPv6: of one /64) in the long run."""

    address_burst: PositiveInt = Field(200, validation_alias="SENTINEL_ADDRESS_BURST")
    """Requests of one client address at once."""

    credential_rate_per_s: Rate = Field(
        20.0, validation_alias="SENTINEL_CREDENTIAL_RATE_PER_S"
    )
    """Requests a second of one sensor or token in the long run."""

    credential_burst: PositiveInt = Field(
        100, validation_alias="SENTINEL_CREDENTIAL_BURST"
    )
    """Requests of one sensor or token at once."""

    queue_max_jobs: PositiveInt = Field(
        50_000, validation_alias="SENTINEL_QUEUE_MAX_JOBS"
    )
    """Batches that wait; above, sensors are told to come later (429)."""

    queue_max_age_s: Annotated[float, Field(gt=0, le=2_592_000)] = Field(
        3_600.0, validation_alias="SENTINEL_QUEUE_MAX_AGE_S"
    )
    """Seconds that the oldest batch waits; above, sensors are told to come later."""

    min_free_disk_bytes: Annotated[int, Field(ge=0)] = Field(
        256 << 20, validation_alias="SENTINEL_MIN_FREE_DISK_BYTES"
    )
    """
    Bytes free on the disk of the database, where it is known; below, sensors come
    later, and below a quarter of it nobody is served (503).
    """

    database_disk: Annotated[Path, AfterValidator(_folder)] | None = Field(
        None, validation_alias="SENTINEL_DATABASE_DISK"
    )
    """
    Folder on the disk of the database, for its free bytes alone; nothing in it is read.
    The disk of SQLite is known without.
    """

    retry_after_s: PositiveInt = Field(15, validation_alias="SENTINEL_RETRY_AFTER_S")
    """Seconds after which a sensor that was turned away comes again."""
