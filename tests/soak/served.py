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
from typedws.asgi import AnyASGISend, ASGIReceive, ASGIScope, ASGISend, sender

_TOKEN: Final = os.environ[TOKEN]
_raw_connections: Final[set[ASGIReceive]] = set()


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
    await _answer(scope, send, echo.connections)


async def raw(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    """Serve an echo in nothing but ASGI, and answer the same questions."""
    if scope["type"] == "http":
        await _answer(scope, send, len(_raw_connections))
    elif scope["type"] == "websocket":
        _raw_connections.add(receive)
        await _echo_raw(receive, sender(send))
        _raw_connections.remove(receive)


async def _echo_raw(receive: ASGIReceive, send: ASGISend) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    while (event := await receive())["type"] == "websocket.receive":
        text = event["text"]
        assert isinstance(text, str)
        await send({"type": "websocket.send", "text": text})


async def _answer(scope: ASGIScope, send: AnyASGISend, connections: int) -> None:
    body = held(connections) if scope["path"] == HELD else _TOKEN.encode()
    headers = [(b"content-length", str(len(body)).encode())]
    answer = sender(send)
    await answer({"type": "http.response.start", "status": 200, "headers": headers})
    await answer({"type": "http.response.body", "body": body, "more_body": False})


leave_with(int(os.environ[PARENT]))
