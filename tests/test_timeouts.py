"""Tests of `receive(timeout=...)` and its kin: back in time, and no message lost."""

import math
import pickle
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import anyio
import pytest

from tests.scripted import (
    PlainCodec,
    binary,
    connected,
    disconnect,
    record,
    server,
    settle,
    text,
)
from typedws import (
    ClosedWebSocket,
    ConcurrentReceiveError,
    ConnectedWebSocket,
    ErrorReply,
    JsonCodec,
    ReceiveTimeout,
    RemoteProtocolError,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
    websocket_app,
)
from typedws.testing import Closed, connect

pytestmark = pytest.mark.anyio

TimedCall = Callable[[ConnectedWebSocket, float], Awaitable[object]]


def timed(call: TimedCall) -> TimedCall:
    """Give its type to a lambda in a table."""
    return call


RECEIVERS: Final = {
    "receive()": timed(lambda ws, seconds: ws.receive(timeout=seconds)),
    "receive_text()": timed(lambda ws, seconds: ws.receive_text(timeout=seconds)),
    "receive_bytes()": timed(lambda ws, seconds: ws.receive_bytes(timeout=seconds)),
    "receive_json()": timed(lambda ws, seconds: ws.receive_json(timeout=seconds)),
    "iter_messages()": timed(
        lambda ws, seconds: anext(ws.iter_messages(timeout=seconds))
    ),
    "iter_text()": timed(lambda ws, seconds: anext(ws.iter_text(timeout=seconds))),
    "iter_bytes()": timed(lambda ws, seconds: anext(ws.iter_bytes(timeout=seconds))),
    "iter_json(mode='text')": timed(
        lambda ws, seconds: anext(ws.iter_json(timeout=seconds))
    ),
}

each_receiver = pytest.mark.parametrize(
    ("method", "receive"), RECEIVERS.items(), ids=RECEIVERS
)


# --- In time -----------------------------------------------------------------------


@each_receiver
async def test_a_wait_ends_in_time(method: str, receive: TimedCall) -> None:
    """With an error that says what was called, for how long, and what to do."""
    websocket = await connected(server())

    with anyio.fail_after(5), pytest.raises(ReceiveTimeout) as caught:
        await receive(websocket, 0.01)

    assert (method, 0.01) == (caught.value.method, caught.value.seconds)
    assert (
        f"{method}: no message came within 0.01 s; the connection is still open, and "
        "the next call goes on waiting"
    ) == str(caught.value)


async def test_the_error_is_a_time_out_to_those_who_look_for_one() -> None:
    """And it can be pickled, as any error."""
    error = ReceiveTimeout("receive()", 5)

    assert isinstance(error, TimeoutError)
    assert error.errno is None
    assert str(error) == str(pickle.loads(pickle.dumps(error)))  # noqa: S301 - our own


@each_receiver
async def test_a_message_in_time_is_received(method: str, receive: TimedCall) -> None:
    """As it is without a time-out."""
    payload = binary(b"1") if "bytes" in method else text("1")
    websocket = await connected(server(payload))
    expected = {
        "receive()": TextMessage("1"),
        "iter_messages()": TextMessage("1"),
        "receive_text()": "1",
        "iter_text()": "1",
        "receive_bytes()": b"1",
        "iter_bytes()": b"1",
    }.get(method, 1)

    assert expected == await receive(websocket, 5)


@each_receiver
async def test_the_end_is_no_time_out(method: str, receive: TimedCall) -> None:
    """It is what it is without one."""
    websocket = await connected(server(disconnect(4000, "bye")))
    results: list[object] = []

    await record(results, lambda: receive(websocket, 5))

    match results[0]:
        case WebSocketDisconnect(code=code, reason=reason):
            assert (4000, "bye") == (code, reason)
        case ClosedWebSocket(code=code, reason=reason):
            assert (4000, "bye") == (code, reason)
        case other:
            assert isinstance(other, StopAsyncIteration)


async def test_a_wait_of_no_seconds_takes_what_is_there() -> None:
    """Or gives up at once."""
    scripted = server()
    websocket = await connected(scripted)
    with pytest.raises(ReceiveTimeout):
        await websocket.receive(timeout=0)
    scripted.give(text("1"))
    await settle()

    assert TextMessage("1") == await poll(websocket)


async def poll(websocket: ConnectedWebSocket) -> object:
    """Poll until there is a message."""
    while True:
        try:
            return await websocket.receive(timeout=0)
        except ReceiveTimeout:
            await settle()


async def test_a_wait_may_be_endless() -> None:
    """Infinity is a number of seconds, too."""
    websocket = await connected(server(text("1")))

    assert TextMessage("1") == await websocket.receive(timeout=math.inf)


BAD_SECONDS: Final[dict[str, tuple[float, type[Exception], str]]] = {
    "negative": (-1, ValueError, "a number of seconds from 0 on, not -1"),
    "NaN": (math.nan, ValueError, "a number of seconds from 0 on, not nan"),
    "bool": (True, TypeError, "a number of seconds, not bool"),
}


@each_receiver
@pytest.mark.parametrize(
    ("seconds", "kind", "problem"), BAD_SECONDS.values(), ids=BAD_SECONDS
)
async def test_a_time_out_that_is_none_is_refused(
    method: str,
    receive: TimedCall,
    seconds: float,
    kind: type[Exception],
    problem: str,
) -> None:
    """Before anything was received."""
    scripted = server(text("1"))
    websocket = await connected(scripted)

    with pytest.raises(kind) as caught:
        await receive(websocket, seconds)

    assert f"{method}: the timeout is {problem}" == str(caught.value)
    assert TextMessage("1") == await websocket.receive()


# --- Nothing lost ------------------------------------------------------------------


@each_receiver
async def test_a_message_that_comes_too_late_is_for_the_next_call(
    method: str, receive: TimedCall
) -> None:
    """Whatever that call is."""
    scripted = server()
    websocket = await connected(scripted)
    for number in range(20):
        with pytest.raises(ReceiveTimeout):
            await receive(websocket, 0.001)
        scripted.give(text(f"{number}"))

        assert TextMessage(f"{number}") == await websocket.receive(), method


async def test_time_outs_under_load_lose_nothing() -> None:
    """Four hundred messages, with a wait that is far too short for them."""
    scripted = server()
    websocket = await connected(scripted)
    got: list[str] = []

    async def feed() -> None:
        for number in range(400):
            scripted.give(text(f"{number}"))
            await anyio.sleep(0.0007)
        scripted.give(disconnect())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(feed)
        while True:
            try:
                message = await websocket.receive(timeout=0.001)
            except ReceiveTimeout:
                continue
            if isinstance(message, ClosedWebSocket):
                break
            assert isinstance(message, TextMessage)
            got.append(message.data)

    assert [f"{number}" for number in range(400)] == got


# --- What else must hold -------------------------------------------------------------


async def test_a_second_receiver_is_told_so_as_ever() -> None:
    """Also while the first waits with a time-out."""
    websocket = await connected(server())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(websocket.receive, timeout=3600))
        await settle()
        with pytest.raises(ConcurrentReceiveError):
            await websocket.receive(timeout=0.05)
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("method", RECEIVERS)
async def test_a_second_receiver_with_a_timeout_is_told_so_at_once(method: str) -> None:
    """It does not wait for its time to be up."""
    websocket = await connected(server())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(websocket.receive)
        await settle()
        with pytest.raises(ConcurrentReceiveError) as caught:
            await RECEIVERS[method](websocket, 3600)
        assert method == caught.value.method
        tasks.cancel_scope.cancel()


async def test_who_waits_with_a_time_out_is_told_of_a_close() -> None:
    """On each server, even on one that then gives no disconnect."""
    websocket = await connected(server())
    with pytest.raises(ReceiveTimeout):
        await websocket.receive(timeout=0)
    results: list[object] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.receive(timeout=0.05))
        await settle()
        await websocket.close(4000, "enough")

    assert [await websocket.close()] == results


async def test_an_error_of_the_server_reaches_who_receives() -> None:
    """Once, and from then on as it comes."""
    scripted = server()
    websocket = await connected(scripted)
    with pytest.raises(ReceiveTimeout):
        await websocket.receive(timeout=0.01)
    scripted.fault = ConnectionError("the wire is cut")
    scripted.give()

    for _ in range(2):
        with pytest.raises(ConnectionError, match="the wire is cut"):
            await websocket.receive(timeout=1)


async def test_an_event_that_asgi_forbids_is_told_to_who_receives() -> None:
    """And ends the connection."""
    scripted = server()
    websocket = await connected(scripted)
    with pytest.raises(ReceiveTimeout):
        await websocket.receive(timeout=0.01)
    scripted.give({"type": "websocket.oops"})

    with pytest.raises(RemoteProtocolError, match="unexpected event"):
        await websocket.receive(timeout=1)
    assert isinstance(await websocket.receive(), ClosedWebSocket)


# --- Typed sessions ----------------------------------------------------------------


async def test_a_typed_session_waits_no_longer_either() -> None:
    """With `receive()`, and with each step of an iteration."""
    session = (await connected(server())).typed(PlainCodec())

    with pytest.raises(ReceiveTimeout, match=r"^receive\(\): no message"):
        await session.receive(timeout=0.01)
    with pytest.raises(ReceiveTimeout, match=r"^iter_messages\(\): no message"):
        await anext(session.iter_messages(timeout=0.01))


async def test_a_typed_session_receives_in_time() -> None:
    """What its codec makes of it."""
    session = (await connected(server(text("1"), text("2"), disconnect()))).typed(
        JsonCodec(int, int)
    )

    assert 1 == await session.receive(timeout=5)
    assert [2] == [number async for number in session.iter_messages(timeout=5)]


async def test_messages_that_do_not_fit_do_not_make_a_wait_longer() -> None:
    """Though each is answered, and the wait goes on for one that fits."""
    scripted = server()
    websocket = await connected(scripted)
    session = websocket.typed(JsonCodec(int, str)).with_reply(
        ErrorReply(str, at_most=None)
    )

    async def babble() -> None:
        while True:
            scripted.give(text('"no number"'))
            await anyio.sleep(0.01)

    for wait in (
        lambda: session.receive(timeout=0.05),
        lambda: anext(session.iter_messages(timeout=0.05)),
    ):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(babble)
            with anyio.fail_after(5), pytest.raises(ReceiveTimeout) as caught:
                await wait()

            assert 0.05 == caught.value.seconds
            tasks.cancel_scope.cancel()
    assert scripted.sent


# --- In an application ---------------------------------------------------------------


async def test_a_time_out_that_nobody_catches_ends_the_connection_with_1008() -> None:
    """It is no fault of the handler, and no traceback in the log."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        session = await websocket.accept()
        await session.receive(timeout=0.01)
        return await session.close()

    async with connect(app, "/") as peer:
        closed = await peer.receive()

    assert isinstance(closed, Closed)
    assert (1008, "no message came in time") == (closed.code, closed.reason)
