"""Syslog to real sockets."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.support.messages import message, notice

from sentinel_netlab.notify import NotifyError, SyslogChannel
from sentinel_netlab.notify.syslog.channel import tls_context


def certificate(folder) -> str:
    """A certificate of 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "host.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return str(path)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """One octet-counted message."""
    size = await reader.readuntil(b" ")
    return await reader.readexactly(int(size))


@asynccontextmanager
async def syslog_host(tls: ssl.SSLContext | None = None, *, hang_up: bool = False):
    """A host on loopback: its port, and a queue of what it reads."""
    lines: asyncio.Queue[bytes] = asyncio.Queue()

    async def serve(reader, writer):
        try:
            while True:
                lines.put_nowait(await read_frame(reader))
                if hang_up:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], lines


def channel_to(port: int, tls: ssl.SSLContext | None = None) -> SyslogChannel:
    """A channel to the host on *port*."""
    return SyslogChannel("127.0.0.1", port, tls=tls, own_name="w", process=1)


def test_digest_is_one_frame_each():
    """A reader that counts octets finds the messages again."""

    async def run():
        async with syslog_host() as (port, lines):
            channel = channel_to(port)
            await channel.send(message(notice(), notice("closed", description="\n]")))
            got = [await lines.get(), await lines.get()]
            await channel.close()
            return got

    first, second = asyncio.run(run())

    assert first.startswith(b"<35>1 ")
    assert b'what="closed"' in second


def test_connection_is_made_again():
    """A host that was restarted gets the next message."""

    async def run():
        async with syslog_host(hang_up=True) as (port, lines):
            channel = channel_to(port)
            for _ in range(3):
                await channel.send(message())
                await lines.get()
                assert await channel._streams[0].read() == b""
            await channel.close()

    asyncio.run(run())


def test_tls_checks_the_host(tmp_path):
    """With its certificate it is heard; without, nothing is sent."""
    path = certificate(tmp_path)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(path)

    async def run():
        async with syslog_host(server_side) as (port, lines):
            trusting = channel_to(port, tls_context(path))
            await trusting.send(message())
            line = await lines.get()
            await trusting.close()
            with pytest.raises(NotifyError, match="SSLCertVerificationError"):
                await channel_to(port, tls_context(None)).send(message())
            return line, lines.qsize()

    line, more = asyncio.run(run())

    assert line.startswith(b"<35>1 ")
    assert more == 0


def test_unreachable_host_is_a_failure():
    """To be tried again."""
    with pytest.raises(NotifyError, match="ConnectionRefused") as caught:
        asyncio.run(channel_to(9).send(message()))

    assert not caught.value.permanent
