"""A server that gives futures, as granian does, and cancels one on its own."""

import asyncio
from collections.abc import Awaitable

import anyio
import pytest
from attrs import Factory, define

from tests.scripted import CONNECT, Event, PlainCodec, scope, settle, text
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    Heartbeat,
    Limits,
    Message,
    TextMessage,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketReader,
    websocket_app,
)

pytestmark = [
    pytest.mark.anyio,
    # There is no such server for trio.
    pytest.mark.parametrize(
        "anyio_backend", [pytest.param(("asyncio", {"debug": True}), id="asyncio")]
    ),
]


@define(eq=False)
class FutureServer:
    """A server whose every event is a future."""

    futures: "list[asyncio.Future[Event]]"
    sent: list[Event] = Factory(list[Event])

    def receive(self) -> Awaitable[Event]:
        """Give the next future."""
        self.futures.append(asyncio.get_running_loop().create_future())
        if len(self.futures) == 1:
            self.futures[0].set_result(CONNECT)
        return self.futures[-1]

    async def send(self, event: Event) -> None:
        """Take an event."""
        self.sent.append(event)


async def connected(server: FutureServer) -> ConnectedWebSocket:
    """Accept a connection."""
    return await WebSocket(scope(), server.receive, server.send).accept()


async def test_a_future_that_the_server_cancels_cancels_who_waits() -> None:
    """As if the future itself had been awaited; the server is asked for no other."""
    server = FutureServer([])
    websocket = await connected(server)
    waiting = asyncio.ensure_future(websocket.receive())
    await settle()

    server.futures[-1].cancel()
    await asyncio.wait([waiting])

    assert waiting.cancelled()
    assert 2 == len(server.futures)


async def test_after_that_one_can_receive_again() -> None:
    """The connection is as it was."""
    server = FutureServer([])
    websocket = await connected(server)
    given_up = asyncio.ensure_future(websocket.receive())
    await settle()
    server.futures[-1].cancel()
    await asyncio.wait([given_up])

    waiting = asyncio.ensure_future(websocket.receive())
    await settle()
    server.futures[-1].set_result(text("still here"))

    assert TextMessage("still here") == await waiting


async def test_it_cancels_a_handler_beside_a_heartbeat_as_any_other() -> None:
    """Whose task receives for it; the error that comes out is no fault of ours."""
    server = FutureServer([])

    @websocket_app(
        limits=Limits(heartbeat=Heartbeat(PlainCodec(), "ping", every=9, within=9))
    )
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        async for _ in connected:
            pass
        return await connected.close()

    serving = asyncio.ensure_future(app(scope(), server.receive, server.send))
    await settle()
    server.futures[-1].cancel()
    await asyncio.wait([serving])

    assert serving.cancelled()
    assert [("websocket.close", 1012)] == [
        (event["type"], event["code"]) for event in server.sent[1:]
    ]


async def test_it_cancels_a_handler_in_run_as_any_other() -> None:
    """Whose task reads for it; the peer is told to come back later."""
    server = FutureServer([])

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for _ in messages:
            pass

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        return await connected.run(listen, background=[anyio.sleep_forever])

    serving = asyncio.ensure_future(app(scope(), server.receive, server.send))
    await settle()
    server.futures[-1].cancel()
    await asyncio.wait([serving])

    assert serving.cancelled()
    assert [("websocket.close", 1012)] == [
        (event["type"], event["code"]) for event in server.sent[1:]
    ]
