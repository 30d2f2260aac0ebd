"""The handlers that every real server serves, each by its name; see `served`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Final

import anyio

from tests.matrix.notes import note
from tests.pouring import Pouring
from typedws import (
    ClosedWebSocket,
    Limits,
    Message,
    ReceiveTimeout,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketApp,
    WebSocketDisconnect,
    WebSocketReader,
    websocket_app,
)

__all__ = ["HANDLERS", "SEND_TIMEOUT"]

SEND_TIMEOUT: Final = 2
"""Seconds that `pour` gives to each of its sends."""


async def impatient(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Give up waiting every three milliseconds, and count what came."""
    connected = await websocket.accept()
    got: list[str] = []
    timeouts = 0
    while True:
        try:
            event = await connected.receive(timeout=0.003)
        except ReceiveTimeout:
            timeouts += 1
            continue
        if isinstance(event, ClosedWebSocket):
            note(websocket, "got", got)
            note(websocket, "timeouts", timeouts)
            return event
        got.append(str(event.data))


async def four_senders(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Send twenty large messages in each of four tasks, and let the client say when."""
    connected = await websocket.accept()

    async def send(sender: str) -> None:
        for number in range(20):
            head = f"{sender}{number:02}".encode()
            await connected.send_bytes(head + sender.encode() * 100_000)

    async with anyio.create_task_group() as tasks:
        for sender in "abcd":
            tasks.start_soon(send, sender)
    # One second after a close daphne drops what the client has not read yet.
    await connected.receive_text()
    return await connected.close()


async def ticks() -> AsyncIterator[Message]:
    """Give a message now, and then wait for ever."""
    yield TextMessage("tick")
    await anyio.sleep_forever()


async def send_only(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Send, and never receive."""
    connected = await websocket.accept()
    closed = await connected.send_each(ticks())
    note(websocket, "closed", closed.closed_by)
    return closed


async def pour(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Send sixty-four mebibytes, or as much as is taken."""
    connected = await websocket.accept()
    sent = 0
    try:
        for _ in range(1024):
            note(websocket, "sending")
            await connected.send_bytes(bytes(64 * 1024))
            sent += 1
    except WebSocketDisconnect as over:
        note(websocket, "sent", sent)
        return over.closed
    note(websocket, "sent", sent)
    return await connected.close()


async def stuck(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Close while another task is stuck in a send."""
    connected = await websocket.accept()
    pouring = Pouring()
    closed: list[ClosedWebSocket] = []

    async def send() -> None:
        with suppress(WebSocketDisconnect):
            await pouring.pour(connected.send_bytes)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send)
        note(websocket, "stuck", await pouring.gets_stuck())
        note(websocket, "closing")
        closed.append(await connected.close(4000, "enough"))
        note(websocket, "closed", closed[0].closed_by)
        tasks.cancel_scope.cancel()
    return closed[0]


async def drained(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Listen for the drain, or not, as the path says."""
    connected = await websocket.accept()
    if not websocket.url.path.endswith("/listens"):
        return await connected.receive_each(ignore)

    async def say_goodbye() -> None:
        async with anyio.create_task_group() as tasks:
            # The client must not ask for the drain before this one waits for it.
            tasks.start_soon(connected.send_text, "listening")
            await connected.wait_draining()
        await connected.send_text("goodbye")

    return await connected.run(listen, background=[say_goodbye], code=4001)


async def ignore(_: Message) -> None:
    """Do nothing with a message."""


async def listen(messages: WebSocketReader[Message]) -> None:
    """Receive to the end."""
    async for _ in messages:
        pass


HANDLERS: Final[Mapping[str, WebSocketApp]] = {
    "impatient": websocket_app(impatient),
    "four_senders": websocket_app(four_senders),
    "send_only": websocket_app(send_only),
    "pour": websocket_app(
        pour, limits=Limits(send_timeout=SEND_TIMEOUT, close_timeout=1)
    ),
    "drained": websocket_app(drained),
    "stuck": websocket_app(stuck, limits=Limits(close_timeout=1)),
}
