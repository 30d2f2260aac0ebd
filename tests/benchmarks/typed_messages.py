"""
What a typed session costs from the server's event to the server's event.

    python -m tests.benchmarks.typed_messages

Each application echoes messages of a union of two classes, over a server that is only
a list of events. The applications take turns in one run, so read the ratios: they are
of whole echoes, the library's own work included. The messages have two and three
fields; `tests.benchmarks.codecs` has harder ones, with defaults and a list.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from importlib.metadata import version
from itertools import cycle, islice
from typing import Annotated, Final, Literal

import msgspec
from attrs import frozen
from pydantic import BaseModel, Field, TypeAdapter
from starlette.websockets import WebSocket, WebSocketDisconnect

from typedws import ClosedWebSocket, JsonCodec, UnacceptedWebSocket, websocket_app

MESSAGES: Final = 4_000
TURNS: Final = 15

Event = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Mapping[str, object]], Awaitable[None]]
Application = Callable[[Event, Receive, Send], Awaitable[None]]

TEXTS: Final = (
    '{"type":"Join","room":"lobby","name":"ann"}',
    '{"type":"Say","room":"lobby","name":"ann","text":"Hello, how are you?"}',
)


@frozen(order=False)
class Join:
    """Somebody comes into a room."""

    room: str
    name: str


@frozen(order=False)
class Say:
    """Somebody says something there."""

    room: str
    name: str
    text: str


class JoinStruct(msgspec.Struct, frozen=True, tag="Join"):
    """The same, as a Struct."""

    room: str
    name: str


class SayStruct(msgspec.Struct, frozen=True, tag="Say"):
    """The same, as a Struct."""

    room: str
    name: str
    text: str


class JoinModel(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """The same, as a user of pydantic writes it."""

    type: Literal["Join"] = "Join"
    room: str
    name: str


class SayModel(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """The same, as a user of pydantic writes it."""

    type: Literal["Say"] = "Say"
    room: str
    name: str
    text: str


CODEC: Final = JsonCodec(Join | Say, Join | Say)
STRUCT_CODEC: Final = JsonCodec(JoinStruct | SayStruct, JoinStruct | SayStruct)
ADAPTER: Final[TypeAdapter[JoinModel | SayModel]] = TypeAdapter(
    Annotated[JoinModel | SayModel, Field(discriminator="type")]
)


async def raw(_scope: Event, receive: Receive, send: Send) -> None:
    """Echo texts as they are: what the server alone costs."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


@websocket_app
async def typed(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Decode, validate and encode with a codec of typedws."""
    session = (await websocket.accept()).typed(CODEC)
    async for message in session:
        await session.send(message)
    return await session.close()


@websocket_app
async def typed_structs(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """The same with Structs of msgspec, which it makes faster than attrs classes."""
    session = (await websocket.accept()).typed(STRUCT_CODEC)
    async for message in session:
        await session.send(message)
    return await session.close()


async def starlette_untyped(scope: Event, receive: Receive, send: Send) -> None:
    """Decode and encode as Starlette does, without any validation."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    try:
        async for data in websocket.iter_json():
            await websocket.send_json(data)
    except WebSocketDisconnect:
        return


async def starlette_pydantic(scope: Event, receive: Receive, send: Send) -> None:
    """Decode, validate and encode with pydantic in a handler of Starlette."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    try:
        async for text in websocket.iter_text():
            message = ADAPTER.validate_json(text)
            await websocket.send_text(message.model_dump_json())
    except WebSocketDisconnect:
        return


APPLICATIONS: Final[Mapping[str, Application]] = {
    "raw ASGI, no JSON at all": raw,
    "typedws, attrs union": typed,
    "typedws, Struct union": typed_structs,
    "Starlette, receive_json + send_json": starlette_untyped,
    "Starlette with pydantic": starlette_pydantic,
}


async def seconds_for(application: Application, messages: int) -> float:
    """Let an application echo some messages."""
    texts = islice(cycle(TEXTS), messages)
    events: list[Event] = [{"type": "websocket.connect"}]
    events.extend({"type": "websocket.receive", "text": text} for text in texts)
    events.append({"type": "websocket.disconnect", "code": 1000, "reason": ""})
    waiting = iter(events)
    sent = 0

    async def receive() -> Event:
        return next(waiting)

    async def send(event: Mapping[str, object]) -> None:
        nonlocal sent
        sent += event["type"] == "websocket.send"

    scope: Event = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "path": "/",
        "headers": [],
        "subprotocols": [],
    }
    begin = time.perf_counter()
    await application(scope, receive, send)
    taken = time.perf_counter() - begin
    if sent != messages:
        raise RuntimeError(f"{application} has echoed {sent} of {messages} messages")
    return taken


async def main() -> None:
    """Measure, and print a table."""
    times: dict[str, list[float]] = {name: [] for name in APPLICATIONS}
    for turn in range(TURNS + 1):
        for name, application in APPLICATIONS.items():
            taken = await seconds_for(application, MESSAGES)
            if turn:  # in the first, the interpreter warms up
                times[name].append(taken / MESSAGES * 1e6)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ours = medians["typedws, attrs union"]
    write = sys.stdout.write
    write(
        f"CPython {sys.version.split()[0]}, Starlette {version('starlette')}, "
        f"pydantic {version('pydantic')}, msgspec {version('msgspec')}; "
        f"medians of {TURNS} turns of {MESSAGES} echoes\n"
    )
    write(f"{'':38}{'median':>10}{'spread':>9}{'of typedws':>12}\n")
    for name, median in medians.items():
        spread = (max(times[name]) - min(times[name])) / median
        write(f"{name:38}{median:7.2f} us{spread:8.0%}{median / ours:11.2f}x\n")


if __name__ == "__main__":
    asyncio.run(main())
