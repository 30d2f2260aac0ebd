"""A chat room in Litestar: `uvicorn chat_in_litestar:app`."""

from attrs import frozen
from litestar import Litestar, WebSocket, asgi, get, websocket
from litestar.datastructures import State as LitestarState
from litestar.types import ASGIApp, Receive, Scope, Send

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


@asgi("/decorated/{room:int}", copy_scope=True)
@websocket_app
async def decorated(websocket: UnacceptedWebSocket) -> Ended:
    """The decorator of Litestar takes an application of typedws, too."""
    connected = await websocket.accept()
    await connected.send_json({"room": websocket.path_params_as(Path).room})
    return await connected.close()


@websocket("/shout/{times:int}")
async def shout(socket: WebSocket[object, object, LitestarState], times: int) -> None:
    """The way back: a session of typedws, from what Litestar hands out."""
    unaccepted = typedws.WebSocket(socket.scope, socket.receive, socket.send)
    connected = await unaccepted.accept()
    async for text in connected.iter_text():
        await connected.send_text(text.upper() * times)
    await connected.close()


@get("/rooms")
async def rooms() -> dict[str, int]:
    """A plain route beside it."""
    return {"open": room.connections}


def greeting(app: ASGIApp) -> ASGIApp:
    """A middleware: what it leaves in the state, a handler reads."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["greeting"] = "Hello from Litestar"
        await app(scope, receive, send)

    return serve


app = Litestar(
    [asgi("/rooms/{room:int}", copy_scope=True)(room), decorated, shout, rooms],
    middleware=[greeting],
)
