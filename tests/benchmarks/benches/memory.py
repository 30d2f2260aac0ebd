"""The memory of idle connections, as Python's allocator counts it."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, final

from attrs import define, field

from tests.benchmarks.group import Group, Prepared, Row, Subject
from tests.benchmarks.lifespan import started
from tests.benchmarks.scripted_server import CONNECT, DISCONNECT, scope_of
from typedws.asgi import ASGIApp

CONNECTIONS: Final = 500
MESSAGE: Final = {"type": "websocket.receive", "text": "Hello!"}


@final
@define(eq=False)
class Idlers:
    """
    Connections that have echoed one message, and then wait for the next.

    Attributes:
        app: What they are connected with.
    """

    app: ASGIApp
    _tasks: list[asyncio.Task[None]] = field(factory=list[asyncio.Task[None]])
    _ends: list[asyncio.Future[None]] = field(factory=list[asyncio.Future[None]])

    async def open(self, count: int) -> None:
        """Open some, and wait until all are idle."""
        for _ in range(count):
            idle = asyncio.Event()
            self._tasks.append(asyncio.create_task(self._connect(idle)))
            await idle.wait()

    async def close(self) -> None:
        """Close them all."""
        for end in self._ends:
            if not end.done():
                end.set_result(None)
        await asyncio.wait(self._tasks)
        for task in self._tasks:
            task.result()
        self._tasks.clear()
        self._ends.clear()

    async def _connect(self, idle: asyncio.Event) -> None:
        events = iter((CONNECT, MESSAGE))
        end: asyncio.Future[None] = asyncio.Future()
        answered = asyncio.Event()

        async def receive() -> Mapping[str, object]:
            for event in events:
                if event is MESSAGE:
                    await answered.wait()
                return event
            await end
            return DISCONNECT

        async def send(event: Mapping[str, object]) -> None:
            answered.set()
            if event["type"] == "websocket.send":
                idle.set()

        self._ends.append(end)
        await self.app(scope_of(), receive, send)

    async def warm_up(self) -> None:
        """Let what is kept for good be made."""
        await self.open(10)
        await self.close()

    async def measure(self) -> Sequence[float]:
        """Return the bytes of one."""
        tracemalloc.start()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        await self.open(CONNECTIONS)
        # Tasks and handles that have only just ended.
        await asyncio.sleep(0)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        await self.close()
        return [(after - before) / CONNECTIONS]


@asynccontextmanager
async def bench(_group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Prepare the rows of the group."""
    async with AsyncExitStack() as stack:
        subjects: list[Subject] = []
        for row in rows:
            app = row.application()
            await stack.enter_async_context(started(app))
            idlers = Idlers(app)
            subjects.append(
                Subject(row.name, ("",), turn=idlers.measure, warm_up=idlers.warm_up)
            )
        yield Prepared(subjects)
