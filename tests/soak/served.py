"""
What uvicorn serves in the long tests: an echo, and over HTTP what the process holds.

A server imports this module in a process of its own.
"""

import os
from typing import Final

from tests.servers.launching import PARENT, TOKEN
from tests.servers.orphans import leave_with
from tests.soak.holding import HELD, held
from typedws import Ended, UnacceptedWebSocket, websocket_app
from typedws.asgi import AnyASGISend, ASGIReceive, ASGIScope, sender

_TOKEN: Final = os.environ[TOKEN]


@websocket_app
async def echo(websocket: UnacceptedWebSocket) -> Ended:
    """Send back what comes."""
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    return await connected.close()


async def app(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    """Serve the echo, and answer questions over HTTP."""
    if scope["type"] != "http":
        await echo(scope, receive, send)
        return
    body = held(echo.connections) if scope["path"] == HELD else _TOKEN.encode()
    headers = [(b"content-length", str(len(body)).encode())]
    answer = sender(send)
    await answer({"type": "http.response.start", "status": 200, "headers": headers})
    await answer({"type": "http.response.body", "body": body, "more_body": False})


leave_with(int(os.environ[PARENT]))
