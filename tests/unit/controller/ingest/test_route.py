"""A batch goes into the queue once, and nothing else does."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.app import Lab, on_app, signer_for
from tests.support.batches import SENSOR, batch, observation, rows

from sentinel_netlab.core.inflate import zstd
from sentinel_netlab.core.wire import Batch, encode_batch
from sentinel_netlab.store.tables import ingest_jobs, sensor_nonces, sensors

URL = "/api/v1/telemetry"
PACK = {
    "identity": bytes,
    "gzip": gzip.compress,
    "zstd": zstd.compress,
}


def headers_for(lab: Lab, body: bytes, one: Batch, **options) -> dict[str, str]:
    """The headers of a request that the sensor signs."""
    signer = options.pop("signer", lab.signer)
    key = options.pop("key", one.batch_id)
    return signer.headers("POST", URL, body, idempotency_key=key, **options)


async def send(lab: Lab, one: Batch, body: bytes | None = None, **options):
    """Send *one*, or *body* in its name."""
    content = encode_batch(one) if body is None else body
    headers = headers_for(lab, content, one, **options)
    return await lab.http.post(URL, content=content, headers=headers)


async def jobs(lab: Lab) -> list[dict]:
    """What is in the queue."""
    async with lab.engine.connect() as c:
        return await rows(c, ingest_jobs, "batch_id")


async def change_sensor(lab: Lab, **values) -> None:
    """Change the row of the sensor."""
    async with lab.engine.begin() as c:
        await c.execute(
            sa.update(sensors).where(sensors.c.id == SENSOR).values(**values)
        )


@pytest.mark.parametrize("encoding", PACK)
def test_a_batch_is_queued_as_it_was_received(migrated_url, encoding):
    """202 with counts; the queue keeps the very bytes."""
    one = batch(1, observations=[observation(n) for n in range(3)])
    body = PACK[encoding](encode_batch(one))

    async def ask(lab):
        return await send(lab, one, body, encoding=encoding), await jobs(lab)

    answer, [job] = on_app(migrated_url, ask)
    assert answer.status_code == 202
    assert answer.json() == {
        "batch_id": one.batch_id,
        "status": "queued",
        "observations": 3,
        "alerts": 0,
    }
    assert (job["body"], job["encoding"]) == (body, encoding)
    assert (job["sensor_id"], job["status"]) == (SENSOR, "queued")


def test_the_same_bytes_again_are_a_duplicate(migrated_url):
    """200, however often; signed anew each time."""

    async def ask(lab):
        answers = [await send(lab, batch(1)) for _ in range(3)]
        return [a.status_code for a in answers], answers[-1].json(), await jobs(lab)

    statuses, last, queued = on_app(migrated_url, ask)
    assert statuses == [202, 200, 200]
    assert last["status"] == "duplicate"
    assert len(queued) == 1


def test_other_bytes_under_the_same_key_are_refused(migrated_url):
    """422, and the first stay."""

    async def ask(lab):
        await send(lab, batch(1))
        answer = await send(lab, batch(1, observations=[observation()]))
        return answer, await jobs(lab)

    answer, [job] = on_app(migrated_url, ask)
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_conflict"
    assert job["body"] == encode_batch(batch(1))


def test_a_request_sent_again_has_no_effect(migrated_url):
    """Neither on the queue nor on the limit of its sensor."""

    async def ask(lab):
        body = encode_batch(batch(1))
        headers = headers_for(lab, body, batch(1))
        first, *others = [
            await lab.http.post(URL, content=body, headers=headers) for _ in range(4)
        ]
        more = await send(lab, batch(2))
        return first, others, more, await jobs(lab)

    first, others, more, queued = on_app(migrated_url, ask, credential_burst=2)
    assert first.status_code == 202
    assert {(a.status_code, a.json()["code"]) for a in others} == {(401, "replayed")}
    assert more.status_code == 202
    assert len(queued) == 2


@pytest.mark.parametrize("offset_s", [-301, 301, 86_400])
def test_a_request_out_of_its_time_is_refused_with_our_time(migrated_url, offset_s):
    """So that the sensor can correct its clock."""

    async def ask(lab):
        signer = signer_for(lab.clock)
        signer.offset_s = offset_s
        return await send(lab, batch(1), signer=signer), await jobs(lab)

    answer, queued = on_app(migrated_url, ask)
    assert (answer.status_code, answer.json()["code"]) == (401, "timestamp_skew")
    assert not queued


class TestSender:
    @pytest.mark.parametrize(
        ("values", "status", "code"),
        [
            ({"status": "disabled"}, 403, "sensor_disabled"),
            ({"key_version": 0}, 401, "sensor_unknown"),
            ({"key_version": 3, "oldest_key_version": 2}, 401, "key_revoked"),
        ],
    )
    def test_who_may_no_more(self, migrated_url, values, status, code):
        """Its signature is good, and that is not enough."""

        async def ask(lab):
            await change_sensor(lab, **values)
            return await send(lab, batch(1)), await jobs(lab)

        answer, queued = on_app(migrated_url, ask)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not queued

    def test_a_version_that_is_not_yet_opens_nothing(self, migrated_url):
        """Keys can be derived for ever; the database says which are in use."""

        async def ask(lab):
            return await send(lab, batch(1), signer=signer_for(lab.clock, SENSOR, 2))

        assert on_app(migrated_url, ask).json()["code"] == "key_revoked"

    def test_a_stranger(self, migrated_url):
        """Nobody enrolled it."""

        async def ask(lab):
            signer = signer_for(lab.clock, "stranger")
            one = batch(1, "stranger")
            return await send(lab, one, signer=signer), await jobs(lab)

        answer, queued = on_app(migrated_url, ask)
        assert answer.json()["code"] == "sensor_unknown"
        assert not queued

    def test_a_sensor_speaks_only_as_itself(self, migrated_url):
        """Its signature is on another's batch."""

        async def ask(lab):
            return await send(lab, batch(1, "another")), await jobs(lab)

        answer, queued = on_app(migrated_url, ask)
        assert (answer.status_code, answer.json()["code"]) == (403, "sensor_mismatch")
        assert not queued


class TestContent:
    @pytest.mark.parametrize(
        ("content", "options", "status", "code"),
        [
            (b"{}", {}, 400, "bad_batch"),
            (b"\x1f\x8b", {"encoding": "gzip"}, 400, "bad_encoding"),
            (b"{}", {"encoding": "br"}, 415, "unsupported_encoding"),
            (b"{}", {"key": "x" * 32}, 400, "bad_idempotency_key"),
            (None, {"key": "f" * 32}, 400, "bad_idempotency_key"),
            (bytes(1025), {}, 413, "content_too_large"),
        ],
    )
    def test_refused(self, migrated_url, content, options, status, code):
        """With the status by which a sensor does not send it again."""

        async def ask(lab):
            return await send(lab, batch(1), content, **options), await jobs(lab)

        answer, queued = on_app(migrated_url, ask, max_body_bytes=1024)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not queued

    def test_the_settings_limit_what_is_inflated(self, migrated_url):
        """Also below what the wire allows."""
        one = batch(1, observations=[observation(n) for n in range(9)])
        body = gzip.compress(encode_batch(one))

        async def ask(lab):
            return await send(lab, one, body, encoding="gzip")

        answer = on_app(migrated_url, ask, max_inflated_bytes=1024)
        assert answer.status_code == 413

    @pytest.mark.parametrize(
        ("media_type", "status"),
        [("application/json; charset=utf-8", 202), ("text/plain", 415)],
    )
    def test_media_type(self, migrated_url, media_type, status):
        """JSON, or not said."""

        async def ask(lab):
            body = encode_batch(batch(1))
            headers = headers_for(lab, body, batch(1)) | {"content-type": media_type}
            return await lab.http.post(URL, content=body, headers=headers)

        assert on_app(migrated_url, ask).status_code == status


class TestLimits:
    def test_of_the_sensor(self, migrated_url):
        """429 with the time after which to come again; and then it is taken."""

        async def ask(lab):
            answers = [await send(lab, batch(n)) for n in range(3)]
            lab.clock.advance(float(answers[-1].headers["retry-after"]))
            return answers, await send(lab, batch(2))

        answers, later = on_app(
            migrated_url, ask, credential_burst=2, credential_rate_per_s=0.1
        )
        assert [a.status_code for a in answers] == [202, 202, 429]
        assert answers[-1].json()["code"] == "rate_limited"
        assert later.status_code == 202

    def test_of_the_address_comes_before_the_signature(self, migrated_url):
        """What is not even signed is counted."""

        async def ask(lab):
            answers = [await lab.http.post(URL, content=b"") for _ in range(3)]
            return [a.json()["code"] for a in answers]

        codes = on_app(migrated_url, ask, address_burst=2)
        assert codes == ["signature_missing", "signature_missing", "rate_limited"]


class TestPressure:
    def test_a_full_queue_takes_nothing(self, migrated_url):
        """429; the nonce is not used up, and the key not taken."""

        async def ask(lab):
            for number in range(3):
                lab.clock.advance(2)
                answer = await send(lab, batch(number))
            async with lab.engine.connect() as c:
                nonces = await rows(c, sensor_nonces)
            return answer, await jobs(lab), nonces

        answer, queued, nonces = on_app(migrated_url, ask, queue_max_jobs=1)
        assert (answer.status_code, answer.json()["code"]) == (429, "queue_full")
        assert answer.headers["retry-after"] == "15"
        assert len(queued) == len(nonces) == 2

    def test_an_old_queue_takes_nothing(self, migrated_url):
        """Nobody works on it."""

        async def ask(lab):
            await send(lab, batch(1))
            lab.clock.now += timedelta(hours=2)
            return await send(lab, batch(2))

        answer = on_app(migrated_url, ask)
        assert (answer.status_code, answer.json()["code"]) == (429, "queue_old")


def test_the_answer_comes_after_the_commit(migrated_url, monkeypatch):
    """Where the commit fails, nothing was taken."""

    async def ask(lab):
        def fail(connection):
            raise sa.exc.OperationalError("COMMIT", {}, Exception("disk full"))

        sa.event.listen(lab.engine.sync_engine, "commit", fail)
        answer = await send(lab, batch(1))
        sa.event.remove(lab.engine.sync_engine, "commit", fail)
        return answer, await jobs(lab)

    answer, queued = on_app(migrated_url, ask)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert not queued


def test_nothing_of_a_body_is_logged(migrated_url):
    """Neither of a good one nor of a bad one."""

    async def ask(lab):
        await send(lab, batch(1, observations=[observation(ssid=b"hunter2".hex())]))
        await send(lab, batch(2), json.dumps({"batch_id": "hunter2"}).encode())
        return lab.stream.getvalue()

    logged = on_app(migrated_url, ask)
    assert b"hunter2" not in logged
    assert b"hunter2".hex().encode() not in logged
