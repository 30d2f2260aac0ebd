"""The lifespan of an application, which some need before their first connection."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress

from typedws.asgi import ASGIApp

Event = Mapping[str, object]


@asynccontextmanager
async def started(application: ASGIApp) -> AsyncGenerator[None]:
    """
    Start an application, as a server does, for as long as the block runs.

    One that knows of no lifespan raises, returns, or takes it for a connection; all
    three are as good as an answer.
    """
    is_up, is_over = asyncio.Event(), asyncio.Event()
    told = False

    async def receive() -> Event:
        nonlocal told
        if told:
            await is_over.wait()
            return {"type": "lifespan.shutdown"}
        told = True
        return {"type": "lifespan.startup"}

    async def send(_event: Event) -> None:
        is_up.set()

    async def run() -> None:
        # What it may raise says that it has no lifespan, or is its own affair.
        with suppress(Exception):
            scope: Event = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
            await application(scope, receive, send)
        is_up.set()

    task = asyncio.create_task(run())
    try:
        await is_up.wait()
        yield
    finally:
        is_over.set()
        task.cancel()
        await asyncio.wait([task])
