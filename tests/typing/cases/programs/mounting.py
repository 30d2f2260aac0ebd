"""Mounting: in frameworks, and in bare ASGI"""

from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket as StarletteWebSocket

from typedws import (
    AnyOrigin,
    ClosedWebSocket,
    Ended,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketDisconnect,
    WebSocketRoutes,
    websocket_app,
)
from typedws.asgi import AnyASGISend, ASGIReceive, ASGIScope
from typedws.endpoints import with_endpoints


@websocket_app
async def room(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """An application, for a router to take."""
    connected = await websocket.accept()
    await connected.send_text(f"This is room {websocket.path_params.get('room')}.")
    return await connected.close()


def routes() -> Starlette:
    """A route of Starlette."""
    return Starlette(routes=[WebSocketRoute("/chat", room)])


def mounts() -> Starlette:
    """A mount of Starlette, among routes."""
    rooms = Router([WebSocketRoute("/{room}", room)])
    return Starlette(routes=[Mount("/rooms", app=rooms), Mount("/", app=room)])


async def serves_an_endpoint(websocket: StarletteWebSocket) -> None:
    """An application, called from an endpoint of Starlette."""
    await room(websocket.scope, websocket.receive, websocket.send)


def chooses_by_the_path() -> WebSocketRoutes:
    """Routes where no framework has a router, beside plain HTTP."""
    return WebSocketRoutes({"/rooms/{room}": room, "/": room}, http=routes())


def lends_its_connections() -> Starlette:
    """A wrapper around a framework, inside of another one."""
    return Starlette(routes=[Mount("/", with_endpoints(routes()))])


class Stamped:
    """A middleware of ASGI around an application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "state": {"stamp": 1}}, receive, send)


def wraps() -> Starlette:
    """A middleware of Starlette around everything."""
    return Starlette(
        routes=[WebSocketRoute("/chat", room)], middleware=[Middleware(Stamped)]
    )


class Pool(TypedDict):
    pool: list[str]


def begins_and_ends() -> Starlette:
    """A lifespan whose state the handler reads."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[Pool]:
        yield {"pool": ["one"]}

    @websocket_app(origins=AnyOrigin())
    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        pool = websocket.state.get("pool")
        if not isinstance(pool, list):
            return await websocket.close()
        return await (await websocket.accept()).close()

    return Starlette(routes=[WebSocketRoute("/chat", handler)], lifespan=lifespan)


async def bare(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    """An application of ASGI by hand, with the types of typedws."""
    connected = await WebSocket(scope, receive, send).accept()
    try:
        await connected.send_text("Hello, world!")
    except WebSocketDisconnect as disconnect:
        print(disconnect.code)
    await connected.close()


async def bare_in_starlette(scope: Scope, receive: Receive, send: Send) -> None:
    """An application of ASGI by hand, with the types of Starlette."""
    websocket = WebSocket(scope=scope, receive=receive, send=send)
    await (await websocket.accept()).close()


async def bare_without_types(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """An application that sends the one kind of scope on, and answers the other."""
    if scope["type"] == "websocket":
        await room(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def reads(scope: ASGIScope) -> str:
    """A middleware that only reads the handshake."""
    return WebSocket(scope).headers.get("user-agent", "unknown")
