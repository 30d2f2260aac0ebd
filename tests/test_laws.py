"""Tests of the laws on which every state relies; `typedws.connection` lists them."""

from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

import anyio
import pytest

import typedws
from tests.scripted import (
    BrokenRule,
    Call,
    Event,
    ScriptedServer,
    binary,
    cancel_when_blocked,
    disconnect,
    failing,
    record,
    scope,
    server,
    settle,
    text,
)
from typedws import (
    ClosedWebSocket,
    ConcurrentReceiveError,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    RemoteProtocolError,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)
from typedws.connection import Connection
from typedws.states import begin

pytestmark = pytest.mark.anyio

Answer: TypeAlias = Callable[[UnacceptedWebSocket], Awaitable[object]]

ANSWERS: Final[dict[str, Answer]] = {
    "accept": UnacceptedWebSocket.accept,
    "close": UnacceptedWebSocket.close,
    "send_denial_response": lambda websocket: websocket.send_denial_response(
        DenialResponse(404)
    ),
}

RECEIVERS: Final[dict[str, Call]] = {
    "receive": ConnectedWebSocket.receive,
    "receive_text": ConnectedWebSocket.receive_text,
    "receive_bytes": ConnectedWebSocket.receive_bytes,
    "receive_json": ConnectedWebSocket.receive_json,
    "async for": lambda websocket: anext(aiter(websocket)),
    "iter_text": lambda websocket: anext(websocket.iter_text()),
    "iter_bytes": lambda websocket: anext(websocket.iter_bytes()),
    "iter_json": lambda websocket: anext(websocket.iter_json()),
}

SENDERS: Final[dict[str, Call]] = {
    "send": lambda websocket: websocket.send(TextMessage("1")),
    "send_text": lambda websocket: websocket.send_text("1"),
    "send_bytes": lambda websocket: websocket.send_bytes(b"1"),
    "send_json": lambda websocket: websocket.send_json(1),
}

FAILURES: Final[dict[str, Call]] = {
    "close with a code that there is not": lambda websocket: websocket.close(999),
    "close with a reason too long": lambda websocket: websocket.close(1000, "x" * 124),
    "send_text of a lone surrogate": lambda websocket: websocket.send_text("\ud800"),
    "send_json of NaN": lambda websocket: websocket.send_json(float("nan")),
    "a message of the other kind": ConnectedWebSocket.receive_bytes,
    "no JSON": ConnectedWebSocket.receive_json,
}
"""Calls that fail before the server is asked, or with a message that it gave."""


async def connect(
    *events: Event,
) -> tuple[ConnectedWebSocket, Connection, ScriptedServer]:
    """Accept a connection; give also what its states share, and its server."""
    scripted = server(*events)
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    accepted = await websocket.accept()
    scripted.sent.clear()
    scripted.handed.clear()
    return accepted, connection, scripted


# --- Law 1: the state moves after the await that makes it true, never before -------


@pytest.mark.parametrize("name", ANSWERS)
async def test_law_1_an_answer_moves_the_state_when_the_server_has_taken_it(
    name: str,
) -> None:
    """While the server thinks about it, the handshake is unanswered."""
    scripted = server()
    scripted.gate = anyio.Event()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, list[object](), lambda: ANSWERS[name](websocket))
        await settle()

        assert websocket is connection.current
        scripted.gate.set()

    assert type(connection.current) is (
        ConnectedWebSocket if name == "accept" else DeniedWebSocket
    )


async def test_law_1_a_close_moves_the_state_when_the_server_has_taken_it() -> None:
    """While the server thinks about it, the connection is open."""
    websocket, connection, scripted = await connect()
    scripted.gate = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(websocket.close)
        await settle()

        assert websocket is connection.current
        scripted.gate.set()

    assert isinstance(connection.current, ClosedWebSocket)


@pytest.mark.parametrize("next_name", ANSWERS)
@pytest.mark.parametrize("name", ANSWERS)
async def test_law_1_an_answer_that_fails_leaves_the_handshake_unanswered(
    name: str, next_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer is possible after it."""
    monkeypatch.setattr("typedws.connection._DOUBT_GRACE", 0.01)
    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    for error in (RuntimeError("no"), ValueError("no"), TimeoutError("no")):
        scripted.on_send = failing(error)
        with pytest.raises(type(error), match="no"):
            await ANSWERS[name](websocket)
        assert websocket is connection.current

    await ANSWERS[next_name](websocket)

    assert websocket is not connection.current


@pytest.mark.parametrize("name", ANSWERS)
async def test_law_1_an_answer_that_is_cancelled_leaves_the_handshake_unanswered(
    name: str,
) -> None:
    """It can still be refused."""
    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    scripted.stuck = True
    await cancel_when_blocked(lambda: ANSWERS[name](websocket))
    scripted.stuck = False
    states = [connection.current]

    states.append(await websocket.close())

    assert [websocket, connection.current] == states


@pytest.mark.parametrize("name", [*FAILURES, *SENDERS])
async def test_law_1_a_call_that_fails_leaves_the_connection_open(name: str) -> None:
    """It can still be used, and closed."""
    websocket, connection, scripted = await connect(text("{"), text("next"))
    scripted.on_send = failing(ValueError("refused"))
    results: list[object] = []
    await record(results, lambda: {**FAILURES, **SENDERS}[name](websocket))
    assert isinstance(results[0], Exception)
    scripted.on_send = failing()

    assert websocket is connection.current
    assert isinstance(await websocket.receive(), TextMessage)
    await websocket.send_text("next")
    assert isinstance(await websocket.close(), ClosedWebSocket)


@pytest.mark.parametrize("name", [*RECEIVERS, *SENDERS, "close"])
async def test_law_1_a_call_that_is_cancelled_leaves_the_connection_open(
    name: str,
) -> None:
    """It can still be closed."""
    websocket, connection, scripted = await connect()
    uses = {**RECEIVERS, **SENDERS, "close": ConnectedWebSocket.close}
    scripted.stuck = True
    await cancel_when_blocked(lambda: uses[name](websocket))
    scripted.stuck = False

    assert websocket is connection.current
    assert isinstance(await websocket.close(), ClosedWebSocket)


async def test_law_1_only_one_line_changes_the_state() -> None:
    """Whoever asks what can happen looks for its callers."""
    lines = [
        (path.name, line.strip())
        for path in Path(typedws.__file__).parent.rglob("*.py")
        for line in path.read_text().splitlines()
        if ".current = " in line
    ]

    assert [("connection.py", "self.current = state")] == lines


# --- Law 2: the server's receive() is not called again after a disconnect ----------


@pytest.mark.parametrize("second", RECEIVERS)
@pytest.mark.parametrize("first", RECEIVERS)
async def test_law_2_nothing_is_received_after_a_disconnect(
    first: str, second: str
) -> None:
    """Whoever received it: on three servers a further call blocks for ever."""
    websocket, _, scripted = await connect(disconnect(4001))
    results: list[object] = []
    await record(results, lambda: RECEIVERS[first](websocket))
    scripted.fault = BrokenRule("receive() was called after a disconnect")

    await record(results, lambda: RECEIVERS[second](websocket))

    ends = [
        result.closed if isinstance(result, WebSocketDisconnect) else result
        for result in results
        if not isinstance(result, StopAsyncIteration)
    ]
    assert {await websocket.close()} >= {*ends}


@pytest.mark.parametrize("name", ANSWERS)
async def test_law_2_nothing_is_received_after_a_disconnect_in_the_handshake(
    name: str,
) -> None:
    """The scripted server would say so."""
    scripted = ScriptedServer(deque([disconnect()]))
    websocket = scripted.websocket()
    for _ in range(2):
        results: list[object] = []
        await record(results, lambda: ANSWERS[name](websocket))

        assert isinstance(results[0], Exception)


# --- Law 3: after the end nothing is handed to the server's send() -----------------


async def end_by_close(websocket: ConnectedWebSocket, scripted: ScriptedServer) -> None:
    """Close."""
    await websocket.close()


async def end_by_peer(websocket: ConnectedWebSocket, scripted: ScriptedServer) -> None:
    """Let the peer close."""
    scripted.give(disconnect(4001))
    await websocket.receive()


async def end_by_loss(websocket: ConnectedWebSocket, scripted: ScriptedServer) -> None:
    """Let the peer be gone, with nothing left to receive."""
    scripted.give(disconnect(1006))
    scripted.on_send = failing(OSError())
    await record([], lambda: websocket.send_text("lost"))


async def end_by_loss_with_messages(
    websocket: ConnectedWebSocket, scripted: ScriptedServer
) -> None:
    """Let the peer be gone, with a message left to receive."""
    scripted.give(text("a"))
    await end_by_loss(websocket, scripted)


async def end_by_violation(
    websocket: ConnectedWebSocket, scripted: ScriptedServer
) -> None:
    """Let the server break ASGI."""
    scripted.give({"type": "websocket.ping"})
    with pytest.raises(RemoteProtocolError):
        await websocket.receive()


ENDS: Final = [
    end_by_close,
    end_by_peer,
    end_by_loss,
    end_by_loss_with_messages,
    end_by_violation,
]


@pytest.mark.parametrize("name", [*SENDERS, "close"])
@pytest.mark.parametrize("end", ENDS)
async def test_law_3_nothing_is_sent_after_the_end(
    end: Callable[[ConnectedWebSocket, ScriptedServer], Awaitable[None]], name: str
) -> None:
    """Every send is told of the end, and a close returns it."""
    websocket, _, scripted = await connect()
    await end(websocket, scripted)
    scripted.handed.clear()
    results: list[object] = []
    for _ in range(2):
        await record(
            results,
            lambda: {**SENDERS, "close": ConnectedWebSocket.close}[name](websocket),
        )

    closed = await websocket.close()
    assert [closed, closed] == [
        result.closed if isinstance(result, WebSocketDisconnect) else result
        for result in results
    ]
    assert [] == scripted.handed


# --- Law 4: one task receives at a time; each message goes to one caller -----------


@pytest.mark.parametrize("second", RECEIVERS)
@pytest.mark.parametrize("first", RECEIVERS)
async def test_law_4_one_task_receives_at_a_time(first: str, second: str) -> None:
    """The second is told at once, and the first gets its message."""
    websocket, _, scripted = await connect()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: RECEIVERS[first](websocket))
        await settle()
        with pytest.raises(ConcurrentReceiveError):
            await RECEIVERS[second](websocket)
        scripted.give(binary(b"1") if "bytes" in first else text("1"))

    assert 1 == len(results)
    assert not isinstance(results[0], Exception)


async def test_law_4_each_message_goes_to_one_caller() -> None:
    """Two tasks that take turns get all of them, in order."""
    websocket, _, scripted = await connect()
    received: list[str] = []

    async def take_turns() -> None:
        while len(received) < 50:
            try:
                received.append(await websocket.receive_text())
            except ConcurrentReceiveError:
                await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(take_turns)
        tasks.start_soon(take_turns)
        for number in range(51):
            scripted.give(text(str(number)))
            await anyio.lowlevel.checkpoint()

    numbers = [int(number) for number in received]
    assert numbers == [*range(len(numbers))]


# --- Law 5: a connection has one end, and this side's own close is remembered ------


async def test_law_5_all_are_told_of_the_same_end() -> None:
    """A reader, two senders and two that close, at the same time."""
    websocket, connection, scripted = await connect(text("a"))
    scripted.gate = anyio.Event()
    scripted.on_send = failing(OSError(), OSError(), OSError(), OSError())
    results: list[object] = []

    async def read() -> object:
        while not isinstance(event := await websocket.receive(), ClosedWebSocket):
            pass
        return event

    async with anyio.create_task_group() as tasks:
        for use in (
            read,
            lambda: websocket.send_text("lost"),
            lambda: websocket.send_bytes(b"lost"),
            lambda: websocket.close(4002),
            lambda: websocket.close(4003),
        ):
            tasks.start_soon(record, results, use)
        await settle()
        scripted.gate.set()
        await settle()
        scripted.give(disconnect(4001))

    ends = [
        result.closed if isinstance(result, WebSocketDisconnect) else result
        for result in results
    ]
    assert [connection.current] * 5 == ends
    assert 4001 == (await websocket.close()).code


@pytest.mark.parametrize("name", RECEIVERS)
async def test_law_5_the_servers_word_on_our_close_is_not_taken(name: str) -> None:
    """Servers report 1005, 1006 or nothing for it."""
    websocket, _, scripted = await connect()
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: RECEIVERS[name](websocket))
        await settle()
        await websocket.close(4000, "ours")
        scripted.give(disconnect(1006, "theirs"))

    closed = await websocket.close()
    assert (4000, "ours", "server") == (closed.code, closed.reason, closed.closed_by)


# --- Law 6: a failed send means a loss only where the error says so ----------------


@pytest.mark.parametrize("name", SENDERS)
async def test_law_6_a_failed_send_is_no_loss_unless_the_error_says_so(
    name: str,
) -> None:
    """The disconnect that waits behind it is for the receiver to find."""
    websocket, connection, scripted = await connect(disconnect(4001))
    fault = FileNotFoundError("a middleware's")
    scripted.on_send = failing(fault)

    with pytest.raises(FileNotFoundError) as caught:
        await SENDERS[name](websocket)

    assert fault is caught.value
    assert websocket is connection.current


@pytest.mark.parametrize("name", RECEIVERS)
async def test_law_6_what_was_sent_before_a_loss_can_be_received(name: str) -> None:
    """By each receiver, one after the other, and then comes the end."""
    message = binary(b"1") if "bytes" in name else text("1")
    websocket, _, scripted = await connect(message, message, disconnect(4001))
    scripted.on_send = failing(OSError())
    with pytest.raises(WebSocketDisconnect):
        await websocket.send_text("lost")
    results: list[object] = []
    for _ in range(3):
        await record(results, lambda: RECEIVERS[name](websocket))

    *messages, end = results
    assert not any(isinstance(result, Exception) for result in messages)
    assert isinstance(end, (ClosedWebSocket, WebSocketDisconnect, StopAsyncIteration))
