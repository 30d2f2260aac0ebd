"""
When a connection is over, what the server gave for it is let go of.

Nothing waits for a garbage collection: granian keeps a socket open for as long as
anybody has the `receive` that it gave.
"""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Final, TypeAlias

import anyio
import pytest
from attrs import frozen

from tests.scripted import (
    CONNECT,
    Event,
    disconnect,
    refusing_messages,
    scope,
    server,
    settle,
    text,
)
from typedws import (
    ClosedWebSocket,
    DeniedWebSocket,
    Ended,
    Heartbeat,
    Limits,
    Message,
    RateLimit,
    ReceiveTimeout,
    UnacceptedWebSocket,
    WebSocketReader,
    websocket_app,
)
from typedws.asgi import ASGIReceive, ASGIScope, ASGISend
from typedws.codecs.json import JsonCodec

pytestmark = pytest.mark.anyio

Handle: TypeAlias = Callable[[UnacceptedWebSocket], Awaitable[Ended]]

AnySend: TypeAlias = Callable[[Event], Awaitable[None]]

NO_LIMITS: Final = Limits()
LIMITS: Final = {
    "no_limits": NO_LIMITS,
    "limits": Limits(
        message_size=100, idle_timeout=9, send_timeout=9, rate=RateLimit(messages=9)
    ),
    "heartbeat": Limits(
        heartbeat=Heartbeat(JsonCodec(str, str), "ping", every=9, within=9)
    ),
}


class Fault(Exception):
    """An error of the application."""


@frozen(eq=False)
class GivenReceive:
    """A server's `receive`, of which one can tell whether anybody still has it."""

    call: ASGIReceive

    def __call__(self) -> Awaitable[Event]:
        """Receive."""
        return self.call()


@frozen(eq=False)
class GivenSend:
    """A server's `send`, likewise."""

    call: AnySend

    def __call__(self, event: Event) -> Awaitable[None]:
        """Send."""
        return self.call(event)


async def receives(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive to the end."""
    connected = await websocket.accept()
    async for _ in connected:
        pass
    return await connected.close()


async def closes(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Close at once."""
    return await (await websocket.accept()).close()


async def gives_up(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Wait for a message in vain, and again."""
    connected = await websocket.accept()
    while True:
        with suppress(ReceiveTimeout):
            event = await connected.receive(timeout=0.01)
            if isinstance(event, ClosedWebSocket):
                return event
            await connected.receive(timeout=0)


async def runs(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive while another task waits for its turn to send."""
    connected = await websocket.accept()

    async def receive(messages: WebSocketReader[Message]) -> None:
        async for _ in messages:
            pass

    return await connected.run(receive, background=[anyio.sleep_forever])


async def only_sends(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Send again and again, in a task beside what drops the messages."""
    connected = await websocket.accept()

    async def send() -> None:
        while True:
            await connected.send_text("tick")
            await anyio.sleep(0.001)

    return await connected.run(background=[send])


async def fails(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Fail after a message."""
    connected = await websocket.accept()
    await connected.receive_text()
    raise Fault


async def fails_beside(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Fail in a task of `run()`."""
    connected = await websocket.accept()

    async def fail() -> None:
        raise Fault

    return await connected.run(background=[fail])


async def fails_twice(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Fail in two tasks of `run()`."""
    connected = await websocket.accept()

    async def fail() -> None:
        raise Fault

    return await connected.run(background=[fail, fail])


async def refuses(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """Refuse the handshake."""
    return await websocket.close()


async def refuses_with_an_app(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """Refuse it with an app that listens for the client to go away."""

    async def app(_scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
        async def listen() -> None:
            while True:
                await receive()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            await anyio.sleep(0.01)
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            tasks.cancel_scope.cancel()

    return await websocket.send_denial_response(app)


async def fails_unaccepted(_websocket: UnacceptedWebSocket) -> DeniedWebSocket:
    """Fail before the handshake is answered."""
    raise Fault


HANDLERS: Final[tuple[Handle, ...]] = (
    receives,
    closes,
    gives_up,
    runs,
    only_sends,
    fails,
    fails_beside,
    fails_twice,
    refuses,
    refuses_with_an_app,
    fails_unaccepted,
)


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Collect no garbage during a test."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def serve(
    handler: Handle, limits: Limits, receive: ASGIReceive, send: AnySend
) -> "list[weakref.ref[object]]":
    """Serve a connection, and tell by what to see whether anybody has its functions."""
    given_receive, given_send = GivenReceive(receive), GivenSend(send)
    with suppress(Fault, ExceptionGroup):
        await websocket_app(handler, limits=limits)(scope(), given_receive, given_send)
    references = [weakref.ref[object](given_receive), weakref.ref[object](given_send)]
    del given_receive, given_send
    # From Python 3.12 on, the frames that a task group of anyio has been cancelled in
    # are there until the event loop has gone round.
    await settle()
    return references


def left(references: "list[weakref.ref[object]]") -> list[object]:
    """Return what somebody still has."""
    return [it for reference in references if (it := reference()) is not None]


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("handler", HANDLERS)
async def test_nobody_has_the_functions_of_a_server(
    handler: Handle, limits: str
) -> None:
    """However the handler has ended."""
    scripted = server(text("a"))

    async def go_away() -> None:
        await anyio.sleep(0.05)
        scripted.give(disconnect())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(go_away)
        references = await serve(
            handler, LIMITS[limits], scripted.receive, scripted.send
        )
        assert [] == left(references)


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("limits", LIMITS)
async def test_nor_when_a_send_has_found_the_peer_gone(limits: str) -> None:
    """The error of the server led back to what had raised it."""
    scripted = server()
    scripted.on_send = refusing_messages(OSError("gone"))

    async def send(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        scripted.give(disconnect())
        await connected.send_text("a")
        raise NotImplementedError

    references = await serve(send, LIMITS[limits], scripted.receive, scripted.send)

    assert [] == left(references)


@pytest.mark.usefixtures("no_collection")
async def test_nor_when_the_peer_had_to_wait_at_the_end() -> None:
    """Whoever held it back is told to go on."""
    scripted = server(text("a"))

    async def close_beside(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()

        async def receive() -> None:
            async for _ in connected:
                pass

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receive)
            await settle()
            await connected.close()
        return await connected.close()

    limits = Limits(rate=RateLimit(size=0.001))
    references = await serve(close_beside, limits, scripted.receive, scripted.send)

    assert [] == left(references)


@pytest.mark.usefixtures("no_collection")
async def test_nor_when_the_server_has_failed() -> None:
    """What `receive()` has raised for the reader was raised for the handler."""
    scripted = server(text("a"))
    scripted.fault = Fault()

    references = await serve(runs, NO_LIMITS, scripted.receive, scripted.send)
    scripted.fault = None

    assert [] == left(references)


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize(
    # There is no such server for trio.
    "anyio_backend",
    [pytest.param(("asyncio", {"debug": True}), id="asyncio")],
)
async def test_nobody_has_those_of_a_server_that_gives_futures(
    handler: Handle, limits: str
) -> None:
    """As granian does. A send that is stuck is cancelled when the peer has gone."""
    loop = asyncio.get_running_loop()
    events = [CONNECT, text("a"), disconnect()]

    def receive() -> "asyncio.Future[Event]":
        coming: asyncio.Future[Event] = loop.create_future()
        event = events.pop(0)
        loop.call_later(0.0 if event is CONNECT else 0.03, give, coming, event)
        return coming

    def give(coming: "asyncio.Future[Event]", event: Event) -> None:
        if not coming.done():
            coming.set_result(event)

    def send(event: Event) -> "asyncio.Future[None]":
        taken: asyncio.Future[None] = loop.create_future()
        if event["type"] != "websocket.send":
            taken.set_result(None)
        return taken

    references = await serve(handler, LIMITS[limits], receive, send)

    assert [] == left(references)
