"""
An ASGI server without a network: it plays a client that follows a script.

The client of an echo waits for each answer before it says the next thing. So an
application that receives ahead, in a task of its own, has to wait as it would for a
real client. An application that does not is never kept waiting, and what is measured is
the application alone.

Times are those of the processor: what else runs on the machine takes no part in them.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import chain, cycle, islice
from typing import Final, TypeAlias, final

import msgspec
from attrs import frozen

from tests.benchmarks.applications.noting import Note, last_note
from typedws.asgi import ASGIApp

Event: TypeAlias = Mapping[str, object]

Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
Begin: TypeAlias = Callable[[], int]

CONNECT: Final[Event] = {"type": "websocket.connect"}
DISCONNECT: Final[Event] = {
    "type": "websocket.disconnect",
    "code": 1000,
    "reason": "",
}

HEADERS: Final = (
    (b"host", b"app.example.com"),
    (b"connection", b"Upgrade"),
    (b"upgrade", b"websocket"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"x3JJHMbDL1EzLkh9GBhXDw=="),
    (b"x-client", b"benchmark"),
)


SCOPES_AT_A_TIME: Final = 50


class WrongAnswer(Exception):
    """An application has not answered as it should, so its time says nothing."""


@final
@frozen(order=False)
class Exchange:
    """
    What a client says, and what it must hear.

    Attributes:
        says: The payload of its message.
        hears: The payload of the answer; JSON and MessagePack as what they stand for.
        read: Makes the latter of an answer.
    """

    says: str | bytes
    hears: object
    read: Callable[[str | bytes], object]

    @property
    def event(self) -> Event:
        """The message as the server hands it to the application."""
        key = "text" if isinstance(self.says, str) else "bytes"
        return {"type": "websocket.receive", key: self.says}

    def is_answered_by(self, event: Event) -> bool:
        """Whether this event, which an application has sent, is the answer."""
        payload = event.get("text")
        if payload is None:
            payload = event.get("bytes")
        return isinstance(payload, (str, bytes)) and self.hears == self.read(payload)


def same(payload: str | bytes) -> Exchange:
    """Make an exchange in which the answer is what was said."""
    return Exchange(payload, payload, lambda answer: answer)


def as_json(value: object) -> Exchange:
    """Make an exchange of JSON in texts; how it is spaced is free."""
    return Exchange(msgspec.json.encode(value).decode(), value, msgspec.json.decode)


def as_msgpack(value: object) -> Exchange:
    """Make an exchange of MessagePack."""

    def read(answer: str | bytes) -> object:
        return msgspec.msgpack.decode(answer if isinstance(answer, bytes) else b"")

    return Exchange(msgspec.msgpack.encode(value), value, read)


def scope_of(path: str = "/", **changes: object) -> dict[str, object]:
    """Make a scope as uvicorn makes it, with changes."""
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(HEADERS),
        "client": ("192.0.2.1", 50000),
        "server": ("192.0.2.2", 8000),
        "subprotocols": [],
        "state": {},
        "extensions": {"websocket.http.response": {}},
        "path_params": {},
        **changes,
    }


async def seconds_for_echoes(
    application: ASGIApp, exchanges: tuple[Exchange, ...], count: int
) -> float:
    """
    Let an application echo over one connection; return the seconds of all echoes.

    They begin when the application asks for the first message, and end when it has
    answered the last one.

    Raises:
        WrongAnswer: It has answered too little, or something else.
    """
    client = _Client(exchanges, count)
    await application(scope_of(), client.receive, client.send)
    return client.seconds()


def _in_step(
    events: Iterator[Event], keep: Callable[[Event], None]
) -> tuple[Receive, Send]:
    """Make a pair of callables of which the first waits for the second each time."""
    given = taken = 0
    waiting: list[asyncio.Future[None]] = []

    async def receive() -> Event:
        nonlocal given
        while given > taken:
            answered: asyncio.Future[None] = asyncio.Future()
            waiting.append(answered)
            await answered
        given += 1
        return next(events)

    async def send(event: Event) -> None:
        nonlocal taken
        taken += 1
        keep(event)
        while waiting:
            _wake(waiting.pop())

    return receive, send


@final
class _Client:
    """One connection. Its two callables are closures, which cost less than methods."""

    def __init__(self, exchanges: tuple[Exchange, ...], count: int) -> None:
        """Follow the script again and again, until so many messages were said."""
        self._exchanges = exchanges
        self._count = count
        self._began = 0.0
        self._ended = 0.0
        # All that the application may have answered since the script began anew.
        self._answers: deque[Event] = deque(maxlen=len(exchanges))
        self._heard: list[Event] = []
        messages = cycle([exchange.event for exchange in exchanges])
        # The two in between give nothing: they are passed at the right moment.
        events: Iterator[Event] = chain(
            (CONNECT,),
            self._begin(),
            islice(messages, count),
            self._end(),
            (DISCONNECT,),
        )
        self.receive, self.send = _in_step(events, self._answers.append)

    def _begin(self) -> Iterator[Event]:
        self._began = time.process_time()
        yield from ()

    def _end(self) -> Iterator[Event]:
        self._ended = time.process_time()
        self._heard = list(self._answers)
        yield from ()

    def seconds(self) -> float:
        """
        Return the seconds of all echoes.

        Raises:
            WrongAnswer: There were fewer, or others.
        """
        if not self._ended:
            raise WrongAnswer(f"the application did not take {self._count} messages")
        at = self._count % len(self._exchanges)
        last = self._exchanges[at:] + self._exchanges[:at]
        for exchange, event in zip(last, self._heard, strict=True):
            if not exchange.is_answered_by(event):
                message = f"{exchange.says!r:.80} was answered by {event!r:.200}"
                raise WrongAnswer(message)
        return self._ended - self._began


async def seconds_for_handshakes(
    application: ASGIApp,
    make_scope: Callable[[], dict[str, object]],
    note: Note,
    count: int,
) -> float:
    """
    Let an application accept and close connections; return the seconds of all.

    The scopes are made beforehand, some at a time, so that they are still in the caches
    of the processor, and the time that it takes to make them is not counted.

    Raises:
        WrongAnswer: It did something else, or has not read what it was to read.
    """
    visitor = _Visitor()
    seconds = 0.0
    for _ in range(0, count, SCOPES_AT_A_TIME):
        scopes = [make_scope() for _ in range(SCOPES_AT_A_TIME)]
        began = time.process_time()
        for scope in scopes:
            visitor.begin()
            await application(scope, visitor.receive, visitor.send)
        seconds += time.process_time() - began
        visitor.check(SCOPES_AT_A_TIME)
    if (noted := last_note()) != note:
        raise WrongAnswer(f"{note!r} was to be read of a handshake, and not {noted!r}")
    return seconds


@final
class _Visitor:
    """A client that only shakes hands, again and again."""

    def __init__(self) -> None:
        """Make the callables that all its connections have."""
        self._sent: deque[Event] = deque(maxlen=2)
        self._checked = 0
        self.begin, self.receive, self.send = _visits(self._sent.append)

    def check(self, count: int) -> None:
        """
        Look at what was sent since the last look.

        Raises:
            WrongAnswer: It was not one accept and one close for each handshake.
        """
        taken = self.begin()
        kinds = [event["type"] for event in self._sent]
        is_right = kinds == ["websocket.accept", "websocket.close"]
        if not is_right or taken - self._checked != 2 * count:
            raise WrongAnswer(f"handshakes were answered by {list(self._sent)!r:.200}")
        self._checked = taken


def _visits(keep: Callable[[Event], None]) -> tuple[Begin, Receive, Send]:
    """Make a pair, and what begins anew and tells how much was ever taken."""
    given = taken = total = 0
    waiting: list[asyncio.Future[None]] = []

    def begin() -> int:
        nonlocal given, taken, total
        total += taken
        given = taken = 0
        return total

    async def receive() -> Event:
        nonlocal given
        given += 1
        if given == 1:
            return CONNECT
        while taken < 2:
            answered: asyncio.Future[None] = asyncio.Future()
            waiting.append(answered)
            await answered
        return DISCONNECT

    async def send(event: Event) -> None:
        nonlocal taken
        taken += 1
        keep(event)
        while waiting:
            _wake(waiting.pop())

    return begin, receive, send


def _wake(waiting: asyncio.Future[None]) -> None:
    # The task that waits may have been cancelled.
    if not waiting.done():
        waiting.set_result(None)
