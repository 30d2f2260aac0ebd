"""Tests of `run()`, `send_each()` and `receive_each()`: to the end of a connection."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import anyio
import pytest

from tests.scripted import (
    Call,
    binary,
    call,
    cancel_when_blocked,
    connected,
    disconnect,
    failing,
    server,
    settle,
    text,
)
from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConcurrentReceiveError,
    JsonCodec,
    LocalProtocolError,
    Message,
    ReceiveTimeout,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
    WebSocketReader,
    WebSocketWriter,
    websocket_app,
)
from typedws.testing import connect

pytestmark = pytest.mark.anyio


async def echo_nothing(messages: WebSocketReader[Message]) -> None:
    """Receive until the end."""
    async for _ in messages:
        pass


async def tick(writer: WebSocketWriter[Message]) -> None:
    """Send for ever."""
    while True:
        await writer.send(TextMessage("tick"))
        await anyio.sleep(0.001)


ON_ASYNCIO: Final = pytest.mark.parametrize("anyio_backend", ["asyncio"])
"""On trio no task can be cancelled by another."""


class Fault(Exception):
    """What a task of these tests raises."""


# --- Who ends it -------------------------------------------------------------------


async def test_it_receives_and_sends_at_once() -> None:
    """Each in a task of its own."""
    scripted = server(text("1"))
    websocket = await connected(scripted)
    got: list[Message] = []

    async def listen(messages: WebSocketReader[Message]) -> None:
        got.extend([message async for message in messages])

    async def tell(writer: WebSocketWriter[Message]) -> None:
        await writer.send(TextMessage("2"))
        await settle()
        scripted.give(disconnect())
        await anyio.sleep_forever()

    closed = await websocket.run(listen, tell)

    assert [TextMessage("1")] == got
    assert [{"type": "websocket.send", "text": "2"}] == scripted.sent
    assert "client" == closed.closed_by


async def test_a_reader_that_is_done_ends_the_writer() -> None:
    """And the connection is closed, with the code that was asked for."""
    scripted = server(text("stop"))
    websocket = await connected(scripted)

    async def listen(messages: WebSocketReader[Message]) -> None:
        await messages.receive()

    closed = await websocket.run(listen, tick, code=4001, reason="you said so")

    assert (4001, "you said so", "server") == (
        closed.code,
        closed.reason,
        closed.closed_by,
    )
    assert {"type": "websocket.close", "code": 4001, "reason": "you said so"} == (
        scripted.sent[-1]
    )


async def test_a_writer_that_is_done_ends_the_reader() -> None:
    """Though the peer is still there."""
    scripted = server()

    async def tell(writer: WebSocketWriter[Message]) -> None:
        await writer.send(TextMessage("that was all"))

    closed = await (await connected(scripted)).run(echo_nothing, tell)

    assert (1000, "server") == (closed.code, closed.closed_by)
    assert ["websocket.send", "websocket.close"] == scripted.sent_types()


async def test_a_background_task_that_is_done_ends_all() -> None:
    """It is one of them."""
    websocket = await connected(server())

    async def work() -> None:
        await anyio.sleep(0.01)

    closed = await websocket.run(echo_nothing, tick, background=[work, work])

    assert (1000, "server") == (closed.code, closed.closed_by)


async def test_a_peer_that_goes_ends_a_writer_that_waits() -> None:
    """On a server whose `send()` never fails, too, and at once."""
    scripted = server()
    websocket = await connected(scripted)
    ended: list[str] = []

    async def wait(_: object = None) -> None:
        try:
            scripted.give(disconnect(4000, "bye"))
            await anyio.sleep_forever()
        finally:
            ended.append("cancelled")

    with anyio.fail_after(5):
        closed = await websocket.run(writer=wait, background=[wait])

    assert (4000, "bye", "client") == (closed.code, closed.reason, closed.closed_by)
    assert ["cancelled", "cancelled"] == ended
    assert [] == scripted.sent


async def test_a_reader_gets_what_came_before_the_peer_went() -> None:
    """However slow it is: it is not cancelled, its messages end."""
    scripted = server(*(text(f"{number}") for number in range(50)), disconnect())
    websocket = await connected(scripted)
    got: list[str] = []

    async def listen(messages: WebSocketReader[Message]) -> None:
        async for message in messages:
            await settle(2)
            assert isinstance(message, TextMessage)
            got.append(message.data)

    await websocket.run(listen, tick)

    assert [f"{number}" for number in range(50)] == got


async def test_that_the_peer_has_gone_is_known_before_it_is_received() -> None:
    """So a send fails with the true code, while a message is still being handled."""
    scripted = server(text("1"), text("2"), disconnect(4000, "bye"))
    websocket = await connected(scripted)
    codes: list[int] = []

    async def listen(messages: WebSocketReader[Message]) -> None:
        await messages.receive()
        await settle()
        with pytest.raises(WebSocketDisconnect) as caught:
            await websocket.send_text("3")
        codes.append(caught.value.code)
        assert TextMessage("2") == await messages.receive()

    await websocket.run(listen)

    assert [4000] == codes
    assert [] == scripted.sent


async def test_what_is_read_ahead_is_bounded_in_count() -> None:
    """Thirty-two messages, and no more before one is received."""
    scripted = server(*(text(f"{number}") for number in range(40)), disconnect())
    websocket = await connected(scripted)
    left: list[int] = []

    async def listen(messages: WebSocketReader[Message]) -> None:
        await settle(200)
        left.append(len(scripted.events))
        await messages.receive()
        await settle(200)
        left.append(len(scripted.events))

    await websocket.run(listen)

    assert [9, 8] == left


async def test_what_is_read_ahead_is_bounded_in_bytes() -> None:
    """From a mebibyte on, nothing more is read."""
    scripted = server(*(binary(bytes(600_000)) for _ in range(4)), disconnect())
    websocket = await connected(scripted)
    left: list[int] = []

    async def listen(messages: WebSocketReader[Message]) -> None:
        await settle(200)
        left.append(len(scripted.events))
        await messages.receive()
        await settle(200)
        left.append(len(scripted.events))

    await websocket.run(listen)

    assert [3, 2] == left


async def test_run_that_is_cancelled_at_once_leaves_nobody_waiting() -> None:
    """Its reader may not even have begun."""
    websocket = await connected(server(text("1")))
    with anyio.CancelScope() as limit:
        limit.cancel()
        await websocket.run(echo_nothing)

    assert TextMessage("1") == await websocket.receive()


async def test_without_a_reader_messages_are_dropped() -> None:
    """So that the end behind them is seen."""
    scripted = server(*(text("?") for _ in range(500)), disconnect(4000))
    websocket = await connected(scripted)

    with anyio.fail_after(5):
        closed = await websocket.run(writer=tick)

    assert 4000 == closed.code


async def test_a_disconnect_out_of_a_task_is_an_ordinary_end() -> None:
    """Such as what `send()` raises on a server that says that the peer has gone."""
    scripted = server()
    scripted_gone = failing(ConnectionResetError())
    websocket = await connected(scripted)
    scripted.on_send = scripted_gone

    async def tell(writer: WebSocketWriter[Message]) -> None:
        scripted.give(disconnect(4000))
        await writer.send(TextMessage("1"))

    closed = await websocket.run(echo_nothing, tell)

    assert 4000 == closed.code


async def test_a_task_may_close_the_connection_itself() -> None:
    """Then that is the end of all, and its code is the one that counts."""
    scripted = server()
    websocket = await connected(scripted)

    async def work() -> None:
        await websocket.close(4002, "mine")
        await anyio.sleep_forever()

    with anyio.fail_after(5):
        closed = await websocket.run(echo_nothing, tick, background=[work])

    assert (4002, "mine", "server") == (closed.code, closed.reason, closed.closed_by)


async def test_after_the_end_nothing_is_run() -> None:
    """It returns the end, as `close()` does."""
    websocket = await connected(server(disconnect(4000)))
    closed = await websocket.receive()

    async def never(_: object) -> None:
        raise Fault

    assert closed is await websocket.run(never)


# --- What goes wrong -----------------------------------------------------------------


async def fail(_: object = None) -> None:
    """Fail at once."""
    raise Fault("1")


@pytest.mark.parametrize("role", ["reader", "writer", "background"])
async def test_an_exception_comes_out_as_it_is(role: str) -> None:
    """Not in a group of one; the others are cancelled, the connection still open."""
    scripted = server()
    websocket = await connected(scripted)
    with pytest.raises(Fault) as caught:
        await websocket.run(
            fail if role == "reader" else echo_nothing,
            fail if role == "writer" else tick,
            background=[fail] if role == "background" else [],
        )

    assert ("1",) == caught.value.args
    assert "websocket.close" not in scripted.sent_types()
    await websocket.send_text("still here")


async def test_after_an_exception_it_can_be_run_again() -> None:
    """The connection is as open as before."""
    scripted = server()
    websocket = await connected(scripted)
    with pytest.raises(Fault):
        await websocket.run(fail)
    scripted.give(text("1"), disconnect(4000))

    assert 4000 == (await websocket.run(echo_nothing, tick)).code


async def test_several_exceptions_come_out_as_a_group() -> None:
    """With each of them in it."""
    websocket = await connected(server())

    async def fail_when_cancelled() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise Fault("2")

    with pytest.raises(ExceptionGroup, match="several tasks") as caught:
        await websocket.run(fail, background=[fail_when_cancelled])

    assert [("1",), ("2",)] == [error.args for error in caught.value.exceptions]


async def test_a_failure_of_a_task_that_is_cancelled_is_not_lost() -> None:
    """Though the whole was cancelled from outside."""
    websocket = await connected(server())

    async def fail_when_cancelled() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise Fault("2")

    with pytest.raises(Fault), anyio.move_on_after(0.01):
        await websocket.run(background=[fail_when_cancelled])


async def test_cancelled_it_leaves_the_connection_open() -> None:
    """With what was read, but not received, still there."""
    scripted = server()
    websocket = await connected(scripted)

    async def stall(_: WebSocketReader[Message]) -> None:
        scripted.give(text("1"), text("2"))
        await anyio.sleep_forever()

    await cancel_when_blocked(lambda: websocket.run(stall))

    assert TextMessage("1") == await websocket.receive()
    scripted.give(text("3"))
    assert TextMessage("2") == await websocket.receive()
    assert TextMessage("3") == await websocket.receive()


async def await_a_cancelled_task(_: object = None) -> None:
    """Wait for a task of asyncio that somebody else cancels."""
    task = asyncio.ensure_future(asyncio.sleep(9))
    asyncio.get_running_loop().call_soon(task.cancel)
    await task


@ON_ASYNCIO
@pytest.mark.parametrize("role", ["reader", "writer", "background"])
async def test_a_job_whose_task_was_cancelled_cancels_all(role: str) -> None:
    """As it would cancel a handler; none of them is left, none dies unnoticed."""
    scripted = server()
    websocket = await connected(scripted)
    run = websocket.run(
        await_a_cancelled_task if role == "reader" else echo_nothing,
        await_a_cancelled_task if role == "writer" else tick,
        background=[await_a_cancelled_task] if role == "background" else [],
    )
    running = asyncio.ensure_future(run)
    await asyncio.wait([running], timeout=2)

    assert running.cancelled()
    assert "websocket.close" not in scripted.sent_types()
    await websocket.send_text("still here")


@ON_ASYNCIO
async def test_a_failure_beside_a_job_whose_task_was_cancelled_is_not_lost() -> None:
    """It says more."""
    websocket = await connected(server())

    async def fail_when_cancelled() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise Fault("2")

    with pytest.raises(Fault):
        await websocket.run(background=[await_a_cancelled_task, fail_when_cancelled])


@ON_ASYNCIO
async def test_a_task_that_is_cancelled_in_it_is_cancelled_as_any_other() -> None:
    """Once: a time-out of asyncio around it is a time-out."""
    websocket = await connected(server())
    running = asyncio.ensure_future(websocket.run(echo_nothing, tick))
    await settle()
    running.cancel()
    await asyncio.wait([running], timeout=2)

    assert running.cancelled()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await websocket.run(echo_nothing, tick)
    await websocket.send_text("still here")


async def test_while_another_task_receives_it_is_refused() -> None:
    """Each message goes to one caller."""
    websocket = await connected(server())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(websocket.receive)
        await settle()
        with pytest.raises(ConcurrentReceiveError, match=r"^run\(\)"):
            await websocket.run(echo_nothing)
        tasks.cancel_scope.cancel()


async def test_an_error_of_the_server_comes_out() -> None:
    """Also if nobody else receives."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.fault = OSError("the wire is cut")

    with pytest.raises(OSError, match="the wire is cut"):
        await websocket.run(writer=tick)


async def test_a_close_code_that_may_not_be_sent_is_refused_before_anything_runs() -> (
    None
):
    """Not after all is done."""
    websocket = await connected(server())

    with pytest.raises(LocalProtocolError, match="999"):
        await websocket.run(fail, code=999)


async def no_argument() -> None:
    """Take nothing."""


def plain(_: object) -> None:
    """Be no coroutine function."""


REFUSED: Final[dict[str, tuple[Call, str]]] = {
    "a reader without an argument": (
        call(lambda ws: ws.run(no_argument)),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        (
            "no_argument can't be a reader: it does not take one argument; write "
            "`async def read(messages: WebSocketReader[In]) -> None`"
        ),
    ),
    "a plain function for a writer": (
        call(lambda ws: ws.run(writer=plain)),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        (
            "plain can't be a writer: it is not async; write `async def write(writer: "
            "WebSocketWriter[Out]) -> None`"
        ),
    ),
    "a background task with an argument": (
        call(lambda ws: ws.run(background=[fail_with])),  # type: ignore[list-item]  # ty: ignore[invalid-argument-type]
        (
            "fail_with can't be a background task: it takes arguments; write "
            "`async def work() -> None`"
        ),
    ),
    "a function that takes no message": (
        call(lambda ws: ws.receive_each(no_argument)),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        (
            "no_argument can't be a function of receive_each(): it does not take one "
            "argument; write `async def handle(message: In) -> None`"
        ),
    ),
}


async def fail_with(argument: object) -> None:
    """Take an argument."""


@pytest.mark.parametrize(("run", "problem"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_run_is_refused(run: Call, problem: str) -> None:
    """With what to write instead."""
    websocket = await connected(server())

    with pytest.raises(TypeError) as caught:
        await run(websocket)

    assert problem == str(caught.value)


async def test_nothing_to_run_is_refused() -> None:
    """It would only wait."""
    websocket = await connected(server())

    with pytest.raises(ValueError, match=r"^run\(\) has nothing to run"):
        await websocket.run()


# --- The two common cases ------------------------------------------------------------


async def numbers(count: int, ended: list[str]) -> AsyncIterator[Message]:
    """Give some messages, and note that the generator was closed."""
    try:
        for number in range(count):
            yield TextMessage(f"{number}")
    finally:
        ended.append("closed")


async def test_what_an_iterator_gives_is_sent() -> None:
    """And then the connection is closed."""
    scripted = server(text("dropped"))
    websocket = await connected(scripted)
    ended: list[str] = []

    closed = await websocket.send_each(numbers(2, ended), code=4000, reason="done")

    assert [
        {"type": "websocket.send", "text": "0"},
        {"type": "websocket.send", "text": "1"},
        {"type": "websocket.close", "code": 4000, "reason": "done"},
    ] == scripted.sent
    assert (4000, "server", ["closed"]) == (closed.code, closed.closed_by, ended)


async def test_a_generator_that_waits_is_ended_with_the_connection() -> None:
    """That the peer has gone is noticed meanwhile."""
    scripted = server()
    websocket = await connected(scripted)
    ended: list[str] = []

    async def wait_for_ever() -> AsyncIterator[Message]:
        try:
            yield TextMessage("1")
            scripted.give(text("?"), disconnect(4000))
            await anyio.sleep_forever()
        finally:
            ended.append("closed")

    with anyio.fail_after(5):
        closed = await websocket.send_each(wait_for_ever())

    assert (4000, ["closed"]) == (closed.code, ended)


async def test_a_generator_is_closed_though_a_send_has_failed() -> None:
    """While it waits at its `yield`."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.on_send = failing(ConnectionResetError())
    scripted.give(disconnect(4000))
    ended: list[str] = []

    closed = await websocket.send_each(numbers(9, ended))

    assert (4000, ["closed"]) == (closed.code, ended)


async def test_a_generator_is_closed_where_nothing_can_be_sent() -> None:
    """The end may be known before, and the close code one that may not be sent."""
    websocket = await connected(server(disconnect(4000)))
    ended: list[str] = []
    messages = [numbers(9, ended), numbers(9, ended)]
    for one in messages:
        await anext(one)

    with pytest.raises(LocalProtocolError):
        await websocket.send_each(messages[0], code=1006)
    assert ["closed"] == ended

    assert isinstance(await websocket.receive(), ClosedWebSocket)
    closed = await websocket.send_each(messages[1])
    assert (4000, ["closed", "closed"]) == (closed.code, ended)


async def test_any_async_iterable_will_do() -> None:
    """It need not be a generator."""
    scripted = server()
    outbox, inbox = anyio.create_memory_object_stream[Message](9)
    with outbox:
        outbox.send_nowait(BytesMessage(b"1"))
    with inbox:
        await (await connected(scripted)).send_each(inbox)

    assert ["websocket.send", "websocket.close"] == scripted.sent_types()


async def test_an_error_of_the_iterator_comes_out_as_it_is() -> None:
    """It is the handler's own."""
    websocket = await connected(server())

    async def broken() -> AsyncIterator[Message]:
        yield TextMessage("1")
        raise Fault

    with pytest.raises(Fault):
        await websocket.send_each(broken())


async def test_each_message_is_handed_to_a_function() -> None:
    """One after the other, until the peer goes."""
    scripted = server(text("1"), text("2"), disconnect(4000))
    got: list[Message] = []

    async def handle(message: Message) -> None:
        await settle()
        got.append(message)

    closed = await (await connected(scripted)).receive_each(handle)

    assert [TextMessage("1"), TextMessage("2")] == got
    assert 4000 == closed.code


async def test_a_function_can_be_given_messages_in_time_only() -> None:
    """Or there is a time-out."""
    websocket = await connected(server())

    with pytest.raises(ReceiveTimeout):
        await websocket.receive_each(fail_with, timeout=0.01)


async def test_a_typed_session_runs_with_its_own_messages() -> None:
    """In and out."""
    scripted = server(text("1"), text("2"), disconnect())
    session = (await connected(scripted)).typed(JsonCodec(int, str))
    got: list[int] = []

    async def listen(numbers: WebSocketReader[int]) -> None:
        got.extend([number async for number in numbers])

    async def tell(writer: WebSocketWriter[str]) -> None:
        await writer.send("1")
        await anyio.sleep_forever()

    await session.run(listen, tell)

    assert [1, 2] == got
    assert [{"type": "websocket.send", "text": '"1"'}] == scripted.sent


async def test_without_a_reader_a_typed_session_drops_what_does_not_fit() -> None:
    """It is not even decoded."""
    scripted = server(text("no JSON"), disconnect(4000))
    session = (await connected(scripted)).typed(JsonCodec(int, str))

    async def give() -> AsyncIterator[str]:
        yield "1"
        await anyio.sleep_forever()

    assert 4000 == (await session.send_each(give())).code


async def test_in_an_application_the_handler_returns_what_it_returns() -> None:
    """It is the end, whoever has made it."""
    ends: list[ClosedWebSocket] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
        connected = await websocket.accept()
        ends.append(await connected.run(echo_nothing, tick))
        return ends[0]

    async with connect(app, "/") as peer:
        assert "tick" == await peer.receive_text()
        await peer.close(4000, "bye")

    assert (4000, "bye") == (ends[0].code, ends[0].reason)
