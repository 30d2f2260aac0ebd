"""Every kind of end."""

import itertools
import math
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Final

import anyio

from tests.outcomes.noting import ENDS, number_of, tell, tell_end
from tests.outcomes.scenario import Client, Scenario
from tests.outcomes.scenarios.moves import (
    RETURNS,
    listen,
    listens,
    opens,
    tail_of,
)
from tests.outcomes.visiting import SECONDS, Visit
from typedws import (
    CloseCode,
    ClosedStateError,
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    Handler,
    LocalProtocolError,
    Message,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)

__all__ = ["SCENARIOS"]


class _Fault(Exception):
    """What nobody has foreseen."""


# --- Clients -------------------------------------------------------------------------


def closes(code: int = 1000, reason: str = "") -> Client:
    """Open a connection, and close it."""

    async def client(visit: Visit) -> None:
        async with visit.connect() as caller:
            await caller.close(code, reason)

    return client


async def closes_without_a_code(visit: Visit) -> None:
    """Send a close frame with nothing in it."""
    async with visit.raw() as client:
        await client.connect()
        await client.send(b"\x88\x80\0\0\0\0")
        await visit.until_it_ends()


async def says_and_closes(visit: Visit) -> None:
    """Send messages, and close at once."""
    async with visit.connect() as caller:
        await caller.say("a", b"b", "c")


async def says_and_closes_text(visit: Visit) -> None:
    """Send a message, and close at once."""
    async with visit.connect() as caller:
        await caller.say("a")


async def says_and_resets(visit: Visit) -> None:
    """Send a message, wait until it is there, and lose the network."""
    async with visit.connect() as caller:
        await caller.say("a")
        await visit.until("'a'")
        await caller.reset()
        await visit.until_it_ends()


async def resets(visit: Visit) -> None:
    """Lose the network."""
    async with visit.connect() as caller:
        await caller.reset()
        await visit.until_it_ends()


async def finishes(visit: Visit) -> None:
    """End the TCP connection without a close frame."""
    async with visit.raw() as client:
        await client.connect()
        await client.finish()
        await visit.until_it_ends()


async def resets_at_a_tick(visit: Visit) -> None:
    """Hear something, and lose the network."""
    async with visit.connect() as caller:
        await caller.hear()
        await caller.reset()
        await visit.until_it_ends()


async def closes_at_a_tick(visit: Visit) -> None:
    """Hear something, and close."""
    async with visit.connect() as caller:
        await caller.hear()
        await caller.close(4000)
        await visit.until_it_ends()


async def ignores_the_close(visit: Visit) -> None:
    """Hear a close, and answer nothing."""
    async with visit.raw() as client:
        await client.connect()
        await client.hear()
        await visit.until_it_ends()


async def ignores_the_close_and_waits(visit: Visit) -> None:
    """Hear a close, answer nothing, and see whether that ends the application."""
    async with visit.raw() as client:
        await client.connect()
        await client.hear()
        await visit.sees_whether_it_ends()


# --- Handlers ------------------------------------------------------------------------


async def listen_slowly(websocket: UnacceptedWebSocket) -> Ended:
    """Begin to listen when the client has closed."""
    connected = await websocket.accept()
    await anyio.sleep(0.3)
    return await listens(connected)


async def ticks() -> AsyncIterator[Message]:
    """Give a message now, and then wait for ever."""
    yield TextMessage("tick")
    await anyio.sleep_forever()


async def send_only(websocket: UnacceptedWebSocket) -> Ended:
    """Send, and never receive."""
    connected = await websocket.accept()
    closed = await connected.send_each(ticks())
    tell_end(websocket, closed)
    return closed


async def send_afterwards(websocket: UnacceptedWebSocket) -> Ended:
    """Send and close when the client has gone."""
    connected = await websocket.accept()
    await connected.send_text("tick")
    end = await connected.receive()
    assert isinstance(end, ClosedWebSocket)
    tell_end(websocket, end)
    try:
        await connected.send_text("late")
    except WebSocketDisconnect as over:
        tell(websocket, f"raises the same end: {over.closed is end}")
    again = await connected.close(4001)
    tell(websocket, f"closes with the same end: {again is end}")
    return again


async def pour(websocket: UnacceptedWebSocket) -> Ended:
    """Send without end while somebody listens, until the client has gone."""
    connected = await websocket.accept()

    async def send() -> None:
        while True:
            await connected.send_bytes(bytes(1024))
            await anyio.sleep(0.001)

    closed = await connected.run(background=[send])
    tell(websocket, "over")
    return closed


async def hears_and_resets(visit: Visit) -> None:
    """Hear a little of it, and lose the network."""
    async with visit.connect() as caller:
        for _ in range(20):
            await caller.next()
        await caller.reset()
        await visit.until_it_ends()


async def send_blindly(websocket: UnacceptedWebSocket) -> Ended:
    """Send, though nobody listens whether the client is there."""
    has_left = _LEFT[number_of(websocket.url.path)]
    says_so = tail_of(websocket) == "/says-so"
    connected = await websocket.accept()
    if says_so:
        has_left.set()
        async for _ in connected:
            pass
        return await connected.close()
    try:
        await send_for_long(connected, has_left)
    except WebSocketDisconnect as over:
        tell(websocket, "is told")
        return over.closed
    tell(websocket, "is not told")
    return await connected.close()


async def send_for_long(
    connected: ConnectedWebSocket[str | None], has_left: anyio.Event
) -> None:
    """Send until some seconds after the client has left."""
    end = math.inf
    for number in itertools.count():
        await connected.send_text(str(number))
        await anyio.sleep(0.005)
        if has_left.is_set():
            end = min(end, anyio.current_time() + SECONDS / 2)
        if anyio.current_time() > end:
            return


_LEFT: Final = defaultdict[str, anyio.Event](anyio.Event)


async def resets_and_says_so(visit: Visit) -> None:
    """Hear something, lose the network, and say so over a second connection."""
    async with visit.connect() as caller:
        await caller.hear()
        await caller.reset()
    async with visit.connect("/says-so"):
        pass
    await visit.until(f"{ENDS}{RETURNS}", times=2)


async def hears_and_closes(visit: Visit) -> None:
    """Hear a little of it, and close."""
    async with visit.connect() as caller:
        for _ in range(20):
            await caller.next()
        await caller.close()


async def uncaught(websocket: UnacceptedWebSocket) -> Ended:
    """Let the end leave the handler, out of a task group."""
    connected = await websocket.accept()

    async def receive() -> None:
        while True:
            tell(websocket, ascii(await connected.receive_text()))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
    return await connected.close()


def ends_with(code: int, reason: str | None = None) -> Handler:
    """Make a handler that closes."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connected = await websocket.accept()
        closed = await connected.close(code, reason)
        tell_end(websocket, closed)
        return closed

    return handler


async def bad_closes(websocket: UnacceptedWebSocket) -> Ended:
    """Try to close in ways that no peer may see, and then close."""
    connected = await websocket.accept()
    for code in (999, 1005, 1006, 1015, 5000):
        await try_to_close(connected, code)
    await try_to_close(connected, 1000, "\u00e9" * 62)
    await connected.send_text("still here")
    return await connected.close(CloseCode.NORMAL_CLOSURE, "r" * 123)


async def try_to_close(
    connected: ConnectedWebSocket[None], code: int, reason: str | None = None
) -> None:
    """Close in a way that is refused."""
    try:
        await connected.close(code, reason)
    except LocalProtocolError:
        tell(connected, f"refused {code if reason is None else 'a reason'}")


async def close_twice(websocket: UnacceptedWebSocket) -> Ended:
    """Close, close, send and receive."""
    connected = await websocket.accept()
    closed = await connected.close(4000)
    again = await connected.close(4001)
    received = await connected.receive()
    tell(websocket, f"the same end: {closed is again is received}")
    try:
        await connected.send_text("late")
    except ClosedStateError:
        tell(websocket, "refused a send")
    tell_end(websocket, closed)
    return closed


async def forget(websocket: UnacceptedWebSocket) -> Ended:
    """Return the end of another connection, and none of this one."""
    is_first = tail_of(websocket) == "/first"
    connected = await websocket.accept()
    if is_first:
        closed = await connected.close()
        _EARLIER[number_of(websocket.url.path)] = closed
        return closed
    return _EARLIER.pop(number_of(websocket.url.path))


_EARLIER: Final[dict[str, ClosedWebSocket]] = {}


async def comes_twice(visit: Visit) -> None:
    """Come again when the first connection has ended."""
    for tail in ("/first", "/second"):
        async with visit.connect(tail) as caller:
            await caller.hear()


async def forget_to_answer(websocket: UnacceptedWebSocket) -> Ended:
    """Return the end of another connection, and no answer to this handshake."""
    if tail_of(websocket) == "/first":
        closed = await (await websocket.accept()).close()
        _EARLIER[number_of(websocket.url.path)] = closed
        return closed
    return _EARLIER.pop(number_of(websocket.url.path))


async def is_refused_the_second_time(visit: Visit) -> None:
    """Come again when the first connection has ended."""
    async with visit.connect("/first") as caller:
        await caller.hear()
    await visit.is_refused("/second")


async def fail(websocket: UnacceptedWebSocket) -> Ended:
    """Fail."""
    await websocket.accept()
    raise _Fault


async def close_beside_a_receiver(websocket: UnacceptedWebSocket) -> Ended:
    """Close in one task while another receives."""
    connected = await websocket.accept()

    async def close() -> None:
        await anyio.sleep(0.1)
        tell_end(websocket, await connected.close(4000))

    return await connected.run(background=[close])


async def close_beside_a_plain_receiver(websocket: UnacceptedWebSocket) -> Ended:
    """Close in one task while another receives, without `run()`."""
    connected = await websocket.accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(connected.receive)
        await anyio.sleep(0.1)
        tell_end(websocket, await connected.close(4000))
    return await connected.close()


LOST: Final = ("over: 1006 by network", RETURNS)
OPEN: Final = ("accepted",)


def _closing(code: int, reason: str = "") -> Scenario:
    told = f" {reason!a}" if reason else ""
    return Scenario(
        f"close_with_{code}",
        f"`close({code}{f', {reason!r}' if reason else ''})`",
        ends_with(code, reason),
        opens(),
        (f"over: {code}{told} by server", RETURNS),
        ("accepted", f"closed {code}{told}"),
    )


def _closed(code: int, reason: str = "") -> Scenario:
    told = f" {reason!a}" if reason else ""
    return Scenario(
        f"client_closes_with_{code}",
        f"the client closes with {code}{' and a reason' if reason else ''}",
        listen,
        closes(code, reason),
        (f"over: {code}{told} by client", RETURNS),
        OPEN,
    )


_OF_CLIENTS: Final = (
    _closed(1000),
    _closed(1001),
    _closed(4321, "enough"),
    Scenario(
        "client_closes_without_a_code",
        "the client closes without a code",
        listen,
        closes_without_a_code,
        ("over: 1005 by client", RETURNS),
        OPEN,
    ),
    Scenario(
        "messages_before_the_end",
        "the client sends, and closes before anything is received",
        listen_slowly,
        says_and_closes,
        ("'a'", "b'b'", "'c'", "over: 1000 by client", RETURNS),
        OPEN,
    ),
    Scenario("reset", "the network goes", listen, resets, LOST, OPEN),
    Scenario(
        "reset_after_a_message",
        "the network goes after a message",
        listen,
        says_and_resets,
        ("'a'", *LOST),
        OPEN,
    ),
    Scenario(
        "finish",
        "the client ends the TCP connection without a close frame",
        listen,
        finishes,
        LOST,
        OPEN,
    ),
    Scenario(
        "send_only_and_a_close",
        "the client closes while a handler only sends",
        send_only,
        closes_at_a_tick,
        ("over: 4000 by client", RETURNS),
        ("accepted", "'tick'"),
    ),
    Scenario(
        "send_only_and_a_reset",
        "the network goes while a handler only sends",
        send_only,
        resets_at_a_tick,
        LOST,
        ("accepted", "'tick'"),
    ),
    Scenario(
        "pour_and_a_reset",
        "the network goes amid a stream of messages",
        pour,
        hears_and_resets,
        ("over", RETURNS),
        OPEN,
    ),
    Scenario(
        "pour_and_a_close",
        "the client closes amid a stream of messages",
        pour,
        hears_and_closes,
        ("over", RETURNS),
        OPEN,
        is_alone=True,
    ),
    Scenario(
        "send_blindly",
        "the network goes while a handler only sends, without `run()`",
        send_blindly,
        resets_and_says_so,
        ("is told", RETURNS),
        ("accepted", "'0'", "accepted"),
        connections=2,
    ),
    Scenario(
        "send_afterwards",
        "send and close when the client has closed",
        send_afterwards,
        closes_at_a_tick,
        (
            "over: 4000 by client",
            "raises the same end: True",
            "closes with the same end: True",
            RETURNS,
        ),
        ("accepted", "'tick'"),
    ),
    Scenario(
        "uncaught",
        "the end leaves the handler as an `ExceptionGroup`",
        uncaught,
        says_and_closes_text,
        ("'a'", RETURNS),
        OPEN,
    ),
)

_OF_APPLICATIONS: Final = (
    *map(_closing, (1000, 1001, 1008, 1011, 1012, 3000)),
    _closing(4999, "enough"),
    Scenario(
        "bad_closes",
        "close with codes and a reason that RFC 6455 forbids",
        bad_closes,
        opens(),
        (
            *(f"refused {code}" for code in (999, 1005, 1006, 1015, 5000)),
            "refused a reason",
            RETURNS,
        ),
        ("accepted", "'still here'", f"closed 1000 {'r' * 123!a}"),
    ),
    Scenario(
        "close_twice",
        "close, and then close, receive and send",
        close_twice,
        opens(),
        (
            "the same end: True",
            "refused a send",
            "over: 4000 by server",
            RETURNS,
        ),
        ("accepted", "closed 4000"),
    ),
    Scenario(
        "close_beside_a_receiver",
        "close while another task receives",
        close_beside_a_receiver,
        opens(),
        ("over: 4000 by server", RETURNS),
        ("accepted", "closed 4000"),
    ),
    Scenario(
        "close_is_ignored",
        "close, and the client does not answer",
        ends_with(4000),
        ignores_the_close,
        ("over: 4000 by server", RETURNS),
        ("accepted", "closed 4000"),
    ),
    Scenario(
        "close_is_ignored_beside_a_receiver",
        "close while another task receives without `run()`, and the client does not "
        "answer",
        close_beside_a_plain_receiver,
        ignores_the_close_and_waits,
        ("over: 4000 by server", RETURNS),
        ("accepted", "closed 4000"),
    ),
    Scenario(
        "forget",
        "a handler that returns without an end",
        forget,
        comes_twice,
        (RETURNS,),
        ("accepted", "closed 1000", "accepted", "closed 1000"),
        connections=2,
    ),
    Scenario(
        "forget_to_answer",
        "a handler that returns without an answer",
        forget_to_answer,
        is_refused_the_second_time,
        (RETURNS,),
        ("accepted", "closed 1000", "denied 403"),
        connections=2,
    ),
    Scenario(
        "fail",
        "a handler that fails",
        fail,
        opens(),
        ("raises _Fault",),
        ("accepted", "closed 1011"),
        logs_faults=True,
    ),
)

SCENARIOS: Final = (*_OF_CLIENTS, *_OF_APPLICATIONS)
