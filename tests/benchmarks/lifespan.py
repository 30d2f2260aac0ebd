"""The lifespan of an application, which some need before their first connection."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import final

from attrs import define, field

from typedws.asgi import ASGIApp

Event = Mapping[str, object]


@asynccontextmanager
async def started(application: ASGIApp) -> AsyncGenerator[None]:
    """
    Start an application, as a server does, for as long as the block runs.

    One that knows of no lifespan raises, returns, or takes it for a connection; all
    three are as good as an answer.
    """
    lifespan = _Lifespan(application)
    task = asyncio.create_task(lifespan.run())
    try:
        await lifespan.is_up.wait()
        yield
    finally:
        lifespan.is_over.set()
        task.cancel()
        await asyncio.wait([task])


@final
@define(eq=False)
class _Lifespan:
    application: ASGIApp
    is_up: asyncio.Event = field(factory=asyncio.Event, init=False)
    is_over: asyncio.Event = field(factory=asyncio.Event, init=False)
    _is_told: bool = field(default=False, init=False)

    async def run(self) -> None:
        # What it may raise says that it has no lifespan, or is its own affair.
        with suppress(Exception):
            scope: Event = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
            await self.application(scope, self._receive, self._send)
        self.is_up.set()

    async def _receive(self) -> Event:
        if self._is_told:
            await self.is_over.wait()
            return {"type": "lifespan.shutdown"}
        self._is_told = True
        return {"type": "lifespan.startup"}

    async def _send(self, _event: Event) -> None:
        self.is_up.set()
