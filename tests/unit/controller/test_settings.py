"""What the controller starts with, and what it does not start with."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.support.environments import HMAC_SECRET, SECRET_KEY, environment

from sentinel_netlab.controller.proxy import TrustedProxies
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.settings import SettingsError, load

SECRETS = ("CONTROLLER_SECRET_KEY", "CONTROLLER_HMAC_SECRET")
OTHER_SECRET = "Wd4Hj8Ks1Lq5Zx9Cv3Bn7Mt2Py6RrEeGg0Uu"  # noqa: S105  # of nobody


def problems(**changed: str | None) -> list[str]:
    """What is wrong with a complete environment after a change."""
    try:
        load(ControllerSettings, environment(**changed))
    except SettingsError as error:
        return error.problems
    return []


def test_the_complete_environment_will_do():
    """Database, two secrets, a proxy; the rest are defaults of production."""
    loaded = load(ControllerSettings, environment())

    assert loaded.profile == "prod"
    assert loaded.require_tls
    assert loaded.trusted_proxies == TrustedProxies.parse("192.0.2.2")
    assert loaded.hmac_secret.get_secret_value() == HMAC_SECRET
    assert loaded.hmac_secret_previous is None
    assert loaded.host == "127.0.0.1"
    assert loaded.drain_delay_s == 5
    assert loaded.max_body_bytes == 1024**2
    assert loaded.max_inflated_bytes == 16 * 1024**2
    assert loaded.max_inflate_ratio == 100


@pytest.mark.parametrize("name", ["DATABASE_URL", *SECRETS])
def test_a_missing_secret_is_refused(name):
    """None of them is made up."""
    assert problems(**{name: None}) == [f"{name}: is missing"]


@pytest.mark.parametrize("name", [*SECRETS, "CONTROLLER_HMAC_SECRET_PREVIOUS"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        (OTHER_SECRET[:31], "has 31 characters, and needs 32"),
        ("abababababababababababababababababab", "has 2 different characters"),
        ("change-me-1-openssl-rand-base64-48", "is a placeholder"),
        (OTHER_SECRET + "\t", "cannot be printed"),
    ],
)
def test_a_weak_secret_is_refused(name, value, why):
    """The previous one too: it still opens the door."""
    [problem] = problems(**{name: value})

    assert problem.startswith(f"{name}: ")
    assert why in problem


def test_equal_secrets_are_refused():
    """One that leaks would be both."""
    assert problems(CONTROLLER_HMAC_SECRET=SECRET_KEY) == [
        "CONTROLLER_HMAC_SECRET: is the same as CONTROLLER_SECRET_KEY"
    ]
    assert problems(CONTROLLER_HMAC_SECRET_PREVIOUS=OTHER_SECRET) == []
    for name, value in zip(SECRETS, (SECRET_KEY, HMAC_SECRET), strict=True):
        assert problems(CONTROLLER_HMAC_SECRET_PREVIOUS=value) == [
            f"CONTROLLER_HMAC_SECRET_PREVIOUS: is the same as {name}"
        ]


@pytest.mark.parametrize(
    ("cidrs", "why"),
    [
        ("nginx", "item 1 is not an address or CIDR"),
        ("192.0.2.2, 10.0.0.1/8", "item 2 has host bits set"),
        ("0.0.0.0/0", "item 1 trusts everybody"),
        ("192.0.2.2;192.0.2.3", "item 1 is not"),
        ('"192.0.2.2"', "item 1 is not"),
        ("*", "item 1 is not"),
    ],
)
def test_a_bad_list_of_proxies_is_refused(cidrs, why):
    """The item is named by its place."""
    [problem] = problems(TRUSTED_PROXY_CIDRS=cidrs)

    assert problem.startswith(f"TRUSTED_PROXY_CIDRS: {why}")


@pytest.mark.parametrize("nobody", [None, "", " ", " , ,"])
def test_tls_needs_somebody_who_speaks_it(nobody):
    """A proxy that is trusted, or a certificate, or nobody could ever come in."""
    [problem] = problems(TRUSTED_PROXY_CIDRS=nobody)

    assert problem.startswith("REQUIRE_TLS: nobody can reach the API")
    assert problems(TRUSTED_PROXY_CIDRS=nobody, REQUIRE_TLS="false") == []


def test_own_tls_will_do(tmp_path: Path):
    """Both files, and no proxy."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    files = {"TLS_CERT_FILE": str(cert), "TLS_KEY_FILE": str(key)}

    assert len(problems(TRUSTED_PROXY_CIDRS=None, **files)) == 2
    cert.write_text("cert")
    key.write_text("key")
    assert problems(TRUSTED_PROXY_CIDRS=None, **files) == []


@pytest.mark.parametrize(
    ("there", "missing"),
    [("TLS_CERT_FILE", "TLS_KEY_FILE"), ("TLS_KEY_FILE", "TLS_CERT_FILE")],
)
def test_half_of_tls_is_refused(tmp_path: Path, there, missing):
    """A certificate without its key, and the other way round."""
    path = tmp_path / "half.pem"
    path.write_text("pem")

    assert problems(**{there: str(path)}) == [
        f"{missing}: is missing, and {there} is set"
    ]


def test_sqlite_in_production_is_a_decision():
    """SENTINEL_ALLOW_SQLITE=1 is it."""
    url = "sqlite:////data/sentinel.db"

    [problem] = problems(DATABASE_URL=url)

    assert problem.startswith("DATABASE_URL: is SQLite")
    assert problems(DATABASE_URL=url, SENTINEL_ALLOW_SQLITE="1") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SENTINEL_PORT", "0"),
        ("SENTINEL_PORT", "65536"),
        ("DRAIN_DELAY", "21"),
        ("DRAIN_DELAY", "-1"),
        ("DRAIN_DELAY", "nan"),
        ("SENTINEL_MAX_BODY_BYTES", "0"),
        ("SENTINEL_ADDRESS_RATE_PER_S", "0"),
        ("SENTINEL_ADDRESS_RATE_PER_S", "inf"),
        ("SENTINEL_QUEUE_MAX_JOBS", "1e3"),
        ("REQUIRE_TLS", "perhaps"),
    ],
)
def test_values_out_of_range_are_refused(name, value):
    """Numbers have bounds, and are numbers."""
    [problem] = problems(**{name: value})

    assert problem.startswith(f"{name}: ")


def test_all_problems_come_at_once():
    """One start tells everything."""
    told = problems(
        DATABASE_URL="postgresql://sentinel:short@db/x?sslmode=disable",
        CONTROLLER_SECRET_KEY=None,
        CONTROLLER_HMAC_SECRET=HMAC_SECRET[:9],
        TRUSTED_PROXY_CIDRS="nginx",
        TLS_KEY_FILE="/no/such/file",
        SENTINEL_PORT="http",
        SENTINEL_PROT="1",
        REQUIRE_TSL="true",
    )

    assert [problem.split(":")[0] for problem in told] == [
        *("DATABASE_URL", "CONTROLLER_SECRET_KEY", "CONTROLLER_HMAC_SECRET"),
        *("TRUSTED_PROXY_CIDRS", "TLS_KEY_FILE", "SENTINEL_PORT"),
        *("REQUIRE_TSL", "SENTINEL_PROT"),
    ]


def test_no_secret_is_shown():
    """Not whole and not in parts, in a repr or in a problem."""
    rng = random.Random(5)
    for length in range(8, 60):
        secret = rng.randbytes(length).hex()[:length]
        told = "\n".join(
            problems(
                CONTROLLER_SECRET_KEY=secret,
                CONTROLLER_HMAC_SECRET=secret,
                DATABASE_URL=f"postgresql://u:{secret}@db:{secret}/x",
            )
        )
        assert told
        assert secret[:8] not in told
    assert SECRET_KEY not in repr(load(ControllerSettings, environment()))


def test_the_disk_of_the_database_is_there(tmp_path):
    """Or the controller does not start: nobody would look at the right one."""
    file = tmp_path / "file"
    file.touch()

    assert problems(SENTINEL_DATABASE_DISK=str(tmp_path)) == []
    for missing in (file, tmp_path / "gone"):
        assert problems(SENTINEL_DATABASE_DISK=str(missing)) == [
            "SENTINEL_DATABASE_DISK: names no folder"
        ]
