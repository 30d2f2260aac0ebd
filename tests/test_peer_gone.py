"""Tests of a peer that goes while something is sent to it."""

import errno
import socket
from typing import Final, TypeAlias

import anyio
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.scripted import (
    CONNECT,
    BrokenRule,
    Call,
    Event,
    ScriptedServer,
    binary,
    call,
    cancel_when_blocked,
    connected,
    disconnect,
    failing,
    record,
    refusing_messages,
    scope,
    server,
    settle,
    text,
    within,
)
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    LocalProtocolError,
    Message,
    RemoteProtocolError,
    TextMessage,
    WebSocket,
    WebSocketDisconnect,
)
from typedws.states import begin

pytestmark = pytest.mark.anyio

Received: TypeAlias = Message | ClosedWebSocket | Exception


class ClientGone(OSError):
    """What a server raises: uvicorn's has no number either."""


LOSSES: Final = [
    pytest.param(ConnectionResetError(errno.ECONNRESET, "reset"), id="reset"),
    pytest.param(ConnectionResetError(), id="reset, bare"),
    pytest.param(BrokenPipeError(), id="broken pipe, bare"),
    pytest.param(OSError(errno.EPIPE, "broken pipe"), id="EPIPE"),
    pytest.param(OSError(errno.ENOTCONN, "not connected"), id="ENOTCONN"),
    pytest.param(OSError(), id="OSError, bare"),
    pytest.param(ClientGone("gone"), id="a server's own"),
]

OTHER_FAULTS: Final = [
    pytest.param(TimeoutError(), id="TimeoutError"),
    pytest.param(FileNotFoundError(errno.ENOENT, "no file"), id="FileNotFoundError"),
    pytest.param(PermissionError(errno.EACCES, "denied"), id="PermissionError"),
    pytest.param(socket.gaierror(socket.EAI_NONAME, "no name"), id="gaierror"),
    pytest.param(OSError(errno.ENOSPC, "disk full"), id="ENOSPC"),
    pytest.param(ValueError("a fault"), id="ValueError"),
    pytest.param(NotImplementedError("a RuntimeError"), id="NotImplementedError"),
]

SENDERS: Final = [
    pytest.param(call(lambda websocket: websocket.send(TextMessage("a"))), id="send"),
    pytest.param(call(lambda websocket: websocket.send_text("a")), id="send_text"),
    pytest.param(call(lambda websocket: websocket.send_bytes(b"a")), id="send_bytes"),
    pytest.param(call(lambda websocket: websocket.send_json("a")), id="send_json"),
]


@pytest.fixture
def short_graces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the waits for a disconnect that does not come short."""
    monkeypatch.setattr("typedws.connection._LOSS_GRACE", 0.05)
    monkeypatch.setattr("typedws.connection._DOUBT_GRACE", 0.02)


def facts(closed: ClosedWebSocket) -> tuple[int, str, str]:
    """Give what a closed state says of the end."""
    return closed.code, closed.reason, closed.closed_by


async def lost(scripted: ScriptedServer, *errors: Exception) -> ConnectedWebSocket:
    """Accept a connection whose next sends fail."""
    websocket = await connected(scripted)
    scripted.on_send = failing(*errors)
    return websocket


async def end_of_send(
    websocket: ConnectedWebSocket, data: str = "lost"
) -> ClosedWebSocket:
    """Send to a peer that has gone, and give the end that this tells of."""
    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_text(data)
    return caught.value.closed


async def all_received(websocket: ConnectedWebSocket) -> list[Received]:
    """Receive until the end, which is the last item."""
    received: list[Received] = []
    while not received or not isinstance(received[-1], ClosedWebSocket):
        received.append(await websocket.receive())
    return received


# --- An error that says that the peer has gone -------------------------------------


@pytest.mark.parametrize("error", LOSSES)
@pytest.mark.parametrize("send", SENDERS)
async def test_a_send_to_a_peer_that_has_gone_tells_the_true_end(
    send: Call, error: OSError
) -> None:
    """It is that of the disconnect event, which nobody had received yet."""
    websocket = await lost(server(disconnect(4001, "bye")), error)

    with pytest.raises(WebSocketDisconnect) as caught:
        await send(websocket)

    closed = caught.value.closed
    assert (4001, "bye", "client") == facts(closed)
    assert error is caught.value.__cause__
    assert closed is await websocket.receive()
    assert closed is await websocket.close()


async def test_after_a_loss_the_server_is_called_no_more() -> None:
    """Neither its send() nor its receive(); every send tells the same end."""
    scripted = server(disconnect(4001))
    websocket = await lost(scripted, OSError())
    closed = await end_of_send(websocket)

    for _ in range(2):
        assert closed is await end_of_send(websocket)

    assert 1 == len(scripted.handed)


@pytest.mark.parametrize("events", [[], [text("a")]], ids=["nothing", "a message"])
async def test_only_the_first_error_of_a_loss_has_a_cause(events: list[Event]) -> None:
    """The later ones are no errors of a server, and do not look like one."""
    websocket = await lost(server(*events, disconnect(4001)), OSError())
    await end_of_send(websocket)

    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_text("lost")

    assert None is caught.value.__cause__
    assert None is caught.value.__context__


@pytest.mark.parametrize("error", LOSSES)
async def test_messages_from_before_a_loss_can_still_be_received(
    error: OSError,
) -> None:
    """The peer has sent them; the end that follows is the one that the send told."""
    scripted = server(text("a"), text("b"), disconnect(4001, "bye"))
    websocket = await lost(scripted, error)

    closed = await end_of_send(websocket)

    assert (4001, "bye", "client") == facts(closed)
    assert closed is await end_of_send(websocket)
    assert [TextMessage("a"), TextMessage("b"), closed] == await all_received(websocket)
    assert closed is await websocket.close()
    assert 1 == len(scripted.handed)


async def test_iterators_give_the_messages_from_before_a_loss() -> None:
    """They end after these, as they would have without the send."""
    websocket = await lost(server(text("a"), text("b"), disconnect()), OSError())
    texts = websocket.iter_text()
    await end_of_send(websocket)

    assert ["a", "b"] == [item async for item in texts]


async def test_a_close_after_a_loss_forgoes_what_could_still_be_received() -> None:
    """It returns the end that the send has told; nothing is handed to the server."""
    scripted = server(text("a"), disconnect(4001))
    websocket = await lost(scripted, OSError())
    closed = await end_of_send(websocket)

    assert closed is await websocket.close()
    assert closed is await websocket.receive()
    assert 1 == len(scripted.handed)


async def test_a_close_to_a_peer_that_has_gone_returns_the_true_end() -> None:
    """The handler that closes need not know that it came late."""
    websocket = await lost(server(text("a"), disconnect(4001)), OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.close)
        await settle()

        assert 1 == len(results)

    closed = await websocket.close()
    assert [closed] == results
    assert (4001, "", "client") == facts(closed)
    assert closed is await websocket.receive()


@pytest.mark.usefixtures("short_graces")
async def test_a_loss_without_a_disconnect_event_is_a_lost_network() -> None:
    """The wait for the event is bounded, and receive() does not go back to it."""
    scripted = server()
    unaccepted, connection = begin(scope(), scripted.receive, scripted.send)
    websocket = await unaccepted.accept()
    scripted.on_send = failing(OSError())

    closed = await end_of_send(websocket)

    assert closed is connection.current
    assert (1006, "", "network") == facts(closed)
    scripted.fault = BrokenRule("receive() was called after the end")
    assert closed is await websocket.receive()
    assert closed is await websocket.close()


@pytest.mark.usefixtures("short_graces")
@pytest.mark.parametrize("events", [[], [text("a")]], ids=["nothing", "a message"])
async def test_a_peer_that_may_still_be_there_is_told_of_its_loss(
    events: list[Event],
) -> None:
    """The error may have been a middleware's; so the server is told to close, once."""
    scripted = server(*events)
    websocket = await lost(scripted, OSError())

    closed = await end_of_send(websocket)

    assert (1006, "", "network") == facts(closed)
    assert [{"type": "websocket.close", "code": 1011, "reason": ""}] == scripted.sent
    assert closed is await websocket.close()
    assert 2 == len(scripted.handed)


@pytest.mark.usefixtures("short_graces")
async def test_a_close_that_fails_is_not_followed_by_another() -> None:
    """It was the last word, and the server says nothing of an end."""
    scripted = server()
    websocket = await lost(scripted, OSError())

    closed = await websocket.close(4000)

    assert (1006, "", "network") == facts(closed)
    assert [4000] == [event["code"] for event in scripted.handed]


@pytest.mark.usefixtures("short_graces")
async def test_a_peer_that_may_still_be_there_is_told_what_it_was_told_before() -> None:
    """A close that was cancelled stands, and so does its code."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.stuck = True
    await cancel_when_blocked(lambda: websocket.close(4000, "first"))
    scripted.stuck = False
    scripted.on_send = failing(OSError())

    closed = await end_of_send(websocket)

    assert (4000, "first", "server") == facts(closed)
    assert [
        {"type": "websocket.close", "code": 4000, "reason": "first"}
    ] == scripted.sent


async def test_a_peer_that_is_told_to_go_meanwhile_is_not_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One task looks for the end of a failed send while another closes."""
    monkeypatch.setattr("typedws.connection._LOSS_GRACE", 0.05)
    scripted = server()
    websocket = await lost(scripted, OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        await websocket.close(4000)

    assert [await websocket.close()] == results
    assert [4000] == [event["code"] for event in scripted.sent]
    assert 2 == len(scripted.handed)


@pytest.mark.usefixtures("short_graces")
async def test_a_close_beside_the_last_words_to_a_peer_waits_for_them() -> None:
    """The server is told to close once."""
    scripted = server()
    websocket = await lost(scripted, OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        scripted.gate = anyio.Event()
        await anyio.sleep(0.06)
        tasks.start_soon(record, results, lambda: websocket.close(4000))
        await settle()

    closed = await websocket.close()
    assert [closed, closed] == results
    assert (1006, "", "network") == facts(closed)
    assert 2 == len(scripted.handed)


@pytest.mark.usefixtures("short_graces")
async def test_messages_from_before_a_loss_without_a_disconnect_event_are_kept() -> (
    None
):
    """The end comes behind them, although the server never told of it."""
    scripted = server(text("a"))
    websocket = await lost(scripted, OSError())

    closed = await end_of_send(websocket)

    assert (1006, "", "network") == facts(closed)
    assert [TextMessage("a"), closed] == await all_received(websocket)


async def test_a_server_that_fails_to_receive_as_well_has_lost_the_peer() -> None:
    """Its second error is no news, and is not the one that the sender sees."""
    scripted = server(text("a"))
    scripted.fault = ValueError("of receive()")
    error = OSError()
    websocket = await lost(scripted, error)

    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_text("lost")

    closed = caught.value.closed
    assert (1006, "", "network") == facts(closed)
    assert error is caught.value.__cause__
    assert [TextMessage("a"), closed] == await all_received(websocket)


async def test_a_broken_event_before_a_loss_is_still_an_error_of_the_server() -> None:
    """The end is the one that the send has told; no close is sent to nobody."""
    scripted = server({"type": "websocket.ping"}, disconnect(4001))
    websocket = await lost(scripted, OSError())
    closed = await end_of_send(websocket)

    with pytest.raises(RemoteProtocolError):
        await websocket.receive()

    assert closed is await websocket.receive()
    assert 1 == len(scripted.handed)


# --- A reader beside the sender ----------------------------------------------------


async def test_a_reader_that_is_active_gets_the_disconnect_itself() -> None:
    """The sender waits for it, and never calls the server's receive() beside it."""
    scripted = server()
    websocket = await lost(scripted, OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: all_received(websocket))
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        assert [] == results

        scripted.give(text("a"), disconnect(4001))
        await settle()
        assert 2 == len(results)

    closed = await websocket.close()
    assert (4001, "", "client") == facts(closed)
    assert closed in results
    assert [TextMessage("a"), closed] in results


async def test_a_loss_is_waited_for_though_a_response_app_has_waited_before() -> None:
    """What was over then was the handshake, and not the connection."""
    scripted = server()
    scripted.on_send = failing(RuntimeError("no response"))
    unaccepted = scripted.websocket()
    results: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(record, list[object](), receive)
            await settle()
            await record(list[object](), lambda: Response("no")(scope, receive, send))
            tasks.cancel_scope.cancel()

    with pytest.raises(LocalProtocolError):
        await unaccepted.send_denial_response(app)
    websocket = await unaccepted.accept()
    scripted.on_send = failing(OSError())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        scripted.give(disconnect(4001))

    closed = await websocket.close()
    assert [closed, closed] == results
    assert (4001, "", "client") == facts(closed)


async def test_a_reader_that_is_busy_does_not_hide_the_true_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It left receive() with a message; so the sender looks for the end itself."""
    monkeypatch.setattr("typedws.connection._LOSS_GRACE", 0.05)
    scripted = server()
    websocket = await lost(scripted, OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        scripted.give(text("a"), text("b"), disconnect(4001))

    closed = await end_of_send(websocket)
    assert (4001, "", "client") == facts(closed)
    assert [TextMessage("a"), closed] == results
    assert [TextMessage("b"), closed] == await all_received(websocket)


@pytest.mark.usefixtures("short_graces")
async def test_a_sender_waits_for_a_reader_only_so_long() -> None:
    """The reader stays where it is: nobody cancels a receive() of the server."""
    scripted = server()
    websocket = await lost(scripted, OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: all_received(websocket))
        await settle()

        await end_of_send(websocket)

        assert [] == results
        scripted.give(text("a"), disconnect(4001))

    closed = await websocket.close()
    assert (1006, "", "network") == facts(closed)
    assert [[TextMessage("a"), closed]] == results


async def test_a_reader_that_comes_while_the_sender_reads_ahead_waits_its_turn() -> (
    None
):
    """It is no second reader, and gets all messages in their order."""
    scripted = server(text("a"))
    websocket = await lost(scripted, OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        tasks.start_soon(record, results, lambda: all_received(websocket))
        await settle()
        scripted.give(text("b"), disconnect(4001))

    closed = await websocket.close()
    assert (4001, "", "client") == facts(closed)
    assert [closed, [TextMessage("a"), TextMessage("b"), closed]] == results


async def test_a_reader_that_waits_its_turn_can_be_cancelled() -> None:
    """Nothing is lost by it."""
    scripted = server(text("a"))
    websocket = await lost(scripted, OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        await cancel_when_blocked(websocket.receive)
        scripted.give(disconnect(4001))

    assert [TextMessage("a"), *results] == await all_received(websocket)


@pytest.mark.usefixtures("short_graces")
@pytest.mark.parametrize(
    ("receive", "message", "expected"),
    [
        pytest.param(
            ConnectedWebSocket.receive, text("1"), TextMessage("1"), id="receive"
        ),
        pytest.param(
            ConnectedWebSocket.receive_text, text("1"), "1", id="receive_text"
        ),
        pytest.param(
            ConnectedWebSocket.receive_bytes, binary(b"1"), b"1", id="receive_bytes"
        ),
        pytest.param(ConnectedWebSocket.receive_json, text("1"), 1, id="receive_json"),
        pytest.param(
            call(lambda websocket: anext(websocket.iter_text())),
            text("1"),
            "1",
            id="iter_text",
        ),
        pytest.param(
            call(lambda websocket: anext(websocket.iter_json())),
            text("1"),
            1,
            id="iter_json",
        ),
    ],
)
async def test_every_reader_waits_its_turn_and_then_receives(
    receive: Call, message: Event, expected: object
) -> None:
    """What the sender looked for was not there; the connection lives on."""
    scripted = server()
    websocket = await lost(scripted, RuntimeError("a fault"))
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, list[object](), lambda: websocket.send_text("lost"))
        await settle()
        tasks.start_soon(record, results, lambda: receive(websocket))
        await anyio.sleep(0.1)

        assert [] == results
        scripted.give(message)

    assert [expected] == results


@pytest.mark.usefixtures("short_graces")
async def test_two_readers_that_wait_their_turn_are_two_readers_again() -> None:
    """One receives, the other is told of it."""
    scripted = server()
    websocket = await lost(scripted, RuntimeError("a fault"))
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.send_text("lost"))
        await settle()
        tasks.start_soon(record, results, websocket.receive)
        tasks.start_soon(record, results, websocket.receive)
        await anyio.sleep(0.1)
        await settle()
        scripted.give(text("a"))

    assert ["ConcurrentReceiveError", "RuntimeError", "TextMessage"] == sorted(
        type(result).__name__ for result in results
    )


async def test_two_senders_that_fail_are_told_the_same_end() -> None:
    """One of them reads ahead, the other waits for it, and not a moment longer."""
    scripted = server(text("a"))
    websocket = await lost(scripted, OSError(), OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        scripted.give(disconnect(4001))
        await settle()

        assert 2 == len(results)

    closed = await end_of_send(websocket)
    assert [closed, closed] == results
    assert (4001, "", "client") == facts(closed)
    assert [TextMessage("a"), closed] == await all_received(websocket)


async def test_two_senders_that_fail_need_not_both_survive() -> None:
    """The one that reads ahead is cancelled, and the other goes on in its place."""
    scripted = server(text("a"))
    websocket = await lost(scripted, OSError(), OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        doomed = anyio.CancelScope()
        tasks.start_soon(within, doomed, lambda: websocket.send_text("lost"))
        await settle()
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        doomed.cancel()
        await settle()
        scripted.give(disconnect(4001))
        await settle()
        assert 1 == len(results)

    closed = await end_of_send(websocket)
    assert [closed] == results
    assert (4001, "", "client") == facts(closed)
    assert [TextMessage("a"), closed] == await all_received(websocket)


async def test_a_close_while_the_sender_reads_ahead_is_the_end_of_both() -> None:
    """Whatever the sender finds then, the connection has one end."""
    scripted = server(text("a"))
    websocket = await lost(scripted, OSError())
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: end_of_send(websocket))
        await settle()
        await websocket.close(4000)
        scripted.give(text("b"), disconnect(1006))

    closed = await websocket.close()
    assert (4000, "", "server") == facts(closed)
    assert [closed] == results
    assert closed is await websocket.receive()


async def test_cancelling_the_sender_while_it_reads_ahead_loses_no_message() -> None:
    """What it has read is still there for the reader."""
    scripted = server(text("a"), text("b"))
    websocket = await lost(scripted, OSError())
    await cancel_when_blocked(lambda: websocket.send_text("lost"))
    scripted.give(text("c"), disconnect(4001))

    *messages, closed = await all_received(websocket)

    assert [TextMessage(letter) for letter in "abc"] == messages
    assert (4001, "", "client") == facts(await websocket.close())
    assert closed is await websocket.close()


# --- An error that says something else ---------------------------------------------


@pytest.mark.parametrize("error", OTHER_FAULTS)
async def test_a_fault_that_is_no_loss_is_passed_on(error: Exception) -> None:
    """A middleware may raise what it likes; the connection lives on."""
    scripted = server(text("a"), disconnect(4001))
    websocket = await lost(scripted, error)

    with pytest.raises(type(error)) as caught:
        await websocket.send_text("lost")

    assert error is caught.value
    await websocket.send_text("next")
    assert TextMessage("a") == await websocket.receive()


async def test_a_runtime_error_with_a_disconnect_behind_it_is_the_end() -> None:
    """Some servers say so when a send comes after the end (uvicorn's legacy one)."""
    error = RuntimeError("Unexpected ASGI message 'websocket.send'")
    websocket = await lost(server(text("a"), disconnect(4001)), error)

    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_text("lost")

    closed = caught.value.closed
    assert (4001, "", "client") == facts(closed)
    assert error is caught.value.__cause__
    assert [TextMessage("a"), closed] == await all_received(websocket)


@pytest.mark.usefixtures("short_graces")
async def test_a_runtime_error_without_a_disconnect_is_passed_on() -> None:
    """The connection lives on, and no message is lost, however often it happens."""
    scripted = server()
    errors = [RuntimeError(str(number)) for number in range(3)]
    websocket = await lost(scripted, *errors)
    for number in range(3):
        scripted.give(text(f"a{number}"), text(f"b{number}"))
        with pytest.raises(RuntimeError, match=f"^{number}$"):
            await websocket.send_text("lost")

    await websocket.send_text("next")
    scripted.give(text("last"), disconnect(4001))

    *messages, closed = await all_received(websocket)
    assert [
        TextMessage(data) for data in ("a0", "b0", "a1", "b1", "a2", "b2", "last")
    ] == messages
    assert closed is await websocket.close()


@pytest.mark.usefixtures("short_graces")
async def test_a_runtime_error_while_a_reader_waits_is_passed_on() -> None:
    """The reader is not disturbed, and gets its message."""
    scripted = server()
    websocket = await lost(scripted, RuntimeError("a fault"))
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, websocket.receive)
        await settle()

        with pytest.raises(RuntimeError, match=r"^a fault$"):
            await websocket.send_text("lost")

        scripted.give(text("a"))

    assert [TextMessage("a")] == results


async def test_a_peer_that_talks_on_is_not_read_ahead_without_bound() -> None:
    """A fault of our side must not let a peer fill the memory."""
    scripted = server(*(text(str(number)) for number in range(1000)))
    websocket = await lost(scripted, RuntimeError("a fault"), RuntimeError("a fault"))

    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"^a fault$"):
            await websocket.send_text("lost")

    assert 899 <= len(scripted.events)
    scripted.give(disconnect())
    *messages, _ = await all_received(websocket)
    assert [TextMessage(str(number)) for number in range(1000)] == messages


async def test_nor_is_one_that_an_error_says_to_have_gone() -> None:
    """A middleware may say so of a peer that is there."""
    scripted = server(*(text(str(number)) for number in range(1000)))
    websocket = await lost(scripted, ConnectionResetError())

    assert 1006 == (await end_of_send(websocket)).code

    assert 899 <= len(scripted.events)
    scripted.give(disconnect())
    *messages, _ = await all_received(websocket)
    assert [TextMessage(str(number)) for number in range(1000)] == messages


async def test_nor_in_bytes() -> None:
    """A few large messages fill the memory as well."""
    large = "a" * 1024 * 1024
    scripted = server(*(text(large) for _ in range(8)), disconnect())
    websocket = await lost(scripted, ConnectionResetError())

    assert 1006 == (await end_of_send(websocket)).code

    assert 7 <= len(scripted.events)
    *messages, _ = await all_received(websocket)
    assert [TextMessage(large)] * 8 == messages


async def test_a_server_that_gives_nothing_and_never_waits_is_not_asked_for_ever() -> (
    None
):
    """No time-out would end that, for nothing else runs meanwhile."""
    events: list[Event] = [CONNECT]

    async def receive() -> Event:
        return events.pop() if events else {}

    scripted = server()
    scripted.on_send = refusing_messages(ConnectionResetError())
    websocket = await WebSocket(scope(), receive, scripted.send).accept()

    assert 1006 == (await end_of_send(websocket)).code


async def test_a_server_that_fails_to_receive_leaves_a_runtime_error_as_it_is() -> None:
    """The sender sees the error of send(); that of receive() is the reader's."""
    scripted = server(text("a"))
    scripted.fault = ValueError("of receive()")
    websocket = await lost(scripted, RuntimeError("of send()"))

    with pytest.raises(RuntimeError, match=r"^of send\(\)$"):
        await websocket.send_text("lost")

    assert TextMessage("a") == await websocket.receive()
    with pytest.raises(ValueError, match=r"^of receive\(\)$"):
        await websocket.receive()


class StateError(Exception):
    """What a server raises about its own state, as hypercorn does."""


async def test_a_send_while_another_task_closes_is_told_of_that_end() -> None:
    """Whatever the server raises, which has taken the close by then."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.lag = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.close(4000))
        await settle()
        scripted.on_send = failing(StateError())
        tasks.start_soon(record, results, lambda: websocket.send_text("late"))
        await settle()
        scripted.lag.set()

    closed, error = results
    assert isinstance(closed, ClosedWebSocket)
    assert isinstance(error, WebSocketDisconnect)
    assert closed is error.closed


@pytest.mark.parametrize(
    "error",
    [StateError(), TimeoutError(), OSError(errno.EIO, "input/output error")],
    ids=["a server's own", "TimeoutError", "EIO"],
)
@pytest.mark.parametrize("is_ours", [True, False], ids=["closed", "left"])
async def test_a_send_that_is_under_way_at_the_end_is_told_of_it(
    error: Exception, *, is_ours: bool
) -> None:
    """Whatever the server then refuses it with; who looks finds that as the cause."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.send_text("late"))
        await settle()
        gate, scripted.gate = scripted.gate, None
        scripted.give(disconnect(4001))
        await (websocket.close(4000) if is_ours else websocket.receive())
        scripted.on_send = failing(error)
        gate.set()

    closed = await websocket.close()
    [raised] = results
    assert WebSocketDisconnect is type(raised)
    assert isinstance(raised, WebSocketDisconnect)
    assert closed is raised.closed
    assert error is raised.__cause__


async def test_a_send_that_is_under_way_before_the_end_has_its_own_error() -> None:
    """It may be a fault of what was sent, and the connection is open."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.send_text("late"))
        await settle()
        scripted.on_send = failing(TypeError("a fault"))
        scripted.gate.set()

    assert ["a fault"] == [str(result) for result in results]
    await websocket.send_text("next")


async def test_a_send_that_fails_while_a_close_fails_is_told_of_its_own_error() -> None:
    """There is no end yet that could explain it."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.gate = anyio.Event()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.close(4000))
        await settle()
        tasks.start_soon(record, results, lambda: websocket.send_text("late"))
        await settle()
        scripted.on_send = failing(StateError("close"), StateError("send"))
        scripted.gate.set()

    assert ["close", "send"] == sorted(map(str, results))
