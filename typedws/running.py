"""
Running what belongs to a connection: what receives, what sends, and whatever else.

One task group owns it all. So no task is left behind, and there is one way out, with
the proof that the connection is over.
"""

import asyncio
import math
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
)
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import Final, TypeAlias, TypeGuard, TypeVar, final

import anyio
from attrs import define, field

from typedws.callables import problem_with, refusal
from typedws.connection import Connection
from typedws.ended import ClosedWebSocket, WebSocketDisconnect, leaves
from typedws.halves import WebSocketWriter
from typedws.iteration import Messages
from typedws.reader import Reader

__all__ = ["Job", "check_job", "run_jobs", "send_each"]

Out = TypeVar("Out")

Job: TypeAlias = Callable[[], Awaitable[object]]
"""Something that is done beside a connection, for as long as that lasts."""


async def run_jobs(
    connection: Connection, receive: Job | None, others: Iterable[Job]
) -> None:
    """
    Run jobs until the first is done, or the connection is over.

    Args:
        connection: The connection.
        receive: What receives. It is not cancelled when the peer goes, since it may
            still have messages to receive; then its messages end. Without it, what the
            peer sends is dropped.
        others: The other jobs. They are cancelled when the peer goes.

    Raises:
        ConcurrentReceiveError: Another task is receiving.
        ExceptionGroup: Several jobs have failed; the failure of one is raised as it is.
        CancelledError: On asyncio, what a job has waited for was cancelled.
    """
    if connection.receiving:
        await connection.await_turn("run()")
    if connection.is_over():
        # Nothing can be sent any more, but what came before is still to be received.
        if receive is None or isinstance(connection.current, ClosedWebSocket):
            return
        others = ()
    run = _Run(connection)
    try:
        await run.run(receive or run.drop_messages, tuple(others))
    finally:
        run.raise_failures()
    if run.is_cut_off:
        raise asyncio.CancelledError


@final
@define(eq=False, order=False)
class _Run:
    connection: Connection
    is_cut_off: bool = field(default=False, init=False)
    _failures: list[Exception] = field(factory=list[Exception], init=False)
    _scope: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)

    async def run(self, receive: Job, others: tuple[Job, ...]) -> None:
        reader = self.connection.read_ahead()
        is_ours, claim = reader.claim(), reader.claims
        try:
            with self._scope:
                async with anyio.create_task_group() as tasks:
                    if is_ours:
                        tasks.start_soon(self._read_ahead, reader)
                    tasks.start_soon(self._receive, receive)
                    if others:
                        tasks.start_soon(self._run_others, others)
        finally:
            if is_ours:
                reader.release(claim)  # a task that was cancelled early has not begun

    async def _read_ahead(self, reader: Reader) -> None:
        try:
            await reader.read()
        except asyncio.CancelledError:
            self._note_cancellation()
            raise

    async def _receive(self, job: Job) -> None:
        await self._until_done(job)
        # What is read ahead, at the end of the connection as well, was for nobody else.
        self._scope.cancel()

    async def _run_others(self, others: tuple[Job, ...]) -> None:
        async with anyio.create_task_group() as tasks:
            for job in others:
                tasks.start_soon(self._until_done, job)
            await self.connection.wait_until_over()
            tasks.cancel_scope.cancel()

    async def _until_done(self, job: Job) -> None:
        try:
            await job()
        except Exception as error:  # noqa: BLE001 - raised when all tasks have ended
            if not self._is_the_end(error):
                self._failures.append(error)
                self._scope.cancel()
        except asyncio.CancelledError:
            self._note_cancellation()
            raise
        # At the end of the connection what receives still has to get what came before.
        if not self.connection.is_over():
            self._scope.cancel()

    def _note_cancellation(self) -> None:
        # The server can cancel what a task waits for (granian does), and so can whoever
        # has a task of asyncio that a job awaits. It would cancel a handler without
        # run(), so it cancels all of this.
        if anyio.current_effective_deadline() > -math.inf:
            self.is_cut_off = True
            self._scope.cancel()

    def _is_the_end(self, error: Exception) -> bool:
        # If this side has closed it, then it was a task beside the one that failed.
        scope = self.connection.scope
        return all(
            isinstance(leaf, WebSocketDisconnect) and leaf.closed.scope is scope
            for leaf in leaves(error)
        )

    async def drop_messages(self) -> None:
        async for _ in Messages(self.connection):
            pass

    def raise_failures(self) -> None:
        try:
            if len(self._failures) == 1:
                raise self._failures[0]
            if self._failures:
                message = "several tasks of a connection have failed"
                raise ExceptionGroup(message, self._failures)
        finally:
            # What traces an error leads to this object, which must not lead back.
            self._failures.clear()


async def send_each(writer: WebSocketWriter[Out], messages: AsyncIterable[Out]) -> None:
    """Send what an iterator gives; if it is a generator, it is closed at the end."""
    async with closing(messages):
        async for message in messages:
            await writer.send(message)


def closing(messages: AsyncIterable[object]) -> AbstractAsyncContextManager[object]:
    """Make a block at whose end an iterator is closed, if it is a generator."""
    return aclosing(messages) if _is_generator(messages) else nullcontext()


def _is_generator(
    messages: AsyncIterable[Out],
) -> TypeGuard[AsyncGenerator[Out, None]]:
    return isinstance(messages, AsyncGenerator)


def check_job(job: object, argument: str, takes: int) -> None:
    """
    Refuse what can't be a job.

    Raises:
        TypeError: It is a plain function, a class, or takes other arguments.
    """
    if problem_with(job, takes) is not None:
        raise refusal(job, what=argument, takes=takes, write=_WRITE[argument])


_WRITE: Final = {
    "reader": "write `async def read(messages: WebSocketReader[In]) -> None`",
    "writer": "write `async def write(writer: WebSocketWriter[Out]) -> None`",
    "background task": "write `async def work() -> None`",
    "function of receive_each()": "write `async def handle(message: In) -> None`",
}
