"""
Tests of the limits of a connection: what the peer gets, the handler sees, the log says.

The clock jumps, so the seconds of these tests take none.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import anyio
import pytest

from tests.clocks import jumping
from tests.scripted import (
    Event,
    PlainCodec,
    ScriptedServer,
    disconnect,
    refusing_messages,
    scope,
    server,
    settle,
    text,
)
from typedws import (
    AnyOrigin,
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    Heartbeat,
    Limits,
    Message,
    RateLimit,
    ReceiveTimeout,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketApp,
    WebSocketDisconnect,
    WebSocketReader,
    WebSocketWriter,
    websocket_app,
)
from typedws.testing import (
    Closed,
    Denied,
    Peer,
    connect,
    handshake,
)

pytestmark = pytest.mark.anyio

Log = Callable[[], list[str]]

UNACCEPTED: Final = "<UnacceptedWebSocket '/' from 127.0.0.1:50000>"
SCRIPTED: Final = "<ConnectedWebSocket '/chat' from 192.0.2.1:50000>"
CONNECTED: Final = "<ConnectedWebSocket '/' from 127.0.0.1:50000>"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Run on both event loops, with a clock that jumps."""
    return jumping(request.param)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    """Give what typedws has logged, from the level INFO on."""
    caplog.set_level(logging.INFO, "typedws")
    return lambda: [
        f"{record.levelname}: {record.getMessage()}"
        for record in caplog.records
        if record.name == "typedws"
    ]


class Handler:
    """A handler that notes what it receives, and how its connection has ended."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.got: list[Message] = []
        self.closed: ClosedWebSocket | None = None

    async def __call__(self, websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        """Receive to the end."""
        connected = await websocket.accept()
        while not isinstance(event := await connected.receive(), ClosedWebSocket):
            self.got.append(event)
        self.closed = event
        return event


def app_with(handler: Handler, limits: Limits) -> WebSocketApp:
    """Make an application with limits."""
    return websocket_app(handler, limits=limits)


def closed_with(code: int, reason: str) -> list[str]:
    """Give the line of the log for what a peer has exceeded."""
    return [f"INFO: {CONNECTED}: closed with {code} {reason!r}"]


def gave_up(code: int, reason: str) -> list[str]:
    """Give the line of the log for a peer that does not even take a close."""
    line = f"gave up closing with {code} {reason!r} after 2 s"
    return [f"INFO: {SCRIPTED}: {line}, for the peer does not read"]


# --- The size of a message -----------------------------------------------------------


async def test_a_message_that_is_too_big_closes_the_connection(log: Log) -> None:
    """With 1009, before the handler sees it."""
    handler = Handler()
    async with connect(app_with(handler, Limits(message_size=4))) as peer:
        await peer.send_text("1234")
        await peer.send_bytes(b"12345")
        closed = await peer.receive()

    assert Closed(1009, "the message is too big") == closed
    assert [TextMessage("1234")] == handler.got
    assert handler.closed is not None
    assert (1009, "server") == (handler.closed.code, handler.closed.closed_by)
    assert closed_with(1009, "the message is too big") == log()


@pytest.mark.parametrize(
    ("data", "fits"), [("aaaa", True), ("éé", True), ("éé!", False), ("aaaaa", False)]
)
async def test_a_text_is_as_big_as_it_travels(data: str, *, fits: bool) -> None:
    """In UTF-8, where a character can take four bytes."""
    handler = Handler()
    async with connect(app_with(handler, Limits(message_size=4))) as peer:
        await peer.send_text(data)
        await peer.close() if fits else await peer.receive()

    assert ([TextMessage(data)] if fits else []) == handler.got


async def test_a_message_that_is_too_big_is_not_forgotten_by_who_waits_no_longer() -> (
    None
):
    """A peer that does not read can't make a close wait, and be heard meanwhile."""
    got: list[object] = []
    scripted = server(text("12345"), text("6"), text("7"))

    @websocket_app(limits=Limits(message_size=4))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        scripted.stuck = True
        for _ in range(2):
            with pytest.raises(ReceiveTimeout):
                await connected.receive(timeout=0.1)
        scripted.stuck = False
        got.append(await connected.receive())
        return await connected.close()

    await app(scope(), scripted.receive, scripted.send)

    assert [ClosedWebSocket] == [type(event) for event in got]
    assert [(1009, "the message is too big")] == [
        (event["code"], event["reason"]) for event in scripted.sent[1:]
    ]


# --- The pace of messages ------------------------------------------------------------

A_BYTE_A_SECOND: Final = RateLimit(size=1, burst=1)


async def test_a_peer_that_is_too_fast_is_made_to_wait() -> None:
    """Nothing is lost, it is only later."""
    handler = Handler()
    rate = RateLimit(messages=2, burst=2)
    async with connect(app_with(handler, Limits(rate=rate))) as peer:
        began = anyio.current_time()
        for number in range(12):
            await peer.send_text(f"{number}")
        await peer.wait_all_read()
        taken = anyio.current_time() - began

    assert [TextMessage(f"{number}") for number in range(12)] == handler.got
    # Four at once, and then two a second; the last wait is for the one after them.
    assert 4 <= taken <= 4.6


@pytest.mark.parametrize(("messages", "burst", "at_once"), [(2, 2, 4), (1, 0.1, 1)])
async def test_a_peer_that_is_made_to_wait_has_no_more_than_its_burst(
    messages: float, burst: float, at_once: int
) -> None:
    """What `messages * burst` comes to is read at once, or one, and then the rate."""
    handler = Handler()
    rate = RateLimit(messages=messages, burst=burst)
    async with connect(app_with(handler, Limits(rate=rate))) as peer:
        for number in range(8):
            await peer.send_text(f"{number}")
        await anyio.sleep(0.1)
        first = len(handler.got)
        await anyio.sleep(1)
        second = len(handler.got)

    assert (at_once, at_once + messages) == (first, second)


async def test_whoever_receives_from_a_peer_that_has_to_wait_sees_a_close_at_once() -> (
    None
):
    """And not when the peer may send again, in a minute."""
    ends: list[ClosedWebSocket] = []

    @websocket_app(limits=Limits(rate=A_BYTE_A_SECOND))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()

        async def receive() -> None:
            async for _ in connected:
                pass
            ends.append(await connected.close())

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receive)
            await anyio.sleep(1)
            await connected.close(4000)
        return await connected.close()

    async with connect(app) as peer:
        began = anyio.current_time()
        await peer.send_bytes(bytes(60))
        closed = await peer.receive()

    assert Closed(4000) == closed
    assert 1 <= anyio.current_time() - began < 1.1
    assert [4000] == [end.code for end in ends]


async def test_a_drain_does_not_wait_for_a_peer_that_has_to() -> None:
    """The handler sees the end, and returns."""
    handler = Handler()
    app = app_with(handler, Limits(rate=A_BYTE_A_SECOND))
    async with connect(app) as peer:
        await peer.send_bytes(bytes(60))
        await anyio.sleep(1)
        began = anyio.current_time()
        await app.drain(deadline=5)
        taken = anyio.current_time() - began

    assert taken < 0.1
    assert handler.closed is not None
    assert 1012 == handler.closed.code


async def receive_beside_a_send(connected: ConnectedWebSocket) -> list[str]:
    """Receive to the end in one task, and send in another."""
    got: list[str] = []

    async def receive() -> None:
        got.extend([text async for text in connected.iter_text()])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
        await anyio.sleep(1)
        await send_in_vain(connected)
    return got


async def receive_behind_a_send(connected: ConnectedWebSocket) -> list[str]:
    """Receive to the end after a send."""
    got = [await connected.receive_text()]
    await send_in_vain(connected)
    return got + [text async for text in connected.iter_text()]


async def receive_in_run(connected: ConnectedWebSocket) -> list[str]:
    """Receive to the end in `run()`, beside its writer."""
    got: list[str] = []

    async def read(messages: WebSocketReader[Message]) -> None:
        got.extend([str(message.data) async for message in messages])

    async def write(writer: WebSocketWriter[Message]) -> None:
        await anyio.sleep(1)
        await writer.send(TextMessage("a"))

    await connected.run(read, write)
    return got


async def send_in_vain(connected: ConnectedWebSocket) -> None:
    """Find that the peer has gone."""
    with pytest.raises(WebSocketDisconnect):
        await connected.send_text("a")


@pytest.mark.parametrize(
    "receive", [receive_beside_a_send, receive_behind_a_send, receive_in_run]
)
async def test_what_a_peer_that_had_to_wait_has_sent_before_it_went_is_received(
    receive: Callable[[ConnectedWebSocket], Awaitable[list[str]]],
) -> None:
    """There is nobody any more to wait for, and the end is the true one."""
    scripted = server(*map(text, "012345"), disconnect(1001, "bye"))
    scripted.on_send = refusing_messages(ConnectionResetError())
    got: list[str] = []
    ends: list[ClosedWebSocket] = []

    @websocket_app(limits=Limits(rate=RateLimit(messages=0.1, burst=1)))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        got.extend(await receive(connected))
        ends.append(await connected.close())
        return ends[0]

    began = anyio.current_time()
    await app(scope(), scripted.receive, scripted.send)
    taken = anyio.current_time() - began

    assert list("012345") == got
    assert [(1001, "bye", "client")] == [(e.code, e.reason, e.closed_by) for e in ends]
    assert taken < 1.1
    assert ["websocket.accept"] == scripted.sent_types()


async def test_a_peer_that_has_to_wait_still_has_to_when_a_send_has_failed() -> None:
    """If the error says nothing about it."""
    handler = Handler()

    @websocket_app(limits=Limits(rate=RateLimit(messages=0.1, burst=1)))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        handler.got.append(TextMessage(await connected.receive_text()))
        with pytest.raises(TimeoutError):
            await connected.send_text("a")
        handler.got.append(TextMessage(await connected.receive_text()))
        handler.got.append(TextMessage(await connected.receive_text()))
        return await connected.close()

    scripted = server(*map(text, "012"))
    scripted.on_send = refusing_messages(TimeoutError())
    began = anyio.current_time()
    await app(scope(), scripted.receive, scripted.send)
    taken = anyio.current_time() - began

    assert 20 <= taken < 20.1
    assert [TextMessage(text) for text in "012"] == handler.got


async def test_a_peer_that_is_too_fast_is_closed(log: Log) -> None:
    """With 1008, if that was asked for."""
    handler = Handler()
    rate = RateLimit(messages=2, burst=2, exceeded="close")
    async with connect(app_with(handler, Limits(rate=rate))) as peer:
        for number in range(4):
            await peer.send_text(f"{number}")
        await anyio.sleep(0.5)
        await peer.send_text("4")
        await peer.send_text("5")
        closed = await peer.receive()

    assert Closed(1008, "too many messages") == closed
    assert [TextMessage(f"{number}") for number in range(5)] == handler.got
    assert closed_with(1008, "too many messages") == log()


async def test_a_rate_of_bytes_counts_bytes() -> None:
    """Whatever they come in."""
    handler = Handler()
    rate = RateLimit(size=10, exceeded="close")
    async with connect(app_with(handler, Limits(rate=rate))) as peer:
        await peer.send_text("12345")
        await peer.send_bytes(b"12345")
        await peer.send_bytes(b"1")
        closed = await peer.receive()

    assert Closed(1008, "too many messages") == closed
    assert 2 == len(handler.got)


async def test_one_message_is_within_every_rate() -> None:
    """Even within one in ten seconds."""
    handler = Handler()
    rate = RateLimit(messages=0.1, exceeded="close")
    async with connect(app_with(handler, Limits(rate=rate))) as peer:
        await peer.send_text("1")
        await anyio.sleep(10.5)
        await peer.send_text("2")
        await peer.close()

    assert 2 == len(handler.got)


# --- Silence -------------------------------------------------------------------------


async def test_a_peer_that_is_silent_for_too_long_is_closed(log: Log) -> None:
    """With 1001, and each message begins the time anew."""
    handler = Handler()
    async with connect(app_with(handler, Limits(idle_timeout=5))) as peer:
        for _ in range(3):
            await anyio.sleep(4)
            await peer.send_text("1")
        began = anyio.current_time()
        closed = await peer.receive()
        taken = anyio.current_time() - began

    assert Closed(1001, "no message came for too long") == closed
    assert 5 <= taken < 5.1
    assert 3 == len(handler.got)
    assert closed_with(1001, "no message came for too long") == log()


async def test_a_handler_that_does_not_wait_makes_nobody_idle() -> None:
    """The time counts only while somebody waits for the peer."""

    @websocket_app(limits=Limits(idle_timeout=5))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await anyio.sleep(8)
        await connected.send_text("still here")
        return await connected.close()

    async with connect(app) as peer:
        assert "still here" == await peer.receive_text()


# --- A heartbeat ---------------------------------------------------------------------

BEATING: Final = Limits(heartbeat=Heartbeat(PlainCodec(), "ping", every=4, within=2))


async def test_a_silent_peer_is_asked_for_a_sign_of_life() -> None:
    """And as long as it gives one, the connection lives."""
    handler = Handler()
    async with connect(app_with(handler, BEATING)) as peer:
        for _ in range(3):
            assert "ping" == await peer.receive_text()
            await peer.send_text("pong")

    assert [TextMessage("pong")] * 3 == handler.got


async def test_a_peer_that_gives_no_sign_of_life_is_closed(log: Log) -> None:
    """With 1001; the handler that waits for it sees the end."""
    handler = Handler()
    async with connect(app_with(handler, BEATING)) as peer:
        began = anyio.current_time()
        assert "ping" == await peer.receive_text()
        closed = await peer.receive()
        taken = anyio.current_time() - began

    assert Closed(1001, "no sign of life") == closed
    assert 6 <= taken < 6.1
    assert handler.closed is not None
    assert "server" == handler.closed.closed_by
    assert closed_with(1001, "no sign of life") == log()


async def test_a_handler_that_sends_to_a_peer_without_a_sign_of_life_is_told() -> None:
    """As if the peer had gone: it has not closed the connection itself."""
    told: list[WebSocketDisconnect] = []

    @websocket_app(limits=BEATING)
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await anyio.sleep(10)
        try:
            await connected.send_text("news")
        except WebSocketDisconnect as disconnect:
            told.append(disconnect)
            raise
        return await connected.close()

    async with connect(app, wait=5) as peer:
        assert "ping" == await peer.receive_text()
        assert Closed(1001, "no sign of life") == await peer.receive()

    assert [WebSocketDisconnect] == [type(disconnect) for disconnect in told]


async def test_any_message_is_a_sign_of_life() -> None:
    """A peer that talks is not asked."""
    handler = Handler()
    async with connect(app_with(handler, BEATING)) as peer:
        for _ in range(5):
            await anyio.sleep(3)
            await peer.send_text("hello")
        await peer.wait_all_read()

        assert 0 == peer.unread


async def test_a_peer_is_heard_though_its_handler_is_busy() -> None:
    """The pongs are read ahead, and then received."""
    got: list[str] = []

    @websocket_app(limits=BEATING)
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await anyio.sleep(19)
        got.extend([await connected.receive_text(), await connected.receive_text()])
        return await connected.close()

    async with connect(app, wait=5) as peer:
        for _ in range(4):
            assert "ping" == await peer.receive_text()
            await peer.send_text("pong")
        assert Closed(1000) == await peer.receive()

    assert ["pong", "pong"] == got


async def test_a_peer_whose_messages_wait_is_alive() -> None:
    """It is the handler that does not receive them."""

    @websocket_app(
        limits=Limits(
            buffer_messages=1,
            heartbeat=Heartbeat(PlainCodec(), "ping", every=4, within=2),
        )
    )
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        await anyio.sleep(20)
        return await connected.close()

    async with connect(app) as peer:
        await peer.send_text("1")
        await peer.send_text("2")

        assert Closed(1000) == await peer.receive()


async def test_a_silence_ends_though_a_clock_rounds() -> None:
    """What is left of it may be less than such a clock can tell."""
    limits = Limits(heartbeat=Heartbeat(PlainCodec(), "ping", every=0.7, within=0.3))
    async with connect(app_with(Handler(), limits)) as peer:
        for _ in range(40):
            await anyio.sleep(0.25)
            await peer.send_text("hello")
        began = anyio.current_time()
        assert "ping" == await peer.receive_text()
        assert Closed(1001, "no sign of life") == await peer.receive()

    assert 1 <= anyio.current_time() - began < 1.1


async def test_a_peer_that_is_made_to_wait_is_alive() -> None:
    """What it sends is not read, and it has all its time when it is heard again."""
    handler = Handler()
    limits = Limits(
        rate=RateLimit(size=100, burst=1),
        heartbeat=Heartbeat(PlainCodec(), "ping", every=4, within=2),
    )
    async with connect(app_with(handler, limits)) as peer:
        began = anyio.current_time()
        await peer.send_bytes(bytes(2000))
        assert "ping" == await peer.receive_text()
        taken = anyio.current_time() - began
        await peer.send_text("pong")
        await peer.wait_all_read()

        assert 0 == peer.unread

    # After the 19 seconds of its message, the 4 of a silence.
    assert 23 <= taken < 23.1
    assert TextMessage("pong") == handler.got[-1]


async def test_a_peer_that_does_not_even_take_the_ping_is_closed() -> None:
    """Its buffers are full, so the close can't be delivered either."""
    ends: list[ClosedWebSocket] = []
    limits = Limits(
        close_timeout=1, heartbeat=Heartbeat(PlainCodec(), "ping", every=4, within=2)
    )

    @websocket_app(limits=limits)
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connected = await websocket.accept()
        scripted.stuck = True
        event = await connected.receive()
        assert isinstance(event, ClosedWebSocket)
        ends.append(event)
        return event

    scripted = server()
    await app(scope(), scripted.receive, scripted.send)

    assert [(1006, "network")] == [(end.code, end.closed_by) for end in ends]


async def test_a_refused_handshake_has_no_heartbeat() -> None:
    """There is nobody to ask."""

    @websocket_app(limits=BEATING)
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        denied = await websocket.close()
        await anyio.sleep(10)
        return denied

    assert Denied(403) == await handshake(app)


async def test_a_fault_of_a_handler_with_a_heartbeat_comes_out_as_it_is() -> None:
    """Not in a group of one."""
    fault = ValueError("mine")

    @websocket_app(limits=BEATING)
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        await websocket.accept()
        raise fault

    with pytest.raises(ValueError, match="mine") as caught:
        async with connect(app) as peer:
            await peer.receive()

    assert fault is caught.value


class Stop(BaseException):
    """What stops a process, as a `KeyboardInterrupt` does."""


async def test_what_stops_a_handler_with_a_heartbeat_comes_out_as_it_is() -> None:
    """As it does without one."""
    scripted = server()

    @websocket_app(limits=BEATING)
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        await websocket.accept()
        raise Stop

    with pytest.raises(Stop):
        await app(scope(), scripted.receive, scripted.send)

    assert 1012 == scripted.sent[-1]["code"]


async def test_what_stops_a_heartbeat_comes_out_as_it_is() -> None:
    """It is the server's."""
    scripted = server()
    scripted.on_send = failing_at(2, Stop())

    with pytest.raises(Stop):
        await stay(scope(), scripted.receive, scripted.send)


@websocket_app(limits=BEATING)
async def stay(websocket: UnacceptedWebSocket) -> Ended:
    """Do something else for longer than a peer may be silent."""
    connected = await websocket.accept()
    await anyio.sleep(9)
    return await connected.close()


async def test_a_peer_that_goes_ends_the_heartbeat() -> None:
    """Nobody is asked any more."""
    async with connect(stay) as peer:
        peer.lose()

    assert 0 == peer.unread


async def test_a_heartbeat_may_find_that_the_peer_has_gone() -> None:
    """When its ping can't be sent: an ordinary end, and nothing in the log."""
    scripted = server()
    fail = failing_at(2, ConnectionResetError())

    def lose(event: Event) -> None:
        if event["type"] == "websocket.send":
            scripted.give(disconnect(1006))
        fail(event)

    scripted.on_send = lose
    await stay(scope(), scripted.receive, scripted.send)

    assert ["websocket.accept"] == scripted.sent_types()


async def test_a_ping_that_is_under_way_when_the_peer_goes_is_no_fault() -> None:
    """Whatever the server refuses it with: an ordinary end."""
    scripted = server()

    async def send(event: Event) -> None:
        if event["type"] == "websocket.send":
            scripted.give(disconnect(1001))
            await settle()
            raise ValueError("a ping is too late here")
        await scripted.send(event)

    await stay(scope(), scripted.receive, send)

    assert ["websocket.accept"] == scripted.sent_types()


async def test_a_fault_of_the_server_in_a_heartbeat_is_no_secret() -> None:
    """It comes out of the application as it is."""
    scripted = server()
    scripted.on_send = failing_at(2, ValueError("no ping here"))

    with pytest.raises(ValueError, match="no ping here"):
        await stay(scope(), scripted.receive, scripted.send)


def failing_at(count: int, fault: BaseException) -> Callable[[Event], None]:
    """Make a server fail once, at an event."""
    seen: list[Event] = []

    def fail(event: Event) -> None:
        seen.append(event)
        if len(seen) == count:
            raise fault

    return fail


# --- A connection that the handler has closed ----------------------------------------


@pytest.mark.parametrize(
    "limits",
    [
        Limits(message_size=4),
        Limits(idle_timeout=3),
        Limits(heartbeat=Heartbeat(PlainCodec(), "ping", every=2, within=2)),
    ],
    ids=["message_size", "idle_timeout", "heartbeat"],
)
async def test_what_a_peer_exceeds_behind_a_close_is_nothing(
    limits: Limits, log: Log
) -> None:
    """The log does not name an end that the connection has not had."""
    scripted = server()

    @websocket_app(limits=limits)
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(connected.receive)
            await anyio.sleep(2.5)
            await connected.close()
            await anyio.sleep(1)
            scripted.give(text("aaaaa"))
            await anyio.sleep(9)
        return await connected.close()

    await app(scope(), scripted.receive, scripted.send)

    assert [] == log()


# --- A peer that does not read -------------------------------------------------------


async def flood(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Send without end."""
    connected = await websocket.accept()
    try:
        while True:
            await connected.send_text("x" * 100)
    except WebSocketDisconnect as over:
        return over.closed


def stick_after(count: int, scripted: ScriptedServer) -> Callable[[Event], None]:
    """Make a server stick after some events, as one whose buffers are full."""

    def stick(_: Event) -> None:
        scripted.stuck = len(scripted.sent) >= count

    return stick


async def test_a_peer_that_takes_no_messages_is_given_up(log: Log) -> None:
    """After the time for a message, and then that for a close."""
    scripted = server()
    scripted.on_send = stick_after(3, scripted)
    app = websocket_app(flood, limits=Limits(send_timeout=3, close_timeout=2))
    began = anyio.current_time()
    await app(scope(), scripted.receive, scripted.send)
    taken = anyio.current_time() - began

    assert 5 <= taken < 5.1
    assert 3 == len(scripted.sent)
    assert gave_up(1008, "messages were not taken in time") == log()


async def test_a_peer_that_takes_messages_again_is_told_why() -> None:
    """1008, if the close still reaches it."""
    app = websocket_app(flood, limits=Limits(send_timeout=3, close_timeout=2))
    async with connect(app, buffer=1000) as peer:
        await anyio.sleep(4)
        messages = [message async for message in peer]

        assert messages
        assert Closed(1008, "messages were not taken in time") == peer.closed


async def test_many_who_send_to_a_slow_peer_find_it_once(log: Log) -> None:
    """Each of them is told, and the log has one line."""
    scripted = server()
    told: list[ClosedWebSocket] = []

    @websocket_app(limits=Limits(send_timeout=3))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()

        async def send() -> None:
            try:
                await connected.send_text("a")
            except WebSocketDisconnect as over:
                told.append(over.closed)

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(send)
        return await connected.close()

    async def send(event: Event) -> None:
        if event["type"] == "websocket.send":
            await anyio.sleep_forever()
        await scripted.send(event)

    await app(scope(), scripted.receive, send)

    assert [1008] * 3 == [closed.code for closed in told]
    line = "closed with 1008 'messages were not taken in time'"
    assert [f"INFO: {SCRIPTED}: {line}"] == log()


async def test_a_peer_that_is_slow_but_reads_is_kept() -> None:
    """The time is for one message."""
    count = 0

    @websocket_app(limits=Limits(send_timeout=3))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        for _ in range(10):
            await connected.send_bytes(bytes(100))
        return await connected.close()

    async with connect(app, buffer=100) as peer:
        while not isinstance(await peer.receive(), Closed):
            count += 1
            await anyio.sleep(2)

    assert 10 == count


async def test_a_close_that_cannot_be_delivered_is_given_up(log: Log) -> None:
    """While another task is stuck in a send, and within the time for a close."""
    ends: list[ClosedWebSocket] = []

    async def tell(writer: WebSocketWriter[Message]) -> None:
        while True:
            await writer.send(TextMessage("x" * 100))

    async def listen(messages: WebSocketReader[Message]) -> None:
        await messages.receive()

    @websocket_app(limits=Limits(close_timeout=2))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        ends.append(await connected.run(listen, tell))
        return ends[0]

    scripted = server(text("stop"))
    scripted.on_send = stick_after(1, scripted)
    began = anyio.current_time()
    await app(scope(), scripted.receive, scripted.send)
    taken = anyio.current_time() - began

    assert 2 <= taken < 2.1
    assert [(1006, "network")] == [(end.code, end.closed_by) for end in ends]
    assert gave_up(1000, "") == log()


# --- The answer to the handshake -----------------------------------------------------


async def test_a_handler_that_does_not_answer_in_time_is_cancelled(log: Log) -> None:
    """And the client gets a 503."""
    cancelled: list[bool] = []

    @websocket_app(limits=Limits(handshake_timeout=5))
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        try:
            await anyio.sleep(9)
        finally:
            cancelled.append(True)
        return await websocket.close()

    began = anyio.current_time()
    answer = await handshake(app)

    assert isinstance(answer, Denied)
    assert 503 == answer.status
    assert 5 <= anyio.current_time() - began < 5.1
    assert [True] == cancelled
    expected = "the handler has not answered the handshake within 5 s"
    assert [f"INFO: {UNACCEPTED}: {expected}"] == log()


async def test_a_handler_that_has_answered_has_all_the_time() -> None:
    """The limit is that of the answer."""

    @websocket_app(limits=Limits(handshake_timeout=2), origins=AnyOrigin())
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connected = await websocket.accept()
        await anyio.sleep(9)
        await connected.send_text("done")
        return await connected.close()

    async with connect(app) as peer:
        assert "done" == await peer.receive_text()


async def test_a_guard_has_to_answer_in_time_as_well() -> None:
    """It is a part of the handshake."""

    async def guard(_: UnacceptedWebSocket) -> int:
        await anyio.sleep(9)
        return 1

    @websocket_app(guard=guard, limits=Limits(handshake_timeout=5))
    async def app(websocket: UnacceptedWebSocket, _: int) -> Ended:
        return await websocket.close()

    answer = await handshake(app)

    assert isinstance(answer, Denied)
    assert 503 == answer.status


# --- Together ------------------------------------------------------------------------


async def test_limits_hold_inside_run_as_well() -> None:
    """Where a reader reads ahead."""
    handler = Handler()

    async def numbers() -> AsyncIterator[Message]:
        for number in range(100):
            yield TextMessage(f"{number}")
            await anyio.sleep(1)

    @websocket_app(limits=Limits(idle_timeout=5, message_size=4))
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        handler.closed = await connected.send_each(numbers())
        return handler.closed

    async with connect(app) as peer:
        await peer.send_text("1234")
        await anyio.sleep(2)
        assert await last_of(peer) == Closed(1001, "no message came for too long")
    async with connect(app) as peer:
        await peer.send_text("12345")
        assert await last_of(peer) == Closed(1009, "the message is too big")

    assert handler.closed is not None
    assert 1009 == handler.closed.code


async def test_a_heartbeat_goes_on_inside_run() -> None:
    """One reader serves both."""

    @websocket_app(limits=BEATING)
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        return await connected.run(drop)

    async with connect(app) as peer:
        for _ in range(2):
            assert "ping" == await peer.receive_text()
            await peer.send_text("pong")
        assert "ping" == await peer.receive_text()
        assert Closed(1001, "no sign of life") == await peer.receive()


async def drop(messages: WebSocketReader[Message]) -> None:
    """Receive to the end."""
    async for _ in messages:
        pass


async def last_of(peer: Peer) -> Closed | None:
    """Receive to the end."""
    async for _ in peer:
        pass
    return peer.closed
