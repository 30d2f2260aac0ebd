"""A chat room in Starlette: `uvicorn chat_in_starlette:app`."""

from attrs import frozen
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

import typedws
from typedws import (
    AllowedOrigins,
    DenialResponse,
    Ended,
    JsonCodec,
    UnacceptedWebSocket,
    websocket_app,
)


@frozen
class Path:
    room: int


@frozen
class Say:
    text: str


@frozen
class Said:
    room: int
    text: str


@frozen
class State:
    greeting: str


CODEC = JsonCodec(Say, Said)


@websocket_app(origins=AllowedOrigins("https://chat.example"))
async def room(websocket: UnacceptedWebSocket) -> Ended:
    number = websocket.path_params_as(Path).room
    if number > 99:
        response = DenialResponse.json({"error": "no such room"}, status=404)
        return await websocket.send_denial_response(response, fallback=True)
    session = (await websocket.accept()).typed(CODEC)
    await session.send(Said(number, websocket.state_as(State).greeting))
    async for message in session:
        if message.text == "bye":
            return await session.close(4000, "see you")
        await session.send(Said(number, message.text))
    return await session.close()


async def endpoint(websocket: WebSocket) -> None:
    """The way back: a session of typedws, from what Starlette hands out."""
    unaccepted = typedws.WebSocket(websocket.scope, websocket.receive, websocket.send)
    connected = await unaccepted.accept()
    async for text in connected.iter_text():
        await connected.send_text(text.upper())
    await connected.close()


async def rooms(_: Request) -> JSONResponse:
    """A plain route beside it."""
    return JSONResponse({"open": room.connections})


class Greeting:
    """A middleware: what it leaves in the state, a handler reads."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"greeting": "Hello from Starlette"}
        await self.app(scope, receive, send)


app = Starlette(
    routes=[
        Route("/rooms", rooms),
        WebSocketRoute("/rooms/{room:int}", room),
        Mount("/mounted/{room:int}", room),
        Mount("/nested", Router([WebSocketRoute("/{room}", room)])),
        WebSocketRoute("/shout", endpoint),
    ],
    middleware=[Middleware(Greeting)],
)
