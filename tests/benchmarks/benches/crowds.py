"""Many connections at once, in memory: each in a task that waits for its messages."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, final

from attrs import define, field

from tests.benchmarks.group import Group, Prepared, Row, Subject
from tests.benchmarks.repeating import repeated
from tests.benchmarks.scripted_server import (
    CONNECT,
    DISCONNECT,
    WrongAnswer,
    scope_of,
)
from typedws.asgi import ASGIApp

SAID: Final = "Hello, how are you today? I am fine, thanks."

Event = Mapping[str, object]


@final
@define(eq=False)
class Crowd:
    """
    Connections that are all open, and get a message each, again and again.

    Attributes:
        app: What they are connected with.
        size: How many there are.
    """

    app: ASGIApp
    size: int
    _tasks: list[asyncio.Task[None]] = field(factory=list[asyncio.Task[None]])
    _waiting: list[asyncio.Future[Event]] = field(factory=list[asyncio.Future[Event]])
    _pending: int = field(default=0)
    _answered: asyncio.Event = field(factory=asyncio.Event)

    async def open(self) -> None:
        """Open all of them, and wait until each waits for a message."""
        self._begin()
        self._tasks = [asyncio.create_task(self._connect()) for _ in range(self.size)]
        await self._answered.wait()
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Let all clients leave."""
        self._wake(DISCONNECT)
        await asyncio.wait(self._tasks)
        for task in self._tasks:
            task.result()

    async def measure(self, count: int) -> float:
        """Say so many messages to all of them together; return the seconds."""
        began = time.process_time()
        for _ in range(count // self.size):
            self._begin()
            self._wake({"type": "websocket.receive", "text": SAID})
            await self._answered.wait()
        return time.process_time() - began

    def _begin(self) -> None:
        self._pending = self.size
        self._answered.clear()

    def _wake(self, event: Event) -> None:
        if len(self._waiting) != self.size:
            raise WrongAnswer(f"{len(self._waiting)} of {self.size} wait for a message")
        waiting, self._waiting = self._waiting, list[asyncio.Future[Event]]()
        for future in waiting:
            future.set_result(event)

    async def _connect(self) -> None:
        events = iter((CONNECT,))

        async def receive() -> Event:
            for event in events:
                return event
            future: asyncio.Future[Event] = asyncio.Future()
            self._waiting.append(future)
            return await future

        async def send(event: Event) -> None:
            if event["type"] == "websocket.send" and event.get("text") != SAID:
                raise WrongAnswer(f"{SAID!r} was answered by {event!r:.200}")
            self._pending -= 1
            if not self._pending:
                self._answered.set()

        await self.app(scope_of(), receive, send)


@asynccontextmanager
async def bench(group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Open the crowds, one for each row and size."""
    async with AsyncExitStack() as stack:
        subjects: list[Subject] = []
        for case in group.cases:
            for row in rows:
                crowd = Crowd(row.application(), int(case))
                await crowd.open()
                stack.push_async_callback(crowd.close)
                subjects.append(repeated(row.name, case, crowd.measure, crowd.size))
        yield Prepared(subjects)
