"""
Batches into the queue: those that come at the same time in one transaction.

A commit costs the same for one batch and for ten.  While one is under way, others
gather for the next, which begins at once when they are many; who comes alone does not
wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sentinel_netlab.controller.ingest.refusals import refusal
from sentinel_netlab.controller.ingest.signed import SignedRequest, admit_all
from sentinel_netlab.controller.ingest.state import Ingest
from sentinel_netlab.controller.problems import Problem, from_database
from sentinel_netlab.store.queue import Enqueued, Received, enqueue_all
from sentinel_netlab.store.signers import Signer, forget_nonces

AT_ONCE = 32
"""Batches of one transaction: 32 MiB at most."""
MANY = 8
LANES = {"sqlite": 1, "postgresql": 3}
"""Transactions under way; those beside the first are begun for `MANY` batches."""
Answer = Enqueued | Exception


class Intake:
    """Takes signed batches; one for a process."""

    def __init__(self, engine: AsyncEngine, ingest: Ingest) -> None:
        self._engine = engine
        self._ingest = ingest
        self._waiting: list[tuple[SignedRequest, asyncio.Future[Enqueued]]] = []
        self._lanes = LANES[engine.dialect.name]
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, signed: SignedRequest) -> Enqueued:
        """
        Put a batch into the queue; returns after the commit.

        Raises:
            Problem: its sensor may not, or there is no room.
        """
        future: asyncio.Future[Enqueued] = asyncio.get_running_loop().create_future()
        self._waiting.append((signed, future))
        if len(self._tasks) < self._lanes and self._is_worth_it(len(self._tasks)):
            self._tasks.add(asyncio.create_task(self._work()))
        return await future

    def _is_worth_it(self, others: int) -> bool:
        """Whether what waits is to be taken while *others* are at work."""
        return len(self._waiting) >= (MANY if others else 1)

    async def _work(self) -> None:
        """Take what waits, as long as it is worth it."""
        try:
            while self._is_worth_it(len(self._tasks) - 1):
                group = self._waiting[:AT_ONCE]
                del self._waiting[:AT_ONCE]
                # Who went away meanwhile will send it again.
                await self._answer([one for one in group if not one[1].done()])
        finally:
            # Before anybody else runs: what comes now has to begin anew.
            self._tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _answer(
        self, group: Sequence[tuple[SignedRequest, asyncio.Future[Enqueued]]]
    ) -> None:
        answers = await self._answers([signed for signed, _ in group])
        for (_, future), answer in zip(group, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    async def _answers(self, requests: Sequence[SignedRequest]) -> Sequence[Answer]:
        if not requests:
            return ()
        try:
            async with self._engine.begin() as c:
                return await self._take_all(c, requests)
        except Exception as error:  # noqa: BLE001  # who asked is told
            if len(requests) == 1 or from_database(error) is not None:
                return [error] * len(requests)
        # It may be the fault of one of them: each for itself.
        return [(await self._answers([one]))[0] for one in requests]

    async def _take_all(
        self, c: AsyncConnection, requests: Sequence[SignedRequest]
    ) -> list[Answer]:
        now = self._ingest.clock()
        found = await admit_all(c, requests, self._ingest, now)
        admitted = [
            one
            for one, answer in zip(requests, found, strict=True)
            if isinstance(answer, Signer)
        ]
        full = await self._ingest.pressure.look(c, now) if admitted else None
        queued: list[Answer]
        if full is not None:
            wait_s = self._ingest.pressure.limits.retry_after_s
            queued = [refusal(full, retry_after_s=wait_s) for _ in admitted]
        elif admitted:
            queued = list(await enqueue_all(c, list(map(_received, admitted)), now))
        else:
            queued = []
        in_turn = iter(queued)
        answers = [next(in_turn) if isinstance(a, Signer) else a for a in found]
        await _take_back(c, requests, answers)
        return answers


def _received(signed: SignedRequest) -> Received:
    by = signed.by
    return Received(
        by.sensor_id,
        by.idempotency_key,
        signed.body,
        by.content_encoding,
        signed.digest,
    )


async def _take_back(
    c: AsyncConnection, requests: Sequence[SignedRequest], answers: Sequence[Answer]
) -> None:
    """Leave nothing of the requests that were refused."""
    refused = [
        (one.by.keyid, one.by.nonce)
        for one, answer in zip(requests, answers, strict=True)
        if isinstance(answer, Problem) and answer.code != "replayed"
    ]
    await forget_nonces(c, refused)
