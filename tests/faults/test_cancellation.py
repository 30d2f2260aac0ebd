"""
A handler is cancelled: at a time-out, by a task group, or by a server that stops.

A cancellation that is swallowed keeps a server from stopping. So wherever typedws waits
for something, it lets one through.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeAlias

import anyio
import anyio.lowlevel
import pytest

from tests.scripted import (
    CONNECT,
    Call,
    Event,
    PlainCodec,
    ScriptedServer,
    connected,
    failing,
    scope,
    server,
    settle,
)
from typedws import (
    AnyOrigin,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    Ended,
    Limits,
    Message,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketReader,
    WebSocketWriter,
    websocket_app,
)

pytestmark = pytest.mark.anyio

Answer: TypeAlias = Callable[[UnacceptedWebSocket], Awaitable[object]]

ANSWERS: Final[dict[str, Answer]] = {
    "accept": UnacceptedWebSocket.accept,
    "close": UnacceptedWebSocket.close,
    "denial": lambda websocket: websocket.send_denial_response(DenialResponse(404)),
}


async def listen(reader: WebSocketReader[Message]) -> None:
    """Receive until the end."""
    async for _ in reader:
        pass


async def tell(writer: WebSocketWriter[Message]) -> None:
    """Send one message."""
    await writer.send(TextMessage("1"))


async def handle(_message: Message) -> None:
    """Do nothing with a message."""


RECEIVERS: Final[dict[str, Call]] = {
    "receive": ConnectedWebSocket.receive,
    "receive in time": lambda websocket: websocket.receive(timeout=1000),
    "receive_text": ConnectedWebSocket.receive_text,
    "receive_bytes": ConnectedWebSocket.receive_bytes,
    "receive_json": lambda websocket: websocket.receive_json(timeout=1000),
    "async for": lambda websocket: anext(aiter(websocket)),
    "iter_messages": lambda websocket: anext(websocket.iter_messages(timeout=1000)),
    "iter_text": lambda websocket: anext(websocket.iter_text()),
    "iter_json": lambda websocket: anext(websocket.iter_json()),
    "reader": lambda websocket: websocket.split()[0].receive(),
    "typed": lambda websocket: websocket.typed(PlainCodec()).receive(),
    "run": lambda websocket: websocket.run(listen),
    "receive_each": lambda websocket: websocket.receive_each(handle),
    "wait_draining": ConnectedWebSocket.wait_draining,
}

SENDERS: Final[dict[str, Call]] = {
    "send": lambda websocket: websocket.send(TextMessage("1")),
    "send_text": lambda websocket: websocket.send_text("1"),
    "send_bytes": lambda websocket: websocket.send_bytes(b"1"),
    "send_json": lambda websocket: websocket.send_json(1),
    "writer": lambda websocket: websocket.split()[1].send(TextMessage("1")),
    "typed send": lambda websocket: websocket.typed(PlainCodec()).send("1"),
    "run to send": lambda websocket: websocket.run(listen, tell),
    "close": ConnectedWebSocket.close,
}


async def is_cancelled(call: Callable[[], Awaitable[object]]) -> bool:
    """Cancel a call when it waits for something; tell whether that came out of it."""
    scopes: list[anyio.CancelScope] = []

    async def wait() -> None:
        with anyio.CancelScope() as cancelled:
            scopes.append(cancelled)
            await call()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await settle()
        scopes[0].cancel()
    return scopes[0].cancelled_caught


@pytest.mark.parametrize("name", [*RECEIVERS, *SENDERS])
async def test_no_call_swallows_its_cancellation(name: str) -> None:
    """Whatever it waits for: a message, or a server that does not take one."""
    scripted = server()
    websocket = await connected(scripted)
    scripted.stuck = name in SENDERS

    assert await is_cancelled(lambda: {**RECEIVERS, **SENDERS}[name](websocket))


@pytest.mark.parametrize("events", [[], [CONNECT]], ids=["no-connect", "stuck"])
@pytest.mark.parametrize("name", ANSWERS)
async def test_no_answer_swallows_its_cancellation(
    name: str, events: list[Event]
) -> None:
    """Whether it waits for the handshake to begin, or for the server to take it."""
    scripted = ScriptedServer(deque(events), stuck=True)
    websocket = scripted.websocket()

    assert await is_cancelled(lambda: ANSWERS[name](websocket))


async def wait_unanswered(_websocket: UnacceptedWebSocket) -> Ended:
    """Answer nothing."""
    await anyio.sleep_forever()
    raise NotImplementedError


async def wait_for_a_message(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive until the end."""
    accepted = await websocket.accept()
    async for _ in accepted:
        pass
    return await accepted.close()


async def wait_in_run(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive in a task of its own."""
    return await (await websocket.accept()).run(listen)


async def wait_for_a_send(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Send what the peer does not take."""
    accepted = await websocket.accept()
    await accepted.send_text("1")
    return await accepted.close()


HANDLERS: Final = (wait_unanswered, wait_for_a_message, wait_in_run, wait_for_a_send)


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize(
    "limits",
    [Limits(), Limits(handshake_timeout=1000, idle_timeout=1000, send_timeout=1000)],
    ids=["no-limits", "limits"],
)
async def test_no_application_swallows_its_cancellation(
    handler: Callable[[UnacceptedWebSocket], Awaitable[Ended]], limits: Limits
) -> None:
    """The connection is ended, and the cancellation goes on."""
    app = websocket_app(handler, origins=AnyOrigin(), limits=limits)
    scripted = server()

    async def send(event: Event) -> None:
        if event["type"] == "websocket.send":
            await anyio.sleep_forever()
        await scripted.send(event)

    assert await is_cancelled(lambda: app(scope(), scripted.receive, send))
    assert scripted.sent_types()[-1] in {
        "websocket.close",
        "websocket.http.response.body",
    }


# --- The cancellation by a drain is nobody else's -----------------------------------


async def test_two_drains_are_no_cancellation_from_outside() -> None:
    """The application ends as after one of them; on asyncio, cancellations count."""
    app = websocket_app(wait_unanswered)
    scripted = server()
    gone_on: list[str] = []

    async def serve() -> None:
        await app(scope(), scripted.receive, scripted.send)
        await anyio.lowlevel.checkpoint()
        gone_on.append("served")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        await settle()
        scripted.on_send = failing(ValueError("1"), ValueError("2"))
        async with anyio.create_task_group() as drains:
            drains.start_soon(partial(app.drain, deadline=0))
            drains.start_soon(partial(app.drain, deadline=0))

    assert ["served"] == gone_on
    assert 0 == app.connections


async def test_a_drain_does_not_interrupt_the_end_of_a_connection() -> None:
    """A handler that has returned is not to be stopped: its refusal is under way."""

    async def return_at_once(_websocket: UnacceptedWebSocket) -> Ended:
        return await (await connected(server())).close()

    app = websocket_app(return_at_once)
    scripted = server()
    scripted.gate = anyio.Event()
    gone_on: list[str] = []

    async def serve() -> None:
        await app(scope(), scripted.receive, scripted.send)
        await anyio.lowlevel.checkpoint()
        gone_on.append("served")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        await settle()
        await app.drain(deadline=0)
        scripted.gate.set()

    assert ["served"] == gone_on
    assert 403 == scripted.sent[0]["status"]
