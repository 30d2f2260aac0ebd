"""A chat room in Falcon: `uvicorn chat_in_falcon:app`."""

import falcon.asgi
from attrs import frozen
from falcon.asgi import Request, Response, WebSocket

from typedws import (
    AllowedOrigins,
    DenialResponse,
    Ended,
    JsonCodec,
    UnacceptedWebSocket,
    websocket_app,
)
from typedws.endpoints import falcon_endpoint, with_endpoints


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


class Rooms:
    """A plain resource beside it."""

    async def on_get(self, req: Request, resp: Response) -> None:
        resp.media = {"open": room.connections}


class Greeting:
    """A middleware of Falcon: what it leaves in the state, a handler reads."""

    async def process_request_ws(self, req: Request, ws: WebSocket) -> None:
        req.scope["state"] = {"greeting": "Hello from Falcon"}


falcon_app = falcon.asgi.App(middleware=[Greeting()])
falcon_app.add_route("/rooms", Rooms())
falcon_app.add_route("/rooms/{room:int}", falcon_endpoint(room))

app = with_endpoints(falcon_app)
