"""How many requests are being answered."""

from __future__ import annotations

import asyncio

from sentinel_netlab.controller.lifecycle import Lifecycle


def test_idle_waits_for_the_last_request():
    """Both of two have to end."""

    async def run():
        life = Lifecycle()
        life.enter()
        life.enter()
        waiting = asyncio.create_task(life.idle(60))
        life.leave()
        await asyncio.sleep(0)
        assert not waiting.done()
        life.leave()
        return await waiting

    assert asyncio.run(run())


def test_idle_gives_up():
    """Within its time, and says so."""

    async def run():
        life = Lifecycle()
        life.enter()
        return await life.idle(0.01)

    assert not asyncio.run(run())


def test_without_requests_it_is_idle_at_once():
    """Also when the time is over already."""
    assert asyncio.run(Lifecycle().idle(0))
