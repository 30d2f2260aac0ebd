"""
Applications in typedws.

A new way to receive or to send is a function here, a line in `APPLICATIONS`, and a
`Row` in the group that measures it.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal, TypeVar

from attrs import frozen
from msgspec import Meta

from tests.benchmarks.applications.messages import (
    JSON_CODEC,
    MSGPACK_CODEC,
    MSGPACK_STRUCT_CODEC,
    STRUCT_CODEC,
)
from tests.benchmarks.applications.noting import note
from tests.benchmarks.applications.unions import attrs_class, struct, union_of
from typedws import (
    AllowedOrigins,
    BytesMessage,
    ClosedWebSocket,
    Codec,
    ConnectedWebSocket,
    JsonCodec,
    Message,
    TextMessage,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketReader,
    websocket_app,
)
from typedws.asgi import AnyASGIApp, AnyASGISend, ASGIReceive, ASGIScope

ValueT = TypeVar("ValueT")

_members: Final[set[ConnectedWebSocket]] = set()


# --- Echoes ------------------------------------------------------------------------


@websocket_app
async def iter_text(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo texts in an `async for`."""
    connected = await websocket.accept()
    async for text in connected.iter_text():
        await connected.send_text(text)
    return await connected.close()


@websocket_app
async def receive_text(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo texts, each received by a call; the last call raises the disconnect."""
    connected = await websocket.accept()
    while True:
        await connected.send_text(await connected.receive_text())


@websocket_app
async def iter_bytes(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo bytes in an `async for`."""
    connected = await websocket.accept()
    async for data in connected.iter_bytes():
        await connected.send_bytes(data)
    return await connected.close()


@websocket_app
async def receive_bytes(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo bytes, each received by a call; the last call raises the disconnect."""
    connected = await websocket.accept()
    while True:
        await connected.send_bytes(await connected.receive_bytes())


@websocket_app
async def events_by_isinstance(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo events, told apart by `isinstance`."""
    connected = await websocket.accept()
    while not isinstance(event := await connected.receive(), ClosedWebSocket):
        if isinstance(event, TextMessage):
            await connected.send_text(event.data)
        else:
            await connected.send_bytes(event.data)
    return event


@websocket_app
async def events_by_match(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo events, told apart by patterns with keywords."""
    connected = await websocket.accept()
    while True:
        event = await connected.receive()
        match event:
            case TextMessage(data=text):
                await connected.send_text(text)
            case BytesMessage(data=data):
                await connected.send_bytes(data)
            case ClosedWebSocket():
                return event


@websocket_app
async def events_iterated(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo events as they are, in an `async for`."""
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    return await connected.close()


@websocket_app
async def events_by_halves(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo events as they are, from one half to the other."""
    connected = await websocket.accept()
    reader, writer = connected.split()
    async for message in reader:
        await writer.send(message)
    return await connected.close()


@websocket_app
async def events_in_a_run(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo events as they are, in a reader of `run()`, with a task that reads ahead."""
    connected = await websocket.accept()

    async def echo(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            await connected.send(message)

    return await connected.run(echo)


@websocket_app
async def iter_json(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo JSON of any shape in an `async for`."""
    connected = await websocket.accept()
    async for value in connected.iter_json():
        await connected.send_json(value)
    return await connected.close()


@websocket_app
async def receive_json(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo JSON of any shape, each received by a call."""
    connected = await websocket.accept()
    while True:
        await connected.send_json(await connected.receive_json())


def typed(codec: Codec[ValueT, ValueT]) -> AnyASGIApp:
    """Make an application that echoes the messages of a codec, in an `async for`."""

    @websocket_app
    async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        session = (await websocket.accept()).typed(codec)
        async for message in session:
            await session.send(message)
        return await session.close()

    return echo


def typed_receive(codec: Codec[ValueT, ValueT]) -> AnyASGIApp:
    """Make an application that echoes the messages of a codec, each by a call."""

    @websocket_app
    async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        session = (await websocket.accept()).typed(codec)
        while not isinstance(message := await session.receive(), ClosedWebSocket):
            await session.send(message)
        return message

    return echo


# --- Handshakes --------------------------------------------------------------------


async def handshake(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    """Shake hands with the bare states, as an endpoint of a framework may do."""
    websocket = WebSocket(scope, receive, send)
    note(websocket.path_params["room"], websocket.headers["x-client"])
    connected = await websocket.accept()
    await connected.close()


@websocket_app
async def handshake_app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Shake hands in an application, with all that `websocket_app` adds."""
    note(websocket.path_params["room"], websocket.headers["x-client"])
    connected = await websocket.accept()
    return await connected.close()


@frozen(order=False)
class Path:
    """What the router is to have found."""

    room: int


@frozen(order=False)
class Query:
    """What a client may ask for."""

    page: Annotated[int, Meta(ge=1)] = 1
    order: Literal["newest", "oldest"] = "newest"


async def _handshake_typed(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    path = websocket.path_params_as(Path)
    query = websocket.query_params_as(Query)
    note(path.room, query.page, query.order)
    connected = await websocket.accept()
    return await connected.close()


@websocket_app
async def greet(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Accept, and close."""
    connected = await websocket.accept()
    return await connected.close()


@websocket_app
async def fan_out(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Send what one has said to all."""
    connected = await websocket.accept()
    _members.add(connected)
    try:
        async for text in connected.iter_text():
            for member in tuple(_members):
                await member.send_text(text)
    finally:
        _members.discard(connected)
    return await connected.close()


def of_attrs_classes(count: int) -> AnyASGIApp:
    """Echo a union of so many attrs classes."""
    form = union_of(attrs_class, count)
    return typed(JsonCodec(form, form))


def of_structs(count: int) -> AnyASGIApp:
    """Echo a union of so many Structs."""
    form = union_of(struct, count)
    return typed(JsonCodec(form, form))


UNIONS: Final[Mapping[str, Callable[[int], AnyASGIApp]]] = {
    "attrs": of_attrs_classes,
    "Structs": of_structs,
}

APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "iter_text": iter_text,
    "receive_text": receive_text,
    "iter_bytes": iter_bytes,
    "receive_bytes": receive_bytes,
    "isinstance": events_by_isinstance,
    "match": events_by_match,
    "async for": events_iterated,
    "halves": events_by_halves,
    "run": events_in_a_run,
    "iter_json": iter_json,
    "receive_json": receive_json,
    "attrs": typed(JSON_CODEC),
    "attrs, receive": typed_receive(JSON_CODEC),
    "Structs": typed(STRUCT_CODEC),
    "msgpack attrs": typed(MSGPACK_CODEC),
    "msgpack Structs": typed(MSGPACK_STRUCT_CODEC),
    "handshake": handshake,
    "handshake, app": handshake_app,
    "handshake, typed": websocket_app(_handshake_typed),
    "handshake, typed, allowed": websocket_app(
        _handshake_typed, origins=AllowedOrigins("https://app.example.com")
    ),
    "greeting": greet,
    "fan-out": fan_out,
}
