"""Tests of `close()`, and of the `ClosedWebSocket` that every connection becomes."""

from collections.abc import Awaitable, Callable, Generator
from typing import Final, cast

import anyio
import pytest
from typing_extensions import override

from tests.scripted import (
    BrokenRule,
    Call,
    Event,
    ScriptedServer,
    call,
    cancel_when_blocked,
    connected,
    disconnect,
    failing,
    record,
    scope,
    server,
    settle,
    text,
    within,
)
from typedws import (
    CloseCode,
    ClosedStateError,
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    Limits,
    LocalProtocolError,
    SpentStateError,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
    websocket_app,
)
from typedws.asgi import SendEvent

pytestmark = pytest.mark.anyio

SENDERS: Final = [
    pytest.param(
        call(lambda websocket: websocket.send(TextMessage("late"))), "send()", id="send"
    ),
    pytest.param(
        call(lambda websocket: websocket.send_text("late")),
        "send_text()",
        id="send_text",
    ),
    pytest.param(
        call(lambda websocket: websocket.send_bytes(b"late")),
        "send_bytes()",
        id="send_bytes",
    ),
    pytest.param(
        call(lambda websocket: websocket.send_json("late")),
        "send_json()",
        id="send_json",
    ),
]


def facts(closed: ClosedWebSocket) -> tuple[int, str, str]:
    """Give what a closed state says of the end."""
    return closed.code, closed.reason, closed.closed_by


def close_events(scripted: ScriptedServer) -> list[object]:
    """Give the codes of the close events that the server was handed."""
    return [
        event["code"] for event in scripted.handed if event["type"] == "websocket.close"
    ]


async def end_of_reader(websocket: ConnectedWebSocket) -> ClosedWebSocket:
    """Receive until the end."""
    while not isinstance(event := await websocket.receive(), ClosedWebSocket):
        pass
    return event


# --- An ordinary close -------------------------------------------------------------


async def test_close_sends_a_close_and_returns_the_end() -> None:
    """Every key is sent: some servers raise KeyError without it."""
    scripted = server()
    websocket = await connected(scripted)

    closed = await websocket.close()

    assert (1000, "", "server") == facts(closed)
    assert closed.clean
    assert [{"type": "websocket.close", "code": 1000, "reason": ""}] == scripted.sent


async def test_close_sends_code_and_reason() -> None:
    """A member of CloseCode is sent as a plain int: daphne refuses others."""
    scripted = server()
    websocket = await connected(scripted)

    closed = await websocket.close(CloseCode.POLICY_VIOLATION, "hé" * 41)

    assert (1008, "hé" * 41, "server") == facts(closed)
    assert [
        {"type": "websocket.close", "code": 1008, "reason": "hé" * 41}
    ] == scripted.sent
    assert [int, int] == [type(closed.code), type(scripted.sent[0]["code"])]


@pytest.mark.parametrize(
    ("code", "reason", "error"),
    [
        (999, None, LocalProtocolError),
        (1004, None, LocalProtocolError),
        (1005, None, LocalProtocolError),
        (1006, None, LocalProtocolError),
        (1015, None, LocalProtocolError),
        (2999, None, LocalProtocolError),
        (5000, None, LocalProtocolError),
        (1000, "é" * 62, LocalProtocolError),
        (1000, "\ud800", LocalProtocolError),
        (True, None, TypeError),
        (cast("int", "1000"), None, TypeError),
        (1000, cast("str", b"bye"), TypeError),
    ],
)
async def test_a_close_that_may_not_be_sent_leaves_the_connection_open(
    code: int, reason: str | None, error: type[Exception]
) -> None:
    """Nothing is sent, and a right close is still possible (a fault of Starlette)."""
    scripted = server()
    websocket = await connected(scripted)

    with pytest.raises(error):
        await websocket.close(code, reason)

    assert [] == scripted.handed
    await websocket.send_text("still open")
    assert 1000 == (await websocket.close(1000)).code
    assert ["websocket.send", "websocket.close"] == scripted.sent_types()


class Awaited(Awaitable[None]):
    """What a server may return that is no coroutine."""

    def __init__(self, sent: Awaitable[None]) -> None:
        """Be awaited as this is."""
        self._sent = sent

    @override
    def __await__(self) -> Generator[object, None, None]:
        return self._sent.__await__()


@pytest.mark.parametrize("is_stuck", [False, True])
async def test_a_close_is_given_up_whatever_kind_of_awaitable_it_is(
    *, is_stuck: bool
) -> None:
    """As that of a server whose functions return coroutines."""
    scripted = server()

    async def send_or_hang(event: SendEvent) -> None:
        if is_stuck and event["type"] == "websocket.close":
            await anyio.sleep_forever()
        await scripted.send(event)

    def send(event: SendEvent) -> Awaitable[None]:
        return Awaited(send_or_hang(event))

    ended: list[Ended] = []

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connected = await websocket.accept()
        ended.append(await connected.close(4000))
        return ended[0]

    app = websocket_app(handler, limits=Limits(close_timeout=0.05))
    await app(scope(), scripted.receive, send)

    assert [1006 if is_stuck else 4000] == [
        closed.code for closed in ended if isinstance(closed, ClosedWebSocket)
    ]


async def test_a_second_close_returns_the_end_that_there_is() -> None:
    """The server is told to close once, and the first code stands."""
    scripted = server()
    websocket = await connected(scripted)
    closed = await websocket.close(4000, "first")

    assert closed is await websocket.close(4001, "second")
    assert [4000] == close_events(scripted)


async def test_a_close_after_the_end_by_the_peer_returns_that_end() -> None:
    """So `return await websocket.close()` is always right, and calls no server."""
    scripted = server(disconnect(4001, "bye"))
    websocket = await connected(scripted)
    async for _ in websocket:
        pytest.fail("there is no message")

    closed = await websocket.close(1011)

    assert (4001, "bye", "client") == facts(closed)
    assert closed is await websocket.receive()
    assert [] == scripted.handed


# --- After our own close -----------------------------------------------------------


@pytest.mark.parametrize(("send", "method"), SENDERS)
async def test_a_send_after_our_own_close_is_a_mistake_and_a_disconnect(
    send: Call, method: str
) -> None:
    """A task that came late may catch it as what it catches anyway."""
    scripted = server()
    websocket = await connected(scripted)
    closed = await websocket.close(4000, "bye")

    with pytest.raises(ClosedStateError) as caught:
        await send(websocket)

    assert isinstance(caught.value, WebSocketDisconnect)
    assert isinstance(caught.value, SpentStateError)
    assert closed is caught.value.closed
    assert (4000, "bye") == (caught.value.code, caught.value.reason)
    assert ("ConnectedWebSocket", method, "close()", "ClosedWebSocket") == (
        caught.value.state,
        caught.value.method,
        caught.value.left_by,
        caught.value.successor,
    )
    assert (
        f"{method} was called on a spent ConnectedWebSocket: close() was already "
        "called on it; use the ClosedWebSocket that came of it "
        "(this side closed it with 4000, reason 'bye')"
    ) == str(caught.value)
    assert [4000] == close_events(scripted)
    assert 1 == len(scripted.handed)


async def test_after_our_own_close_every_receiver_sees_its_end() -> None:
    """The server's receive() is not called, which might block for ever."""
    scripted = server()
    websocket = await connected(scripted)
    texts = websocket.iter_text()
    closed = await websocket.close(4000)
    scripted.fault = BrokenRule("receive() was called after the end")

    assert closed is await websocket.receive()
    for receive in (
        websocket.receive_text,
        websocket.receive_bytes,
        websocket.receive_json,
    ):
        with pytest.raises(WebSocketDisconnect) as caught:
            await receive()
        assert closed is caught.value.closed
        assert WebSocketDisconnect is type(caught.value)
    assert [] == [item async for item in texts]
    assert [] == [item async for item in websocket]


@pytest.mark.parametrize("code", [1000, 1005, 1006, 4001])
async def test_a_reader_that_waits_during_a_close_gets_the_end_that_we_made(
    code: int,
) -> None:
    """Whatever code the server reports for it: servers report their own."""
    scripted = server()
    websocket = await connected(scripted)
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_reader(websocket))
        await settle()
        await websocket.close(4000, "ours")
        scripted.give(disconnect(code, "the server's"))

    closed = await websocket.close()
    assert (4000, "ours", "server") == facts(closed)
    assert [closed] == results


async def test_a_reader_whose_disconnect_overtakes_the_close_gets_our_end() -> None:
    """The server may report the end before its send() has returned."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.lag = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_reader(websocket))
        tasks.start_soon(record, results, lambda: websocket.close(4000))
        await settle()
        scripted.give(disconnect(1005))
        await settle()
        scripted.lag.set()

    assert 1 == len({*results})
    assert (4000, "", "server") == facts(await websocket.close())


async def test_a_message_on_its_way_to_a_reader_arrives_after_a_close() -> None:
    """The reader was there first; only then comes the end."""
    scripted = server()
    websocket = await connected(scripted)
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        await websocket.close()
        scripted.give(text("late"))

    assert [TextMessage("late")] == results
    assert isinstance(await websocket.receive(), ClosedWebSocket)


# --- Two tasks close ---------------------------------------------------------------


async def test_two_tasks_that_close_at_once_get_the_same_end() -> None:
    """The server is told to close once."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        for code in (4000, 4001, 4002):
            tasks.start_soon(record, results, lambda code=code: websocket.close(code))
        await settle()
        scripted.gate.set()

    assert 3 == len(results)
    assert {await websocket.close()} == {*results}
    assert 1 == len(close_events(scripted))


async def test_a_close_that_fails_lets_the_next_one_try() -> None:
    """The first caller gets the server's error, the second its close."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    scripted.on_send = failing(ValueError("not now"))
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.close(4000))
        await settle()
        tasks.start_soon(record, results, lambda: websocket.close(4001))
        await settle()
        scripted.gate.set()

    assert [ValueError, ClosedWebSocket] == [type(result) for result in results]
    assert (4001, "", "server") == facts(await websocket.close())
    assert [4000, 4001] == close_events(scripted)


async def test_a_close_that_is_cancelled_lets_the_next_one_try() -> None:
    """It repeats the first, which the server may have taken."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        scope = anyio.CancelScope()
        tasks.start_soon(within, scope, lambda: websocket.close(4000))
        await settle()
        tasks.start_soon(record, results, lambda: websocket.close(4001))
        tasks.start_soon(record, results, lambda: websocket.close(4002))
        await settle()
        scope.cancel()
        await settle()
        scripted.gate.set()

    assert {await websocket.close()} == {*results}
    assert (4000, "", "server") == facts(await websocket.close())
    assert [4000, 4000] == close_events(scripted)


# --- A close that was cancelled ----------------------------------------------------


async def test_a_cancelled_close_that_the_server_had_taken_ends_as_ours() -> None:
    """The server refuses the second one; that is no reason to fail."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.lag = anyio.Event()
    await cancel_when_blocked(lambda: websocket.close(4000, "first"))
    scripted.on_send = failing(RuntimeError("closed before"))

    closed = await websocket.close(4001, "second")

    assert (4000, "first", "server") == facts(closed)
    with pytest.raises(ClosedStateError):
        await websocket.send_text("late")


async def test_a_cancelled_close_that_the_server_had_not_taken_is_repeated() -> None:
    """As it was: so the end tells the code that the peer got in either case."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.stuck = True
    await cancel_when_blocked(lambda: websocket.close(4000, "first"))
    scripted.stuck = False

    closed = await websocket.close(4001, "second")

    assert (4000, "first", "server") == facts(closed)
    assert [
        {"type": "websocket.close", "code": 4000, "reason": "first"}
    ] == scripted.sent


async def test_a_disconnect_after_a_cancelled_close_is_taken_for_its_effect() -> None:
    """The server reports its own code for it."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.lag = anyio.Event()
    await cancel_when_blocked(lambda: websocket.close(4000))
    scripted.give(text("before"), disconnect(1005))

    assert TextMessage("before") == await websocket.receive()
    assert (4000, "", "server") == facts(await end_of_reader(websocket))


async def test_a_send_after_a_cancelled_close_does_not_wait_for_that_close() -> None:
    """Nobody is closing any more; so the sender looks for the end itself."""
    scripted = server(text("a"), disconnect(1005))
    websocket = await connected(scripted)
    scripted.lag = anyio.Event()
    await cancel_when_blocked(lambda: websocket.close(4000))
    scripted.on_send = failing(OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.send_text("late"))
        await settle()

        assert [WebSocketDisconnect] == [type(result) for result in results]

    assert TextMessage("a") == await websocket.receive()
    assert (4000, "", "server") == facts(await end_of_reader(websocket))


# --- A server that refuses ---------------------------------------------------------


def refusing(*codes: range) -> Callable[[Event], None]:
    """Make an `on_send` that refuses these close codes, as daphne does."""

    def refuse(event: Event) -> None:
        if any(event.get("code") in span for span in codes):
            raise Exception(f"invalid close code {event['code']}")  # noqa: TRY002

    return refuse


@pytest.mark.parametrize("code", [1001, 1008, 1011, 1014])
async def test_a_code_that_the_server_refuses_is_sent_from_the_range_of_libraries(
    code: int,
) -> None:
    """The end tells the code that was sent in the end."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.on_send = refusing(range(1001, 3000))

    closed = await websocket.close(code, "why")

    assert (code + 2000, "why", "server") == facts(closed)
    assert [
        {"type": "websocket.close", "code": code + 2000, "reason": "why"}
    ] == scripted.sent


@pytest.mark.parametrize(
    ("code", "tried"), [(1000, [1000]), (1011, [1011, 3011]), (4000, [4000])]
)
async def test_a_server_that_refuses_every_close_leaves_the_connection_open(
    code: int, tried: list[int]
) -> None:
    """Its error is the caller's, and another close may succeed."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.on_send = refusing(range(5000))

    with pytest.raises(Exception, match=f"^invalid close code {tried[-1]}$"):
        await websocket.close(code)

    assert tried == close_events(scripted)
    scripted.on_send = refusing()
    await websocket.send_text("still open")
    assert (4009, "", "server") == facts(await websocket.close(4009))


@pytest.mark.parametrize("error", [TimeoutError(), PermissionError(1, "no")])
async def test_a_close_that_a_middleware_gives_up_is_not_tried_with_another_code(
    error: OSError,
) -> None:
    """That is no refusal of the code: the server may even have taken it."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.on_send = failing(error)

    with pytest.raises(type(error)):
        await websocket.close(1011)

    assert [1011] == close_events(scripted)
    assert 1011 == (await websocket.close(1011)).code


async def test_a_close_that_is_refused_since_the_peer_has_gone_is_its_end() -> None:
    """The reader has seen the disconnect meanwhile; nothing more is sent."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    scripted.on_send = failing(ValueError("closed"))
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_reader(websocket))
        tasks.start_soon(record, results, lambda: websocket.close(1011))
        await settle()
        scripted.give(disconnect(1001))
        await settle()
        scripted.gate.set()

    assert {await websocket.close()} == {*results}
    assert [1011] == close_events(scripted)


# --- A send beside a close ---------------------------------------------------------


@pytest.mark.parametrize("error", [RuntimeError("after close"), OSError()])
async def test_a_send_beside_a_close_is_told_of_the_end(error: Exception) -> None:
    """The server refuses it since it has the close; that is no error of its own."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.lag = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.close(4000))
        await settle()
        scripted.on_send = failing(error)
        tasks.start_soon(record, results, lambda: websocket.send_text("late"))
        await settle()
        scripted.lag.set()

    closed = await websocket.close()
    disconnects = [item for item in results if isinstance(item, WebSocketDisconnect)]
    assert [closed] == [item.closed for item in disconnects]
    assert [closed] == [item for item in results if isinstance(item, ClosedWebSocket)]
    assert (4000, "", "server") == facts(closed)


async def test_a_send_that_fails_after_a_close_does_not_wait_for_the_end() -> None:
    """It is known, although a reader is still waiting for it."""
    scripted = server()
    websocket = await connected(scripted)
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, list[object](), websocket.receive)
        scripted.gate = gate = anyio.Event()
        tasks.start_soon(record, results, lambda: websocket.send_text("late"))
        await settle()
        scripted.gate = None
        await websocket.close(4000)
        scripted.on_send = failing(OSError())
        gate.set()
        await settle()

        assert [WebSocketDisconnect] == [type(result) for result in results]
        scripted.give(disconnect())


async def test_a_send_that_fails_after_the_end_was_received_receives_nothing() -> None:
    """The server's receive() would block for ever."""
    scripted = server(disconnect(4001))
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.send_text("late"))
        await settle()
        await websocket.receive()
        scripted.on_send = failing(OSError())
        scripted.gate.set()

    assert [WebSocketDisconnect] == [type(result) for result in results]


async def test_a_send_that_hangs_does_not_keep_another_task_from_closing() -> None:
    """Whether the close gets through is the server's affair; the call is made."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.stuck = True
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(websocket.send_text, "stuck")
        await settle()
        scripted.stuck = False

        closed = await websocket.close()

        assert (1000, "", "server") == facts(closed)
        tasks.cancel_scope.cancel()


# --- What it says ------------------------------------------------------------------


async def test_a_closed_state_can_not_be_built_by_hand() -> None:
    """It is a proof; whoever is type checked can't even write the call."""
    with pytest.raises(TypeError) as caught:
        ClosedWebSocket(1000)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert (
        "a ClosedWebSocket is proof of a closed connection: take it from close(), "
        "from receive(), or from WebSocketDisconnect.closed"
    ) == str(caught.value)


async def test_a_connected_state_can_not_be_built_by_hand() -> None:
    """Only an accepted handshake makes one."""
    with pytest.raises(TypeError) as caught:
        ConnectedWebSocket(1)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert (
        "a ConnectedWebSocket is an accepted connection: take it from accept() of "
        "the UnacceptedWebSocket"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("event", "story"),
    [
        (disconnect(1001), "the client closed it with 1001"),
        (
            disconnect(4000, "l\xe9\n"),
            r"the client closed it with 4000, reason 'l\xe9\n'",
        ),
        (disconnect(1006), "it was lost without a close frame (1006)"),
        (disconnect(1012), "this side closed it with 1012"),
        (
            disconnect(1012, "restart"),
            "the client closed it with 1012, reason 'restart'",
        ),
    ],
)
async def test_a_closed_state_and_its_error_tell_the_story(
    event: Event, story: str
) -> None:
    """Text of the peer is quoted in ASCII, so that it can't forge a line of a log."""
    websocket = await connected(server(event))
    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.receive_text()

    assert f"The connection is over: {story}" == str(caught.value)
    assert f"<ClosedWebSocket {story}>" == repr(caught.value.closed)
    assert caught.value.closed.code == caught.value.code
    assert caught.value.closed.reason == caught.value.reason


async def test_a_closed_state_still_reads_the_handshake() -> None:
    """Reading never depends on the state."""
    closed = await (await connected(server())).close()

    assert "/chat" == closed["path"]
    assert "ws://example.com/chat" == closed.url
