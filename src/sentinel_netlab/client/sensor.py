"""
The controller as a sensor sees it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from sentinel_netlab.client.answers import Answer, Outcome, read_answer
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.configuration import Heartbeat

TELEMETRY = "/api/v1/telemetry"
HEARTBEAT = "/api/v1/sensors/heartbeat"
JOIN = "/api/v1/sensors/join"
EVIDENCE = "/api/v1/alerts/{alert_id}/evidence"
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
MAX_EXCHANGE_S = 120.0
MAX_ANSWER_BYTES = 4 << 20
"""Of a policy at its largest; whoever sends more is not the controller."""
JSON_TYPE = "application/json"
PCAPNG_TYPE = "application/x-pcapng"


def check_base_url(base_url: str) -> httpx.URL:
    """
    *base_url*, if what is sent there cannot be read on the way.

    Raises:
        ValueError: it is neither https nor of this machine, or has a path.
    """
    url = httpx.URL(base_url)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("the controller's URL begins with https://")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise ValueError("http:// is for this machine only; use https://")
    if url.path not in {"", "/"} or url.query or url.fragment or url.userinfo:
        raise ValueError("the controller's URL is scheme, host and port alone")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class SensorClient:
    """
    Sends what a sensor has to say; an async context manager.

    Nothing is sent twice by itself, but for a signature that another would mend, once
    for a request: the controller found it out of time, and the signer learns the
    controller's time; or the signer was given a new key meanwhile.

    Args:
        base_url: https, or http on this machine.
        signer: the sensor's key; None: it can only join.
        transport, verify: as httpx has them.

    Raises:
        ValueError: *base_url* is none that may be used.
    """

    def __init__(
        self,
        base_url: str,
        signer: Signer | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        verify: Any = True,
    ) -> None:
        self.signer = signer
        self._http = httpx.AsyncClient(
            base_url=check_base_url(base_url),
            transport=transport,
            verify=verify,
            timeout=TIMEOUT,
            headers={"Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def send_batch(
        self, batch_id: str, body: bytes, encoding: str = "zstd"
    ) -> Answer:
        """
        Send an encoded batch; each time the same bytes under the same id.

        Raises:
            httpx.TransportError: there was no answer.
        """
        return await self._signed("POST", TELEMETRY, body, batch_id, encoding)

    async def heartbeat(self, report: Heartbeat | dict[str, Any]) -> Answer:
        """Tell how the sensor is; `client.wanted.read_heartbeat` reads the answer."""
        body = msgspec.json.encode(report)
        return await self._signed("POST", HEARTBEAT, body, secrets.token_hex(16))

    async def put_evidence(self, alert_id: str, pcapng: bytes) -> Answer:
        """Give the frames behind an alert, before or after the alert itself."""
        target = EVIDENCE.format(alert_id=alert_id)
        return await self._signed(
            "PUT", target, pcapng, secrets.token_hex(16), kind=PCAPNG_TYPE
        )

    async def join(self, code: str, *, now: datetime) -> Answer:
        """
        Exchange a one-time code for a key; the only request without one.

        `client.wanted.read_joined` reads the answer.
        """
        body = msgspec.json.encode({"code": code})
        headers = {"Content-Type": JSON_TYPE}
        status, fields, content = await self._ask("POST", JOIN, body, headers)
        return read_answer(status, fields, content, now)

    async def _signed(
        self,
        method: str,
        target: str,
        body: bytes,
        idempotency_key: str,
        encoding: str = "identity",
        *,
        kind: str = JSON_TYPE,
    ) -> Answer:
        if self.signer is None:
            raise ValueError("a sensor that has not joined has no key")
        signer = self.signer
        for is_last in (False, True):
            key = (signer.key_version, signer.key)
            headers = signer.headers(
                method,
                target,
                body,
                idempotency_key=idempotency_key,
                encoding=encoding,
            )
            headers["Content-Type"] = kind
            status, fields, content = await self._ask(method, target, body, headers)
            answer = read_answer(status, fields, content, signer.clock())
            has_new_key = key != (signer.key_version, signer.key)
            if is_last or not _is_mended(signer, answer, fields, has_new_key):
                break
        return answer

    async def _ask(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and body of one answer; b"" for a body that is not ours."""
        asked = self._http.stream(method, target, content=body, headers=headers)
        try:
            async with asyncio.timeout(MAX_EXCHANGE_S), asked as response:
                content = await _read(response)
        except TimeoutError:
            # The transport's own limits are for each read, however little it brings.
            raise httpx.ReadTimeout("the answer did not end") from None
        return response.status_code, response.headers, content


async def _read(response: httpx.Response) -> bytes:
    """The body; b"" if it is none that the controller sends, for others answer too."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return b""
    content = b""
    async for part in response.aiter_bytes():
        content += part
        if len(content) > MAX_ANSWER_BYTES:
            return b""
    return content


def _is_mended(
    signer: Signer,
    answer: Answer,
    fields: httpx.Headers,
    has_new_key: bool,  # noqa: FBT001  # of this module alone
) -> bool:
    """Whether another signature may do better."""
    if answer.outcome is not Outcome.BARRED:
        return False
    if answer.code == "timestamp_skew":
        return signer.learn_time(fields.get("date", ""))
    if answer.code == "replayed":
        # A proxy sent a copy to another replica after the first had died with it.
        return True
    # A new key came while this request was under way, and another one used it first.
    return answer.code == "key_revoked" and has_new_key
