"""A chat room in BlackSheep: `uvicorn chat_in_blacksheep:app`."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from attrs import frozen
from blacksheep import Application, Request, Response, get

from typedws import (
    AllowedOrigins,
    DenialResponse,
    Ended,
    JsonCodec,
    UnacceptedWebSocket,
    websocket_app,
)
from typedws.endpoints import blacksheep_endpoint, with_endpoints


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


CODEC = JsonCodec(Say, Said)
GREETING = ContextVar[str]("greeting")


@websocket_app(origins=AllowedOrigins("https://chat.example"))
async def room(websocket: UnacceptedWebSocket) -> Ended:
    number = websocket.path_params_as(Path).room
    if number > 99:
        response = DenialResponse.json({"error": "no such room"}, status=404)
        return await websocket.send_denial_response(response, fallback=True)
    session = (await websocket.accept()).typed(CODEC)
    await session.send(Said(number, GREETING.get()))
    async for message in session:
        if message.text == "bye":
            return await session.close(4000, "see you")
        await session.send(Said(number, message.text))
    return await session.close()


async def greet(
    request: Request, handler: Callable[[Request], Awaitable[Response]]
) -> Response:
    """A middleware of BlackSheep: what it leaves in the context, a handler reads."""
    GREETING.set("Hello from BlackSheep")
    return await handler(request)


@get("/rooms")
async def rooms() -> dict[str, int]:
    """A plain route beside it."""
    return {"open": room.connections}


blacksheep_app = Application()
blacksheep_app.middlewares.append(greet)
blacksheep_app.router.add_ws("/rooms/{room}", blacksheep_endpoint(room))

app = with_endpoints(blacksheep_app)
