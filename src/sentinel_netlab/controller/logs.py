"""
Logs: one JSON object per line, in UTC, that no input can break or read secrets from.

Control characters and everything that is not ASCII are escaped, API tokens and the
passwords of URLs are blotted out, bodies are never given to it.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from sentinel_netlab.store.outages import error_text, outage_of

MAX_TEXT_CHARS = 16_384
_TOKEN = re.compile(r"(snl(?:_|%5f)[a-z]+(?:_|%5f))[A-Za-z0-9_%.~-]+", re.IGNORECASE)
_PASSWORD = re.compile(r"(://[^\s:/@]*:)[^\s/@]+(@)")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}

Event = MutableMapping[str, Any]


def make_logger(
    level: str, clock: Callable[[], datetime], stream: BinaryIO
) -> FilteringBoundLogger:
    """
    A logger that writes to `stream`.

    Args:
        level: debug, info, warning, error or critical, in any case.
        clock: gives aware times.
        stream: binary; what it refuses is lost, never raised to the caller.
    """
    logger = structlog.wrap_logger(
        Lines(stream),
        processors=_processors(clock),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level.lower()]),
        context_class=dict,
    )
    return cast("FilteringBoundLogger", logger.bind())


def take_over(log: FilteringBoundLogger, level: str) -> None:
    """Send what libraries log by the standard library's logging the same way."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(Bridge(log))
    root.setLevel(max(_LEVELS[level.lower()], logging.WARNING))


class Lines:
    """
    Where lines go.

    A full disk or a closed pipe loses lines: a request does not fail for its log line.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def msg(self, line: bytes) -> None:
        """Write one line in one call, so that lines of threads do not mix."""
        try:
            self._stream.write(line)
            self._stream.flush()
        except (OSError, ValueError):
            return

    debug = info = warning = error = critical = exception = msg


class Bridge(logging.Handler):
    """Hands the records of the standard library's logging to structlog."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One record is one line."""
        try:
            facts = {"logger": record.name, "message": record.getMessage()}
            error = record.exc_info[1] if record.exc_info else None
            if error is not None and outage_of(error) is not None:
                # as a pool says of each connection that it had
                self._log.warning("Library", **facts, error=error_text(error))
                return
            level = min(record.levelno, logging.CRITICAL)
            self._log.log(level, "Library", **facts, exc_info=record.exc_info)
        except Exception:  # noqa: BLE001  # logging never breaks what it watches
            self.handleError(record)


def _processors(clock: Callable[[], datetime]) -> list[Processor]:
    def stamp(_logger: object, _method: str, event: Event) -> Event:
        now = clock().astimezone(UTC)
        return {"timestamp": now.isoformat().replace("+00:00", "Z"), **event}

    return [
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        stamp,
        _blot,
        _render,
    ]


def _blot(_logger: object, _method: str, event: Event) -> Event:
    """Tokens and passwords out, long texts cut, at any depth."""
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)  # JSON has no NaN
    if value is None or isinstance(value, (bool, int)):
        return value
    return clean_text(str(value))


def clean_text(text: str) -> str:
    """Without tokens and passwords, and not longer than `MAX_TEXT_CHARS`."""
    if len(text) > MAX_TEXT_CHARS:
        text = text[:MAX_TEXT_CHARS] + "…"
    if "snl" in text.lower():
        text = _TOKEN.sub(r"\1***", text)
    if "://" in text:
        text = _PASSWORD.sub(r"\1***\2", text)
    return text


def _render(_logger: object, _method: str, event: Event) -> bytes:
    # json escapes all below 0x20 and above 0x7e but for DEL
    line = json.dumps(event, allow_nan=False, separators=(",", ":"))
    return line.replace("\x7f", "\\u007f").encode("ascii") + b"\n"
