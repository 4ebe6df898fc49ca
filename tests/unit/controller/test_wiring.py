"""What becomes of the settings."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.support.app import Clock, StubProbe, sensor_key, settings_for

from sentinel_netlab.controller import wiring
from sentinel_netlab.controller.logs import make_logger
from sentinel_netlab.controller.probe import database_disks
from sentinel_netlab.controller.process import make_headroom, make_listeners
from sentinel_netlab.controller.wiring import (
    Clocks,
    make_ingest,
    make_services,
)
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.store.engine import make_engine

CLOCK = Clock()
CLOCKS = Clocks(CLOCK.wall, CLOCK.monotonic)
OTHER = "Wd4Hj8Ks1Lq5Zx9Cv3Bn7Mt2Py6RrEeGg0Uu"


def services(**settings):
    """Services that are asked nothing."""
    chosen = settings_for(**settings)
    return make_services(
        chosen,
        make_engine(chosen.database_url.get_secret_value()),
        StubProbe(),
        make_logger("info", CLOCK.wall, io.BytesIO()),
        CLOCKS,
    )


def test_keys_come_from_the_master_secret_and_the_one_before():
    """The current one is tried first."""
    ingest = make_ingest(settings_for(hmac_secret_previous=SecretStr(OTHER)), CLOCKS)

    assert ingest.keys.of("roof", 1) == [
        sensor_key("roof"),
        derive_key(OTHER.encode(), "roof", 1),
    ]


def test_limits_are_those_of_the_settings():
    """Each by its name."""
    ingest = make_ingest(
        settings_for(
            max_body_bytes=1,
            max_inflated_bytes=2,
            max_inflate_ratio=3,
            queue_max_jobs=4,
            queue_max_age_s=5.0,
            min_free_disk_bytes=6,
            retry_after_s=7,
        ),
        CLOCKS,
    )

    limits = ingest.pressure.limits
    assert ingest.max_body_bytes == 1
    assert (ingest.inflating.content_bytes, ingest.inflating.ratio) == (2, 3)
    assert (limits.queued_jobs, limits.oldest_age_s) == (4, 5.0)
    assert (limits.free_bytes, limits.retry_after_s) == (6, 7)


@pytest.mark.parametrize(("name", "burst"), [("address", 2), ("credential", 3)])
def test_each_bucket_has_its_burst(name, burst):
    """Addresses, and sensors."""
    ingest = make_ingest(settings_for(address_burst=2, credential_burst=3), CLOCKS)
    buckets = ingest.address_limit if name == "address" else ingest.sensor_limit

    taken = [buckets.take("a") == 0.0 for _ in range(burst + 1)]
    assert taken == [True] * burst + [False]


class TestDisk:
    def test_of_a_file_it_is_known(self, tmp_path):
        """The folder that has to have room; for readiness less of it."""
        settings = settings_for(f"sqlite:///{tmp_path / 'a.db'}")
        headroom = make_headroom(settings)

        assert database_disks(settings) == [tmp_path]
        assert headroom.folders == [tmp_path]
        assert headroom.min_free_bytes == settings.min_free_disk_bytes // 4

    def test_of_a_server_it_is_not(self):
        """Its disk is looked after where it is."""
        assert database_disks(settings_for()) == []
        assert make_headroom(settings_for()).folders == []
        assert make_ingest(settings_for(), CLOCKS).pressure._free_bytes() is None

    def test_of_a_server_it_may_be_named(self, tmp_path):
        """As a container sees the volume of another; all disks have to have room."""
        data, disk = tmp_path / "data", tmp_path / "disk"
        settings = settings_for(database_disk=disk)
        both = settings_for(f"sqlite:///{data / 'a.db'}", database_disk=disk)

        assert make_headroom(settings).folders == [disk]
        assert make_headroom(both).folders == [disk, data]

    def test_the_least_that_is_free_counts(self, tmp_path, monkeypatch):
        """Of all of its disks; one that is gone has no room."""
        monkeypatch.setattr(wiring, "free_bytes", {tmp_path: 5, Path("/x"): 3}.get)
        url = f"sqlite:///{tmp_path / 'a.db'}"
        ingest = make_ingest(settings_for(url, database_disk=Path("/x")), CLOCKS)

        assert ingest.pressure._free_bytes() == 3


def test_listeners():
    """The API with TLS, if it is our own; metrics apart and without."""
    api, metrics = make_listeners(services(port=8001, metrics_port=9001))

    assert (api.port, api.tls_cert) == (8001, None)
    assert (metrics.host, metrics.port) == ("127.0.0.1", 9001)
    assert metrics.tls_cert is None
