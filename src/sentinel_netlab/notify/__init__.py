"""Outbound channels: one folder each, and one line here."""

from sentinel_netlab.notify.jsonl.channel import JsonlChannel
from sentinel_netlab.notify.log.channel import LogChannel
from sentinel_netlab.notify.message import Channel, Message, NotifyError
from sentinel_netlab.notify.syslog.channel import SyslogChannel
from sentinel_netlab.notify.webhook.channel import WebhookChannel

__all__ = (
    "Channel",
    "JsonlChannel",
    "LogChannel",
    "Message",
    "NotifyError",
    "SyslogChannel",
    "WebhookChannel",
)
