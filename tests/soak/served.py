"""
What uvicorn serves in the long tests: an echo, and over HTTP what the process holds.

A server imports this module in a process of its own.
"""

import os
from collections import Counter
from typing import Final

import anyio
import anyio.lowlevel

from tests.servers.launching import PARENT, TOKEN
from tests.servers.orphans import leave_with
from tests.soak.crowd import LATE
from tests.soak.holding import HELD, held
from typedws import Ended, UnacceptedWebSocket, WebSocketDisconnect, websocket_app
from typedws.asgi import AnyASGISend, ASGIReceive, ASGIScope, sender

_TOKEN: Final = os.environ[TOKEN]

LATE_BY: Final = 1.0
"""Seconds, which is longer than a client that goes at once is there."""

_seen: Final = Counter[str]()


@websocket_app
async def echo(websocket: UnacceptedWebSocket) -> Ended:
    """Send back what comes."""
    if websocket.url.path == LATE:
        await anyio.sleep(LATE_BY)
    try:
        connected = await websocket.accept()
    except WebSocketDisconnect:
        _seen["unanswered"] += 1
        raise
    async for message in connected:
        await connected.send(message)
    return await connected.close()


def _held() -> bytes:
    return held(echo.connections, _seen["unanswered"])


async def app(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    """Serve the echo, and answer questions over HTTP."""
    if scope["type"] != "http":
        await echo(scope, receive, send)
        return
    # anyio loads the rest of itself when it first waits, whoever that is for.
    await anyio.lowlevel.checkpoint()
    body = _held() if scope["path"] == HELD else _TOKEN.encode()
    headers = [(b"content-length", str(len(body)).encode())]
    answer = sender(send)
    await answer({"type": "http.response.start", "status": 200, "headers": headers})
    await answer({"type": "http.response.body", "body": body, "more_body": False})


leave_with(int(os.environ[PARENT]))
