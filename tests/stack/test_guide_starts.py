"""
What docs/prod tells of first starts: a database of the older version, secrets, the end.
"""

from __future__ import annotations

import re
import shutil

import pytest
from tests.support.shared import SHARED
from tests.support.stack import COMPOSE, Stack

IMAGE = "localhost/sentinel-netlab:0.1.0"


@pytest.fixture
def prepared(fresh: Stack) -> Stack:
    """After the guide's first step."""
    fresh.typed("cp ops/.env.prod.example ops/.env")
    fresh.typed("chmod 600 ops/.env")
    fresh.fill_in_secrets()
    return fresh


# --- a database of the older version ---


@pytest.fixture
def wild(prepared: Stack) -> Stack:
    """A dump of the older version, loaded as the guide says."""
    shutil.copy(SHARED / "legacy/shape_d.pg.sql", prepared.folder / "older.sql")
    prepared.typed(f"{COMPOSE} up -d --wait postgres")
    prepared.typed(f"{COMPOSE} up roles")
    prepared.typed(
        f"{COMPOSE} exec -T postgres psql -q -v ON_ERROR_STOP=1 -U postgres"
        " -d sentinel < older.sql"
    )
    prepared.typed(f"{COMPOSE} up roles")
    return prepared


def test_wild_database_is_adopted(wild: Stack) -> None:
    """Refused first, recognised, adopted with every row; tokens and sensors as told."""
    wild.typed("docker compose up -d", status=1)
    [migration] = wild.containers("migration", every=True)
    assert wild.inspect(migration)["State"]["ExitCode"] == 3

    look = wild.typed(f"{COMPOSE} run --rm migration sentinel db adopt --dry-run")
    assert re.search(r"telemetry\s+420 rows", look.stdout)
    assert re.search(r"the tables have shape .*, which is known", look.stdout)
    assert wild.sql("SELECT to_regclass('alembic_version') IS NULL") == "t"

    done = wild.typed(f"{COMPOSE} run --rm migration sentinel db adopt --yes")
    assert re.search(r"telemetry\s+420 of 420 rows kept", done.stdout)
    wild.typed(f"{COMPOSE} up -d")
    wild.until_ready()

    tokens = wild.typed("docker compose exec controller sentinel token list").stdout
    assert tokens.count("adopted, opens nothing") == 3
    wild.typed("docker compose exec controller sentinel sensors enroll sensor-01")
    sensors = wild.typed("docker compose exec controller sentinel sensors list").stdout
    assert re.search(r"sensor-01\t\w+\tno site\thas not joined", sensors)
    assert re.search(r"sensor-02\t\w+\tno site\tno key", sensors)


def test_wild_database_is_stamped_by_hand(wild: Stack) -> None:
    """The guide's command, then a start."""
    wild.typed(f"{COMPOSE} run --rm migration python -m alembic stamp 4085bd1d44e4")
    wild.typed(f"{COMPOSE} up -d")
    wild.until_ready()

    assert wild.sql("SELECT count(*) FROM telemetry") == "420"


# --- settings without an editor ---


@pytest.fixture
def image(fresh: Stack) -> Stack:
    """With the image that writes settings."""
    fresh.typed(
        "docker build -q -f ops/docker/Dockerfile -t localhost/sentinel-netlab:0.1.0 ."
    )
    return fresh


def test_settings_are_written(image: Stack) -> None:
    """Once, for its owner alone; a start needs nothing else."""
    command = (
        'docker run --rm --user "$(id -u)" --workdir / -v "$PWD/ops:/ops"'
        " localhost/sentinel-netlab:0.1.0 sentinel init prod --name wids.example"
    )
    image.typed(command)
    again = image.typed(command, status=2)
    image.up()

    assert image.env_file.stat().st_mode & 0o777 == 0o600
    assert "is not overwritten" in again.output
    assert "wids.example" in image.logs("certificate")


def test_secrets_in_files(image: Stack) -> None:
    """The env file has none, nor has `docker inspect`."""
    image.typed(
        'docker run --rm --user "$(id -u)" --workdir / -v "$PWD/ops:/ops"'
        " localhost/sentinel-netlab:0.1.0 sentinel init prod --secrets files"
    )
    image.typed("chgrp -R 10001 ops/secrets")
    image.typed("chown -R 70 ops/secrets/postgres")
    image.typed("docker compose up -d")
    image.until_ready()
    files = [one for one in (image.folder / "ops/secrets").rglob("*") if one.is_file()]
    kept = [one.read_text().strip() for one in files if one.name != ".gitkeep"]
    shown = image.engine.docker("inspect", *image.containers("", every=True))

    assert len(kept) == 5
    assert all(one not in shown for one in kept)
    assert all(one not in image.env_file.read_text() for one in kept)
    image.typed("docker compose up -d --force-recreate")
    image.until_ready()


# --- the end ---


def test_uninstall_keeps_data_unless_told(prepared: Stack) -> None:
    """`down` keeps the volumes; with `--volumes` none is left."""
    prepared.up()
    prepared.typed('docker compose --profile "*" down')
    names = prepared.engine.docker("volume", "ls", "-q")
    assert "sentinel-netlab_postgres-data" in names.split()

    prepared.typed('docker compose --profile "*" down --volumes')
    volumes = prepared.engine.docker("volume", "ls", "-q").split()
    assert [one for one in volumes if one.startswith("sentinel-netlab_")] == []
