"""Notices as lines of the log."""

from __future__ import annotations

import asyncio

import structlog
from tests.support.messages import message, notice

from sentinel_netlab.notify import LogChannel


def test_level_is_that_of_the_severity():
    """Each notice is one event with what it tells."""
    log = structlog.testing.CapturingLogger()
    sent = message(notice(severity="info"), notice("closed", severity="critical"))

    asyncio.run(LogChannel(log).send(sent))

    assert [call.method_name for call in log.calls] == ["info", "critical"]
    assert log.calls[1].args == ("Alert",)
    assert log.calls[1].kwargs["what"] == "closed"
    assert log.calls[1].kwargs["alert"]["code"] == "WD101"
