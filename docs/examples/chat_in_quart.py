"""A chat room in Quart: `uvicorn chat_in_quart:app`."""

from attrs import frozen
from quart import Quart, websocket

from typedws import (
    AllowedOrigins,
    DenialResponse,
    Ended,
    JsonCodec,
    UnacceptedWebSocket,
    websocket_app,
)
from typedws.endpoints import quart_endpoint, with_endpoints


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


quart_app = Quart(__name__)
quart_app.add_websocket("/rooms/<int:room>", view_func=quart_endpoint(room))


@quart_app.get("/rooms")
async def rooms() -> dict[str, int]:
    """A plain route beside it."""
    return {"open": room.connections}


@quart_app.before_websocket
async def greet() -> None:
    """What comes before, of Quart: what it leaves in the state, a handler reads."""
    websocket.scope["state"]["greeting"] = "Hello from Quart"


@quart_app.websocket("/shout")
async def shout() -> None:
    """A view of Quart, as ever."""
    while True:
        await websocket.send((await websocket.receive()).upper())


app = with_endpoints(quart_app)
