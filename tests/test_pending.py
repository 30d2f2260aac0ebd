"""
Tests with a server whose `receive()` gives futures, as granian does.

Its waits can be cancelled, and it can be closed while somebody waits, though the server
alone is neither.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import Final

import anyio
import pytest
from attrs import Factory, define

from tests.scripted import CONNECT, Event, disconnect, record, scope, settle, text
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    Message,
    ReceiveTimeout,
    TextMessage,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketReader,
)

pytestmark = [
    pytest.mark.anyio,
    # There is no such server for trio.
    pytest.mark.parametrize(
        "anyio_backend", [pytest.param(("asyncio", {"debug": True}), id="asyncio")]
    ),
]


@define
class Done:
    """What is given for an event that is there: an awaitable, but no future."""

    event: Event

    def __await__(self) -> Generator[None, None, Event]:
        yield from ()
        return self.event


@define(eq=False)
class FutureServer:
    """
    A server that gives futures.

    A future that is cancelled loses the next event. A close waits until no future is
    pending, and after it there is nothing but disconnects.
    """

    events: deque[Event] = Factory(deque[Event])
    sent: list[Event] = Factory(list[Event])
    fault: Exception | None = None
    gives_what_is_there: bool = False
    pending: "asyncio.Future[Event] | None" = None
    loses_next: bool = False
    is_closed: bool = False

    def receive(self) -> Awaitable[Event]:
        """Give the connect event, and then a future for each event."""
        assert not self._is_pending(), "receive() was called by two tasks at once"
        if not self.sent:
            return Done(CONNECT)
        if self.gives_what_is_there and self.events:
            return Done(self.events.popleft())
        self.pending = asyncio.get_running_loop().create_future()
        self.pending.add_done_callback(self._let_go)
        self._feed()
        return self.pending

    def give(self, *events: Event) -> None:
        """Let these come."""
        if self.loses_next:
            self.loses_next, events = False, events[1:]
        self.events.extend(events)
        self._feed()

    def _feed(self) -> None:
        if self.pending is None or self.pending.done():
            return
        if self.is_closed:
            self.pending.set_result(disconnect(1005))
        elif self.events:
            self.pending.set_result(self.events.popleft())

    def _let_go(self, future: "asyncio.Future[Event]") -> None:
        self.loses_next = future.cancelled() and not self.is_closed

    def _is_pending(self) -> bool:
        return self.pending is not None and not self.pending.done()

    async def send(self, event: Event) -> None:
        """Take an event; a close only while nobody waits for another."""
        await asyncio.sleep(0)
        if event["type"] == "websocket.close":
            await asyncio.sleep(0.005)
            while self._is_pending():  # noqa: ASYNC110 - an event would be one more
                await asyncio.sleep(0.001)
            if self.fault is not None:
                fault, self.fault = self.fault, None
                raise fault
            self.is_closed = True
        self.sent.append(event)


async def connected(server: FutureServer) -> ConnectedWebSocket:
    """Accept a connection."""
    return await WebSocket(scope(), server.receive, server.send).accept()


async def test_messages_come_one_by_one() -> None:
    """Those that were there, and those that come later."""
    server = FutureServer()
    websocket = await connected(server)
    server.give(text("1"), text("2"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(later, server)
        got = [message async for message in websocket]

        assert [TextMessage("1"), TextMessage("2"), TextMessage("3")] == got


async def test_an_event_may_come_without_a_future() -> None:
    """If it is there already."""
    server = FutureServer(gives_what_is_there=True)
    websocket = await connected(server)
    server.give(text("1"), disconnect(4000))

    assert [TextMessage("1")] == [message async for message in websocket]


async def later(server: FutureServer) -> None:
    """Let a message and the end come in a moment."""
    await settle()
    server.give(text("3"), disconnect(4000))


async def within(websocket: ConnectedWebSocket) -> object:
    """Receive within a millisecond."""
    with anyio.fail_after(0.001):
        return await websocket.receive()


GIVE_UP: Final[dict[str, Callable[[ConnectedWebSocket], Awaitable[object]]]] = {
    "a time-out of ours": lambda websocket: websocket.receive(timeout=0.001),
    "a time-out of asyncio": lambda websocket: asyncio.wait_for(
        websocket.receive(), 0.001
    ),
    "a time-out of anyio": within,
}


@pytest.mark.parametrize("give_up", GIVE_UP.values(), ids=GIVE_UP)
async def test_no_message_is_lost_when_a_wait_is_given_up(
    give_up: Callable[[ConnectedWebSocket], Awaitable[object]],
) -> None:
    """In whatever way."""
    server = FutureServer()
    websocket = await connected(server)
    for number in range(20):
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await give_up(websocket)
        server.give(text(f"{number}"))

        assert f"{number}" == await websocket.receive_text()


async def test_a_message_may_come_between_two_waits() -> None:
    """It is kept."""
    server = FutureServer()
    websocket = await connected(server)
    with pytest.raises(ReceiveTimeout):
        await websocket.receive(timeout=0.001)
    server.give(text("1"), text("2"))
    await settle()

    assert "1" == await websocket.receive_text()
    assert "2" == await websocket.receive_text()


async def test_a_close_does_not_wait_for_who_receives() -> None:
    """It goes out at once, and who receives sees the end."""
    server = FutureServer()
    websocket = await connected(server)
    results: list[object] = []
    with anyio.fail_after(1):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(record, results, websocket.receive)
            await settle()
            await websocket.close(4000, "enough")

    assert [await websocket.close()] == results
    assert {"type": "websocket.close", "code": 4000, "reason": "enough"} == (
        server.sent[-1]
    )


async def test_a_close_does_not_wait_for_a_wait_that_was_given_up() -> None:
    """Though the server still has it."""
    server = FutureServer()
    websocket = await connected(server)
    with pytest.raises(ReceiveTimeout):
        await websocket.receive(timeout=0.001)
    with anyio.fail_after(1):
        closed = await websocket.close()

    assert "server" == closed.closed_by
    assert closed is await websocket.receive()


async def test_after_a_close_that_fails_messages_come_as_before() -> None:
    """The connection is still open."""
    server = FutureServer(fault=ValueError("not now"))
    websocket = await connected(server)
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        with pytest.raises(ValueError, match="not now"):
            await websocket.close(4000)
        await settle()
        server.loses_next = False
        server.give(text("1"))

    assert [TextMessage("1")] == results


async def test_who_receives_while_a_close_is_under_way_waits_for_it() -> None:
    """The server would not take the close if it were asked for an event."""
    server = FutureServer()
    websocket = await connected(server)
    results: list[object] = []
    with anyio.fail_after(1):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(websocket.close)
            await asyncio.sleep(0)
            tasks.start_soon(record, results, websocket.receive)

    assert [await websocket.close()] == results


async def test_run_closes_though_its_reader_waits() -> None:
    """The writer is done, and the peer silent."""
    server = FutureServer()
    websocket = await connected(server)

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for _ in messages:
            pass

    async def say_nothing(_: object) -> None:
        await settle()

    with anyio.fail_after(1):
        closed = await websocket.run(listen, say_nothing)

    assert "server" == closed.closed_by
    assert "websocket.close" == server.sent[-1]["type"]


async def test_an_error_of_the_server_comes_out() -> None:
    """As it comes out of a future."""
    server = FutureServer()
    websocket = await connected(server)
    results: list[object] = []
    fault = OSError("the wire is cut")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        assert server.pending is not None
        server.pending.set_exception(fault)

    assert [fault] == results


async def test_a_handshake_needs_none_of_it() -> None:
    """The first event may be there from the start."""
    server = FutureServer()
    websocket: UnacceptedWebSocket = WebSocket(scope(), server.receive, server.send)
    await websocket.close()

    assert isinstance(websocket, UnacceptedWebSocket)
    assert ["websocket.close"] == [event["type"] for event in server.sent]


async def test_after_a_disconnect_nothing_is_asked_for() -> None:
    """As on any server."""
    server = FutureServer()
    websocket = await connected(server)
    server.give(disconnect(4000))
    closed = await websocket.receive()

    assert isinstance(closed, ClosedWebSocket)
    assert closed is await websocket.receive()
    assert not server.events
