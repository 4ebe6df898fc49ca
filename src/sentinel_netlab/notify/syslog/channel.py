"""
One connection to a syslog host, made again when it is lost.

Syslog has no receipts: what the kernel took before the other side went away is lost.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.notify.message import TIMEOUT_S, Message, NotifyError
from sentinel_netlab.notify.syslog.format import format_notice, frame


class SyslogChannel:
    """
    RFC 5424 over TCP, or TLS if there is a context.

    Args:
        tls: how the host is checked; None: plain TCP.
        own_name, process: what the messages say of where they come from.
    """

    name = "syslog"
    quiet_s = 0.0
    least_severity = Severity.INFO

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None,
        own_name: str,
        process: int,
    ) -> None:
        self._address = (host, port)
        self._tls = tls
        self._own_name = own_name
        self._process = process
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, message: Message) -> None:
        """Write a message for each notice."""
        data = b"".join(
            frame(
                format_notice(
                    notice,
                    host=self._own_name,
                    process=self._process,
                    created_at=message.created_at,
                )
            )
            for notice in message.notices
        )
        try:
            async with asyncio.timeout(TIMEOUT_S):
                writer = await self._writer()
                writer.write(data)
                await writer.drain()
        except (OSError, TimeoutError) as error:
            await self.close()
            raise NotifyError(f"{type(error).__name__}: {error}") from None

    async def close(self) -> None:
        """End the connection."""
        streams, self._streams = self._streams, None
        if streams is None:
            return
        streams[1].close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await streams[1].wait_closed()

    async def _writer(self) -> asyncio.StreamWriter:
        if self._streams is not None:
            reader, writer = self._streams
            # The host sends nothing; an end of it means that it is gone.
            await asyncio.sleep(0)
            if not reader.at_eof() and not writer.is_closing():
                return writer
            await self.close()
        host, port = self._address
        name = host if self._tls is not None else None
        self._streams = await asyncio.open_connection(
            host, port, ssl=self._tls, server_hostname=name
        )
        return self._streams[1]


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Check the host by the certificates of *ca_file*, None: by the system's."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
