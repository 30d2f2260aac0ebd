"""
The heartbeat of a connection: to ask a silent peer for a sign of life.

It runs beside the handler. So that a peer is heard of though its handler is busy, a
reader reads ahead; and a peer whose messages wait to be received is not silent.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar, final

import anyio
from anyio.abc import TaskGroup
from attrs import frozen

from typedws.close import CloseCode
from typedws.connection import Connection
from typedws.deadlines import finishes_within
from typedws.ended import WebSocketDisconnect
from typedws.interruption import has_cancellation
from typedws.limiting import Limiter
from typedws.limits import Heartbeat
from typedws.messages import payload_event
from typedws.reader import Reader

__all__ = ["run_with_heartbeat"]

ResultT = TypeVar("ResultT")

_NO_SIGN: Final = (int(CloseCode.GOING_AWAY), "no sign of life")

_LEAST: Final = 0.001
"""Seconds. Less, as rounding leaves it, does not move a clock that jumps."""


async def run_with_heartbeat(
    connection: Connection, heartbeat: Heartbeat, call: Callable[[], Awaitable[ResultT]]
) -> ResultT:
    """
    Make a call, and keep the heartbeat of a connection meanwhile.

    Raises:
        BaseException: What either of the two has raised first, as it is.
    """
    failures: list[BaseException] = []
    results: list[ResultT] = []
    async with anyio.create_task_group() as tasks:

        async def beat() -> None:
            try:
                await _beat(connection, heartbeat, tasks)
            except BaseException as error:
                if has_cancellation(error):
                    raise
                failures.append(error)
                tasks.cancel_scope.cancel()

        tasks.start_soon(beat)
        try:
            results.append(await call())
        except BaseException as error:
            if has_cancellation(error):
                raise
            failures.append(error)
        tasks.cancel_scope.cancel()
    return _result_of(results, failures)


def _result_of(results: list[ResultT], failures: list[BaseException]) -> ResultT:
    try:
        if failures:
            raise failures[0]
        if not results:
            # The server has cancelled what one of the tasks waited for (granian can),
            # and so whatever waits for it.
            raise asyncio.CancelledError
        return results[0]
    finally:
        # What traces a failure leads to this list, which must not lead back.
        failures.clear()


async def _beat(connection: Connection, heartbeat: Heartbeat, tasks: TaskGroup) -> None:
    await connection.wait_until_answered()
    limiter = connection.limiter
    if limiter is None:
        return  # it was refused
    reader = connection.read_ahead()
    tasks.start_soon(reader.read)
    await _Pulse(connection, heartbeat, limiter, reader).watch()


@final
@frozen(eq=False, order=False)
class _Pulse:
    connection: Connection
    heartbeat: Heartbeat
    limiter: Limiter
    reader: Reader

    async def watch(self) -> None:
        """Ask again and again, until the connection is over."""
        while not self.connection.is_over():
            silence = self._silence()
            if silence < self.heartbeat.every:
                await anyio.sleep(max(_LEAST, self.heartbeat.every - silence))
            elif not await self._answers():
                await self.limiter.end(_NO_SIGN)

    def _silence(self) -> float:
        if self._is_kept_waiting():
            return 0.0
        return anyio.current_time() - self.limiter.heard_at

    async def _answers(self) -> bool:
        asked_at = anyio.current_time()
        await finishes_within(self.heartbeat.within, self._ask())
        await anyio.sleep_until(asked_at + self.heartbeat.within)
        return self.limiter.heard_at >= asked_at or self._is_kept_waiting()

    def _is_kept_waiting(self) -> bool:
        # What it has sent is not read before the handler, or the rate, allows it.
        return self.reader.is_full() or self.limiter.is_holding_off()

    async def _ask(self) -> None:
        try:
            await self.connection.send(payload_event(self.heartbeat.payload))
        except Exception as error:
            with suppress(WebSocketDisconnect):
                await self.connection.explain(error)
                raise
