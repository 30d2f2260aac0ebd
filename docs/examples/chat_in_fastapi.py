"""A chat room in FastAPI: `uvicorn chat_in_fastapi:app`."""

from typing import Annotated

from attrs import frozen
from fastapi import Depends, FastAPI, WebSocket, WebSocketException
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

import typedws
from typedws import (
    AllowedOrigins,
    DenialResponse,
    DeniedWebSocket,
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


@frozen
class User:
    name: str


CODEC = JsonCodec(Say, Said)
TOKENS = {"s3cret": User("Ada")}

app = FastAPI()


class Greeting:
    """A middleware: what it leaves in the state, a handler reads."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"greeting": "Hello from FastAPI"}
        await self.app(scope, receive, send)


app.add_middleware(Greeting)


async def authenticate(websocket: UnacceptedWebSocket) -> User | DeniedWebSocket:
    user = TOKENS.get(websocket.query_params.get("token", ""))
    if user is None:
        response = DenialResponse.json({"error": "log in first"}, status=401)
        return await websocket.send_denial_response(response, fallback=True)
    return user


@websocket_app(guard=authenticate, origins=AllowedOrigins("https://chat.example"))
async def room(websocket: UnacceptedWebSocket, user: User) -> Ended:
    number = websocket.path_params_as(Path).room
    session = (await websocket.accept()).typed(CODEC)
    greeting = websocket.state_as(State).greeting
    await session.send(Said(number, f"{greeting}, {user.name}"))
    async for message in session:
        if message.text == "bye":
            return await session.close(4000, "see you")
        await session.send(Said(number, message.text))
    return await session.close()


app.router.routes.append(WebSocketRoute("/rooms/{room}", room))
app.mount("/mounted/{room}", room)


@app.get("/rooms")
def rooms() -> dict[str, int]:
    """A plain route beside it."""
    return {"open": room.connections}


# The way back: FastAPI reads the path, the query and the dependencies, and the endpoint
# makes a session of typedws from what it is handed.


async def current_user(token: str = "") -> User:
    """A dependency of FastAPI, for any endpoint."""
    user = TOKENS.get(token)
    if user is None:
        raise WebSocketException(1008)
    return user


@app.websocket("/shout/{times}")
async def shout(
    websocket: WebSocket, times: int, user: Annotated[User, Depends(current_user)]
) -> None:
    unaccepted = typedws.WebSocket(websocket.scope, websocket.receive, websocket.send)
    connected = await unaccepted.accept()
    await connected.send_text(user.name)
    async for text in connected.iter_text():
        await connected.send_text(text.upper() * times)
    await connected.close()
