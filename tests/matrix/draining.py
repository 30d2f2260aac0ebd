"""
An application that drains on a signal, as its users write it: on Starlette.

A server imports this module in a process of its own.
"""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from tests.matrix.client import SIGNAL
from tests.matrix.handlers import drained, ignore
from tests.servers.launching import PARENT, TOKEN
from tests.servers.orphans import leave_with
from typedws import ClosedWebSocket, UnacceptedWebSocket, websocket_app


async def serve(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Listen for the drain, receive, or do something else, as the path says."""
    if not websocket.url.path.endswith("/elsewhere"):
        return await drained(websocket)
    connected = await websocket.accept()
    await anyio.sleep_forever()
    return await connected.receive_each(ignore)


chat: Final = websocket_app(serve)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncGenerator[None]:
    """Drain before the server hears of the signal."""
    name = os.environ.get(SIGNAL)
    if name is None:
        yield
        return
    async with chat.drain_on_signal(signal.Signals[name], deadline=1):
        yield


async def token(_: Request) -> PlainTextResponse:
    """Tell that it is this process."""
    return PlainTextResponse(os.environ[TOKEN])


async def process(_: Request) -> PlainTextResponse:
    """Tell which process it is."""
    return PlainTextResponse(str(os.getpid()))


app: Final = Starlette(
    routes=[
        Route("/", token),
        Route("/process", process),
        WebSocketRoute("/{path:path}", chat),
    ],
    lifespan=lifespan,
)

leave_with(int(os.environ[PARENT]))
