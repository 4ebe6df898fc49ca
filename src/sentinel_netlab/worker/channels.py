"""
The channels that the settings name.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from sentinel_netlab.notify import (
    Channel,
    JsonlChannel,
    LogChannel,
    SyslogChannel,
    WebhookChannel,
)
from sentinel_netlab.notify.syslog.channel import tls_context
from sentinel_netlab.worker.settings import WorkerSettings


def make_channels(
    settings: WorkerSettings, log: FilteringBoundLogger, clock: Callable[[], datetime]
) -> list[Channel]:
    """
    The log, always, and what is configured beside it.

    Raises:
        OSError: the certificates of the syslog host cannot be read, or are none.
    """
    channels: list[Channel] = [LogChannel(log)]
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        secret = settings.webhook_secret.get_secret_value().encode()
        url = settings.webhook_url.get_secret_value()
        channels.append(WebhookChannel(url, secret, clock=clock))
    if settings.syslog_host is not None:
        channels.append(_syslog(settings, settings.syslog_host))
    if settings.jsonl_path is not None:
        channels.append(JsonlChannel(str(settings.jsonl_path)))
    return channels


def _syslog(settings: WorkerSettings, host: str) -> SyslogChannel:
    ca_file = settings.syslog_ca_file
    tls = None
    if settings.syslog_tls:
        tls = tls_context(None if ca_file is None else str(ca_file))
    return SyslogChannel(
        host,
        settings.syslog_port,
        tls=tls,
        own_name=socket.gethostname(),
        process=os.getpid(),
    )
