"""
A line of the worker's log for each notice.
"""

from __future__ import annotations

from typing import Any, Protocol

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.notify.message import Message, severity_of

_METHODS = {
    Severity.INFO: "info",
    Severity.LOW: "info",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "critical",
}


class Logger(Protocol):
    """What is needed of structlog."""

    def info(self, event: str, **values: Any) -> Any:
        """As structlog."""

    def warning(self, event: str, **values: Any) -> Any:
        """As structlog."""

    def error(self, event: str, **values: Any) -> Any:
        """As structlog."""

    def critical(self, event: str, **values: Any) -> Any:
        """As structlog."""


class LogChannel:
    """Event ``Alert``, at the level of the severity."""

    name = "log"
    quiet_s = 0.0
    least_severity = Severity.INFO

    def __init__(self, log: Logger) -> None:
        self._log = log

    async def send(self, message: Message) -> None:
        """Write a line each."""
        for notice in message.notices:
            write = getattr(self._log, _METHODS[severity_of(notice)])
            write("Alert", topic=message.topic, **notice)

    async def close(self) -> None:
        """Nothing is held."""
