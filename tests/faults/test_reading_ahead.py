"""
A send has failed, and it is looked whether the peer has gone.

What was sent before that is read in search of the disconnect, and whoever would receive
waits until it is found, or is not there.

The clock jumps: how long it is looked must not depend on how fast a machine is.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
import pytest

from tests.clocks import jumping
from tests.scripted import (
    Event,
    PlainCodec,
    ScriptedServer,
    connected,
    disconnect,
    failing,
    record,
    refusing_messages,
    scope,
    server,
    settle,
    text,
)
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    Heartbeat,
    Limits,
    Message,
    ReceiveTimeout,
    TextMessage,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketDisconnect,
    WebSocketReader,
    WebSocketWriter,
    websocket_app,
)

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Run on both event loops, with a clock that jumps."""
    return jumping(request.param)


@pytest.fixture
def scripted() -> ScriptedServer:
    """Give a server at which one send is going to fail, for no reason that is told."""
    return server(text("1"))


def listener(
    heard: list[object],
) -> Callable[[WebSocketReader[Message]], Awaitable[None]]:
    """Make a reader that notes what it receives."""

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            heard.append(message)  # noqa: PERF401 - each when it comes

    return listen


async def lost(scripted: ScriptedServer, error: Exception) -> ConnectedWebSocket:
    """Accept a connection on which no message can be sent."""
    websocket = await connected(scripted)
    scripted.on_send = refusing_messages(error)
    return websocket


async def end_of_send(websocket: ConnectedWebSocket) -> ClosedWebSocket:
    """Send to a peer that has gone, and give the end that this tells of."""
    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_text("lost")
    return caught.value.closed


async def fail() -> None:
    """Do what is not to be begun any more."""
    pytest.fail("it was begun")


async def test_run_waits_while_it_is_looked_for_the_end(
    scripted: ScriptedServer,
) -> None:
    """It is no second reader, and its reader gets all messages."""
    websocket = await connected(scripted)
    scripted.on_send = failing(RuntimeError("a fault"))
    failed: list[object] = []
    heard: list[object] = []
    ended: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, failed, lambda: websocket.send_text("a"))
        await settle()
        tasks.start_soon(record, ended, lambda: websocket.run(listener(heard)))
        await settle()
        assert [] == [*failed, *ended]
        await anyio.sleep(0.15)
        scripted.give(text("2"), disconnect(4001))

    assert [RuntimeError] == [type(error) for error in failed]
    assert [TextMessage("1"), TextMessage("2")] == heard
    assert [ClosedWebSocket] == [type(end) for end in ended]


async def test_run_gives_what_came_before_an_end_that_was_found_meanwhile(
    scripted: ScriptedServer,
) -> None:
    """To its reader, as any other way to receive does; nothing else is begun."""
    websocket = await connected(scripted)
    scripted.on_send = failing(OSError())
    failed: list[object] = []
    heard: list[object] = []
    ended: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, failed, lambda: websocket.send_text("a"))
        await settle()
        tasks.start_soon(
            record, ended, lambda: websocket.run(listener(heard), background=[fail])
        )
        await settle()
        scripted.give(disconnect(4001))

    assert [TextMessage("1")] == heard
    [closed] = ended
    assert isinstance(closed, ClosedWebSocket)
    assert 4001 == closed.code


async def test_run_gives_what_came_before_an_end_that_was_found_earlier() -> None:
    """By a send that has failed, before anything was received."""
    scripted = server(text("1"), text("2"), disconnect(4001))
    websocket = await connected(scripted)
    scripted.on_send = failing(OSError())
    closed = await end_of_send(websocket)
    heard: list[object] = []

    assert closed is await websocket.run(listener(heard), background=[fail])

    assert [TextMessage("1"), TextMessage("2")] == heard
    assert 4001 == closed.code


async def test_a_reader_that_leaves_what_came_before_the_end_ends_the_run() -> None:
    """Nobody receives any more what is still read ahead for it."""
    scripted = server(*(text(str(number)) for number in range(60)), disconnect(4001))
    websocket = await connected(scripted)
    scripted.on_send = failing(OSError())
    closed = await end_of_send(websocket)

    async def listen(messages: WebSocketReader[Message]) -> None:
        assert TextMessage("0") == await messages.receive()

    assert closed is await websocket.run(listen)


@pytest.mark.parametrize("last", [[], [text("1")]], ids=["nothing", "a message"])
async def test_run_does_not_begin_when_nothing_is_left_to_do(last: list[Event]) -> None:
    """The end was found while it waited its turn, and there is no reader for more."""
    scripted = server(*last)
    websocket = await connected(scripted)
    scripted.on_send = failing(OSError())
    ended: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, list[object](), lambda: websocket.send_text("a"))
        await settle()
        tasks.start_soon(record, ended, lambda: websocket.run(background=[fail]))
        await settle()
        scripted.give(disconnect(4001))

    assert [ClosedWebSocket] == [type(end) for end in ended]


async def test_run_does_not_begin_when_the_end_is_all_that_was_found() -> None:
    """It returns the end, as it does at a connection that was over before."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.on_send = failing(OSError())
    ended: list[object] = []

    async def listen(_messages: WebSocketReader[Message]) -> None:
        await fail()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, list[object](), lambda: websocket.send_text("a"))
        await settle()
        tasks.start_soon(record, ended, lambda: websocket.run(listen))
        await settle()
        scripted.give(disconnect(4001))

    assert [ClosedWebSocket] == [type(end) for end in ended]


async def test_nothing_follows_half_a_denial(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the close that a peer gets elsewhere that may still be there."""
    monkeypatch.setattr("typedws.connection._LOSS_GRACE", 0.01)

    def fail_at_the_body(event: Event) -> None:
        if event["type"] == "websocket.http.response.body":
            raise ConnectionResetError

    scripted.on_send = fail_at_the_body
    websocket = scripted.websocket()

    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_denial_response(DenialResponse(404))

    assert 1006 == caught.value.code
    assert [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ] == [event["type"] for event in scripted.handed]


async def test_a_run_that_ends_does_not_disturb_the_next_one() -> None:
    """Which has begun before it had ended, when its reader had failed already."""
    scripted = server()
    websocket = await connected(scripted)
    failed: list[object] = []
    heard: list[object] = []

    async def linger() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await settle()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            record,
            failed,
            lambda: websocket.run(listener(heard), background=[linger]),
        )
        await settle()
        scripted.fault = LookupError("a fault of the server")
        scripted.give()
        await settle(5)
        scripted.fault = None
        tasks.start_soon(record, failed, lambda: websocket.run(listener(heard)))
        await settle(60)
        scripted.give(text("1"), disconnect(4001))

    assert [LookupError, ClosedWebSocket] == [type(end) for end in failed]
    assert [TextMessage("1")] == heard


@pytest.mark.parametrize("seconds", [0.15, 0.3], ids=["meanwhile", "later"])
async def test_what_was_read_in_search_of_the_end_is_not_lost_at_it(
    seconds: float,
) -> None:
    """Also where a reader finds the end, as the one of a heartbeat does."""
    scripted = server(text("1"), text("2"))
    heard: list[Message] = []

    async def go_away() -> None:
        await anyio.sleep(seconds)
        scripted.give(disconnect(4001))

    @websocket_app(
        limits=Limits(heartbeat=Heartbeat(PlainCodec(), "ping", every=9, within=9))
    )
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(go_away)
            await settle()
            with suppress(RuntimeError, WebSocketDisconnect):
                await connected.send_text("a")
        await settle()
        while isinstance(message := await connected.receive(), TextMessage):
            heard.append(message)
        assert isinstance(message, ClosedWebSocket)
        return message

    scripted.on_send = refusing_messages(RuntimeError("a fault"))
    await app(scope(), scripted.receive, scripted.send)

    assert [TextMessage("1"), TextMessage("2")] == heard


@pytest.mark.parametrize("receive", ["receive", "receive_text", "iterate", "typed"])
async def test_who_waits_meanwhile_waits_no_longer_than_was_asked(
    scripted: ScriptedServer, receive: str
) -> None:
    """And loses nothing: the next call gives what was read."""
    websocket = await connected(scripted)
    typed = websocket.typed(PlainCodec())
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "receive": lambda: websocket.receive(timeout=0.05),
        "receive_text": lambda: websocket.receive_text(timeout=0.05),
        "iterate": lambda: anext(websocket.iter_messages(timeout=0.05)),
        "typed": lambda: typed.receive(timeout=0.05),
    }
    scripted.on_send = failing(OSError())
    failed: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, failed, lambda: websocket.send_text("a"))
        await settle()
        began = anyio.current_time()
        with pytest.raises(ReceiveTimeout, match=r"no message came within 0\.05 s"):
            await calls[receive]()
        assert 0.05 == pytest.approx(anyio.current_time() - began)

    assert [WebSocketDisconnect] == [type(error) for error in failed]
    assert TextMessage("1") == await websocket.receive()


@pytest.mark.parametrize("seconds", [0.01, 5], ids=["a moment", "too long"])
async def test_who_waits_meanwhile_gets_the_end_though_the_last_words_take_time(
    seconds: float,
) -> None:
    """Until they are said it is not asked for at a server that has lost the peer."""
    scripted = server()
    ended: list[object] = []

    async def send(event: Event) -> None:
        if event["type"] == "websocket.close":
            await anyio.sleep(seconds)
        if event["type"] != "websocket.accept":
            raise ConnectionResetError

    websocket = await WebSocket(scope(), scripted.receive, send).accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, ended, lambda: end_of_send(websocket))
        await settle()
        tasks.start_soon(record, ended, websocket.receive)

    closed = await websocket.close()
    assert [closed, closed] == ended
    assert 1006 == closed.code


# --- More is unread than is kept --------------------------------------------------

LARGE = text("a" * 1024 * 1024)
"""As large as what may be kept altogether."""


def numbered(count: int) -> list[Event]:
    """Make as many messages."""
    return [text(str(number)) for number in range(count)]


MUCH = [
    pytest.param(numbered(100), id="as many as are kept"),
    pytest.param([LARGE], id="as large as what is kept"),
]
MORE = [
    pytest.param(numbered(300), id="more than are kept"),
    pytest.param([LARGE] * 3, id="larger than what is kept"),
]
LOST = ConnectionResetError("gone")
IN_DOUBT = RuntimeError("Unexpected ASGI message 'websocket.send'")


@pytest.mark.parametrize("error", [LOST, IN_DOUBT], ids=["certain", "in doubt"])
@pytest.mark.parametrize("events", MUCH)
async def test_the_end_right_behind_much_is_found(
    events: list[Event], error: Exception
) -> None:
    """The sender is told of it, and the server of nothing."""
    scripted = server(*events, disconnect(4001, "bye"))
    websocket = await lost(scripted, error)

    closed = await end_of_send(websocket)

    assert (4001, "bye") == (closed.code, closed.reason)
    assert len(events) == len([message async for message in websocket])
    assert closed is await websocket.receive()
    assert [] == scripted.sent


@pytest.mark.parametrize("events", [*MUCH, *MORE])
async def test_silence_behind_much_is_the_end(events: list[Event]) -> None:
    """Who receives does not wait for ever, and a peer that is there is told."""
    scripted = server(*events)
    websocket = await lost(scripted, LOST)
    began = anyio.current_time()

    closed = await end_of_send(websocket)

    assert 1006 == closed.code
    assert len(events) == len([message async for message in websocket])
    assert closed is await websocket.receive()
    assert 1.0 == pytest.approx(anyio.current_time() - began)
    assert [{"type": "websocket.close", "code": 1011, "reason": ""}] == scripted.sent


@pytest.mark.parametrize("events", MORE)
async def test_the_end_far_behind_much_is_the_one_that_counts(
    events: list[Event],
) -> None:
    """A loss was only presumed; so nothing is said to a server that has the end."""
    scripted = server(*events, disconnect(4001, "bye"))
    websocket = await lost(scripted, LOST)

    presumed = await end_of_send(websocket)

    assert 1006 == presumed.code
    assert presumed is await end_of_send(websocket)
    assert len(events) == len([message async for message in websocket])
    closed = await websocket.receive()
    assert isinstance(closed, ClosedWebSocket)
    assert (4001, "bye") == (closed.code, closed.reason)
    assert closed is await end_of_send(websocket)
    assert closed is await websocket.close()
    assert [] == scripted.sent


async def test_a_reader_that_is_slow_gets_all_that_is_unread() -> None:
    """Though more is unread than is kept when the writer finds the peer gone."""
    scripted = server(*numbered(300), disconnect(4001))
    websocket = await lost(scripted, LOST)
    heard: list[Message] = []

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            heard.append(message)
            await anyio.sleep(0.02)

    async def tell(writer: WebSocketWriter[Message]) -> None:
        await writer.send(TextMessage("lost"))

    closed = await websocket.run(listen, tell)

    assert [TextMessage(str(number)) for number in range(300)] == heard
    assert 4001 == closed.code
    assert [] == scripted.sent


async def test_a_reader_that_leaves_early_ends_the_run() -> None:
    """Nobody receives any more what is still read ahead for it."""
    scripted = server(*numbered(300), disconnect(4001))
    websocket = await lost(scripted, LOST)

    async def listen(messages: WebSocketReader[Message]) -> None:
        await anyio.sleep(2)
        await messages.receive()

    async def tell(writer: WebSocketWriter[Message]) -> None:
        await writer.send(TextMessage("lost"))

    closed = await websocket.run(listen, tell)

    assert 1006 == closed.code


async def test_who_sends_hears_of_the_true_end_when_a_reader_has_read_it() -> None:
    """It counts from then on, also while messages from before are unread."""
    scripted = server(*numbered(110), disconnect(4001))
    websocket = await lost(scripted, LOST)
    ends = [await end_of_send(websocket)]

    async def listen(messages: WebSocketReader[Message]) -> None:
        for _ in range(100):
            await messages.receive()
        await settle()
        ends.append(await end_of_send(websocket))
        assert TextMessage("100") == await messages.receive()

    closed = await websocket.run(listen)

    assert [1006, 4001] == [end.code for end in ends]
    assert closed is ends[-1]


async def test_a_peer_that_talks_on_after_its_loss_is_told_in_the_end() -> None:
    """The error was a middleware's; a conversation of one side would never end."""
    scripted = server(*numbered(101))
    websocket = await lost(scripted, LOST)
    closed = await end_of_send(websocket)
    heard: list[Message] = []

    async def talk() -> None:
        while True:
            await anyio.sleep(0.5)
            scripted.give(text("there"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(talk)
        heard.extend([message async for message in websocket])
        tasks.cancel_scope.cancel()

    assert 101 < len(heard) < 120
    assert closed is await websocket.receive()
    assert ["websocket.close"] == scripted.sent_types()


@pytest.mark.parametrize("is_stuck", [False, True], ids=["taken", "stuck"])
async def test_who_asks_for_a_short_time_hears_of_the_end_as_well(
    *, is_stuck: bool
) -> None:
    """Again and again; together that is as long a silence as any."""
    scripted = server(*numbered(101))
    websocket = await lost(scripted, LOST)
    closed = await end_of_send(websocket)
    scripted.stuck = is_stuck
    for _ in range(101):
        await websocket.receive(timeout=0.03)
    calls = 0

    while not isinstance(
        received := await received_in_time(websocket), ClosedWebSocket
    ):
        assert None is received
        calls += 1

    assert 33 <= calls <= 36
    assert closed is received
    assert ["websocket.close"] == [event["type"] for event in scripted.handed[1:]]


async def received_in_time(
    websocket: ConnectedWebSocket,
) -> Message | ClosedWebSocket | None:
    """Receive within a short time, or give nothing."""
    try:
        return await websocket.receive(timeout=0.03)
    except ReceiveTimeout:
        return None


async def test_a_server_that_fails_behind_much_has_nothing_more() -> None:
    """It has lost the peer, so that is the end, and no news."""
    scripted = server(*numbered(101))
    scripted.fault = ValueError("of receive()")
    websocket = await lost(scripted, LOST)

    closed = await end_of_send(websocket)

    assert 101 == len([message async for message in websocket])
    assert closed is await websocket.receive()


async def test_a_close_after_a_presumed_loss_lets_the_peer_know() -> None:
    """It may be there after all; what it has sent is not received any more."""
    scripted = server(*numbered(300), disconnect(4001))
    websocket = await lost(scripted, LOST)
    closed = await end_of_send(websocket)

    assert closed is await websocket.close(4000)
    assert closed is await websocket.close()

    assert closed is await websocket.receive()
    assert [1011] == [event["code"] for event in scripted.sent]
