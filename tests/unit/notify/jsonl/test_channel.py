"""Lines of JSON in a file that others rotate."""

from __future__ import annotations

import asyncio
import json
import os

import pytest
from tests.support.messages import message, notice

from sentinel_netlab.notify import JsonlChannel, NotifyError


def send(channel: JsonlChannel, *messages) -> None:
    """Say *messages* one after another."""

    async def run():
        for one in messages:
            await channel.send(one)

    asyncio.run(run())


def test_one_line_for_each_notice(tmp_path):
    """Appended to what is there."""
    path = tmp_path / "alerts.jsonl"
    path.write_text('{"old": 1}\n')
    channel = JsonlChannel(str(path))

    send(channel, message(notice(), notice("closed")))
    asyncio.run(channel.close())

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0] == {"old": 1}
    assert [line["what"] for line in lines[1:]] == ["raised", "closed"]


def test_renamed_file_is_opened_anew(tmp_path):
    """As log rotation does it."""
    path = tmp_path / "alerts.jsonl"
    channel = JsonlChannel(str(path))
    send(channel, message(name="1"))
    path.rename(tmp_path / "alerts.jsonl.1")

    send(channel, message(name="2"))
    asyncio.run(channel.close())

    assert json.loads(path.read_text())["id"] == "2"
    assert json.loads((tmp_path / "alerts.jsonl.1").read_text())["id"] == "1"


def test_full_disk_tears_no_other_line(tmp_path, monkeypatch):
    """What was cut off stands on a line of its own."""
    path = tmp_path / "alerts.jsonl"
    channel = JsonlChannel(str(path))
    write, calls = os.write, iter([5, OSError(28, "No space left on device")])

    def short(file: int, data: bytes) -> int:
        step = next(calls, len(data))
        if isinstance(step, OSError):
            raise step
        return write(file, data[:step])

    monkeypatch.setattr(os, "write", short)
    with pytest.raises(NotifyError, match="No space left"):
        send(channel, message(name="1"))
    send(channel, message(name="1"))
    asyncio.run(channel.close())

    torn, whole = path.read_text().splitlines()
    assert len(torn) == 5
    assert json.loads(whole)["id"] == "1"


def test_missing_folder_is_a_failure(tmp_path):
    """To be tried again; somebody may mount it."""
    with pytest.raises(NotifyError, match="No such file"):
        send(JsonlChannel(str(tmp_path / "no" / "alerts.jsonl")), message())
