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
    WebSocketDisconnect,
    WebSocketReader,
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
