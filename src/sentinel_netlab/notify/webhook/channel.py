"""
A post for each incident and minute at most.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import httpx
import msgspec

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.notify.message import TIMEOUT_S, Message, NotifyError
from sentinel_netlab.notify.webhook.signature import (
    DELIVERY,
    SIGNATURE,
    TIMESTAMP,
    signature,
)

REFUSES_CONTENT = (400, 413, 415, 422)
"""The same body will be refused again; any other failure may pass."""


class WebhookChannel:
    """
    Signed posts of JSON (`webhook.signature`).

    Args:
        clock: the time that is signed.
        transport: for tests.
    """

    name = "webhook"
    quiet_s = 60.0
    least_severity = Severity.LOW

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        clock: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_S,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def send(self, message: Message) -> None:
        """Post it; what is not answered by 2xx was not said."""
        body = body_of(message)
        now_s = int(self._clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            DELIVERY: message.id,
            TIMESTAMP: str(now_s),
            SIGNATURE: signature(self._secret, now_s, body),
        }
        try:
            # A stream, because what the receiver answers is not worth reading.
            async with self._client.stream(
                "POST", self._url, content=body, headers=headers
            ) as answer:
                status = answer.status_code
        except httpx.HTTPError as error:
            # Its text may hold the URL, which may hold a token.
            raise NotifyError(type(error).__name__) from None
        if not 200 <= status < 300:
            raise NotifyError(f"answered {status}", permanent=status in REFUSES_CONTENT)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def body_of(message: Message) -> bytes:
    """*message* as JSON."""
    return msgspec.json.encode(
        {
            "id": message.id,
            "kind": "digest" if len(message.notices) > 1 else "alert",
            "topic": message.topic,
            "created_at": message.created_at,
            "severity": message.severity.word,
            "count": len(message.notices),
            "notices": message.notices,
        }
    )
