"""
Ten ways in which a handler can go wrong, as applications that any client can call.

The page "Testing" says what each client for tests makes of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Final, TypeAlias

Event: TypeAlias = MutableMapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
App: TypeAlias = Callable[[Event, Receive, Send], Awaitable[None]]

ACCEPT: Final[Event] = {"type": "websocket.accept"}
CLOSE: Final[Event] = {"type": "websocket.close", "code": 1000}
HELLO: Final[Event] = {"type": "websocket.send", "text": "hello"}
LONG: Final = 3600.0


async def returns_without_an_answer(
    _scope: Event, receive: Receive, _send: Send
) -> None:
    """Forget to accept."""
    await receive()


async def never_answers(_scope: Event, receive: Receive, _send: Send) -> None:
    """Wait for something else before the accept."""
    await receive()
    await asyncio.sleep(LONG)


async def raises_before_the_answer(
    _scope: Event, receive: Receive, _send: Send
) -> None:
    """Fail before the accept."""
    await receive()
    raise LookupError("no such room")


async def raises_after_the_accept(_scope: Event, receive: Receive, send: Send) -> None:
    """Fail when the connection is open."""
    await receive()
    await send(ACCEPT)
    raise LookupError("no such room")


async def sleeps_for_ever(_scope: Event, receive: Receive, send: Send) -> None:
    """Never say what the client waits for."""
    await receive()
    await send(ACCEPT)
    await asyncio.sleep(LONG)


async def sends_after_its_close(_scope: Event, receive: Receive, send: Send) -> None:
    """Forget that it has closed."""
    await receive()
    await send(ACCEPT)
    await send(CLOSE)
    await send(HELLO)


async def floods(_scope: Event, receive: Receive, send: Send) -> None:
    """Send without end, whether anybody reads or not."""
    await receive()
    await send(ACCEPT)
    while True:
        await send(HELLO)


async def sends_before_the_accept(_scope: Event, receive: Receive, send: Send) -> None:
    """Do it in the wrong order."""
    await receive()
    await send(HELLO)
    await send(ACCEPT)
    await send(HELLO)


async def swallows_cancellation(_scope: Event, receive: Receive, send: Send) -> None:
    """Retry whatever goes wrong, and be cancelled thereby."""
    await receive()
    await send(ACCEPT)
    await send(HELLO)
    while True:
        with suppress(BaseException):
            await asyncio.sleep(LONG)


async def leaks_a_task(_scope: Event, receive: Receive, send: Send) -> None:
    """Leave something behind that runs on."""
    await receive()
    await send(ACCEPT)
    asyncio.create_task(asyncio.sleep(LONG)).set_name("leak")
    await send(HELLO)
    await send(CLOSE)


async def does_nothing_wrong(_scope: Event, receive: Receive, send: Send) -> None:
    """Say hello, and wait for the end: what a client must take no offence at."""
    await receive()
    await send(ACCEPT)
    await send(HELLO)
    await receive()


HANDLERS: Final[Mapping[str, App]] = {
    "does nothing wrong": does_nothing_wrong,
    "returns without an answer": returns_without_an_answer,
    "never answers": never_answers,
    "raises before the answer": raises_before_the_answer,
    "raises after the accept": raises_after_the_accept,
    "sleeps for ever": sleeps_for_ever,
    "sends after its close": sends_after_its_close,
    "floods": floods,
    "sends before the accept": sends_before_the_accept,
    "swallows cancellation": swallows_cancellation,
    "leaks a task": leaks_a_task,
}
