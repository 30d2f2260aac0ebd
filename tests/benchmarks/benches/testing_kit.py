"""
What `typedws.testing` adds to a message: the time of an echo, beside that of its parts.

The yardstick is a queue pair: two memory object streams of anyio with an echo task
between them, which is the least that two tasks need to talk.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, TypeAlias

import anyio

from tests.benchmarks.group import Group, Prepared, Row, Subject
from tests.benchmarks.groups.tools import QUEUES, TESTING_CASES
from tests.benchmarks.repeating import Repeated, subject_of
from typedws.asgi import AnyASGIApp
from typedws.testing import connect

SAID: Final = "hello"
TURN: Final = 0.05

Talk: TypeAlias = Callable[[int], Coroutine[object, object, None]]
"""Says so many messages over one connection, and hears each."""


async def queue_pair(count: int) -> None:
    """Echo over two streams."""
    to_echo, from_test = anyio.create_memory_object_stream[str](1)
    to_test, from_echo = anyio.create_memory_object_stream[str](1)

    async def answer() -> None:
        async with to_test, from_test:
            async for text in from_test:
                await to_test.send(text)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(answer)
        for _ in range(count):
            await to_echo.send(SAID)
            assert SAID == await from_echo.receive()
        to_echo.close()
    from_echo.close()


async def in_memory(app: AnyASGIApp, count: int) -> None:
    """Echo over a connection in memory."""
    async with connect(app, wait=60.0) as peer:
        for _ in range(count):
            await peer.send_text(SAID)
            assert SAID == await peer.receive_text()


async def crowd(talk: Talk, size: int, count: int) -> float:
    """Let so many talk at once; return the seconds until all have said all."""
    began = time.process_time()
    async with anyio.create_task_group() as tasks:
        for _ in range(size):
            tasks.start_soon(talk, count // size)
    return time.process_time() - began


async def _measure(talk: Talk, case: str, count: int) -> float:
    # In a thread, since trio has a loop of its own.
    backend, size = TESTING_CASES[case]
    return await asyncio.to_thread(_run, backend, talk, size, count)


def _run(backend: str, talk: Talk, size: int, count: int) -> float:
    return anyio.run(crowd, talk, size, count, backend=backend)


def _talk_of(row: Row) -> Talk:
    if row.use == QUEUES:
        return queue_pair
    return partial(in_memory, row.application())


@asynccontextmanager
async def bench(_group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Prepare the rows of the group."""
    subjects: list[Subject] = []
    for case, (_, size) in TESTING_CASES.items():
        for row in rows:
            measure = partial(_measure, _talk_of(row), case)
            talks = Repeated(measure, step=size * 10, seconds=TURN)
            subjects.append(subject_of(row.name, case, talks))
    yield Prepared(subjects)
