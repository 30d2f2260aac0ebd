"""What `websocket_app` takes is a handler: from the first state to the last."""

import functools
from collections.abc import Awaitable, Callable
from typing import assert_type

from typedws import (
    AllowedOrigins,
    AnyOrigin,
    ClosedWebSocket,
    ConnectedWebSocket,
    DeniedWebSocket,
    Ended,
    ErrorOutcome,
    ErrorPolicy,
    Handler,
    UnacceptedWebSocket,
    WebSocketApp,
    websocket_app,
)

# --- Mistakes ------------------------------------------------------------------------


async def ends_with_none(websocket: UnacceptedWebSocket) -> None:
    await websocket.close()


async def ends_open(websocket: UnacceptedWebSocket) -> ConnectedWebSocket:
    return await websocket.accept()


async def begins_connected(connection: ConnectedWebSocket) -> Ended:
    return await connection.close()


async def takes_two(websocket: UnacceptedWebSocket, name: str) -> Ended:
    return await websocket.close()


def is_not_async(websocket: UnacceptedWebSocket) -> Ended:
    raise NotImplementedError


websocket_app(ends_with_none)  # E: mypy pyright
websocket_app(ends_open)  # E: mypy pyright
websocket_app(begins_connected)  # E: mypy pyright
websocket_app(takes_two)  # E: mypy pyright
websocket_app(is_not_async)  # E: mypy pyright
websocket_app(origins=AnyOrigin())(ends_with_none)  # E: mypy pyright
websocket_app(functools.partial(takes_two, name=1))  # E: mypy pyright
websocket_app(origins="https://example.com")  # E: mypy pyright
websocket_app(errors={KeyError: ErrorOutcome(4004)})  # E: mypy pyright
websocket_app(limits=None)  # E: mypy pyright
ErrorPolicy(expected={KeyError: 4004})  # E: mypy pyright
AllowedOrigins(["https://example.com"])  # E: mypy pyright


class Forgetful:
    async def __call__(self, websocket: UnacceptedWebSocket) -> ConnectedWebSocket:
        return await websocket.accept()


websocket_app(Forgetful())  # E: mypy pyright


# --- Correct programs ----------------------------------------------------------------


@websocket_app
async def bare(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    return await websocket.close()


@websocket_app(
    origins=AllowedOrigins("https://example.com"),
    errors=ErrorPolicy(expected={LookupError: ErrorOutcome(4004, reason="not found")}),
)
async def with_policies(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    return await (await websocket.accept()).close()


class Room:
    def __init__(self) -> None:
        self.members: set[ConnectedWebSocket] = set()

    async def serve(self, websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connection = await websocket.accept()
        self.members.add(connection)
        try:
            async for text in connection.iter_text():
                for member in self.members:
                    await member.send_text(text)
        finally:
            self.members.discard(connection)
        return await connection.close()

    async def __call__(self, websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        return await self.serve(websocket)


def logged(handler: Handler) -> Handler:
    async def wrapper(websocket: UnacceptedWebSocket) -> Ended:
        ended = await handler(websocket)
        print(ended)
        return ended

    return wrapper


@websocket_app
@logged
async def decorated(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.close()


assert_type(bare, WebSocketApp)
assert_type(with_policies, WebSocketApp)
assert_type(decorated, WebSocketApp)
assert_type(websocket_app(Room().serve), WebSocketApp)
assert_type(websocket_app(Room()), WebSocketApp)
assert_type(websocket_app(Room(), origins=AnyOrigin()), WebSocketApp)
assert_type(websocket_app(functools.partial(takes_two, name="Ada")), WebSocketApp)
other_ways: list[Callable[[UnacceptedWebSocket], Awaitable[Ended]]] = [Room(), logged(Room())]
