"""
A scripted ASGI server: what a test makes the server do, and what it was sent.

It keeps the rules that typedws must keep, so each test that uses it also proves that
`receive()` is not called after a disconnect and not by two tasks at once.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from typing import TypeAlias, TypeGuard

import anyio
import anyio.lowlevel
from attrs import Factory, define

from typedws import ConnectedWebSocket, UnacceptedWebSocket, WebSocket

Event: TypeAlias = Mapping[str, object]

Call: TypeAlias = Callable[[ConnectedWebSocket], Awaitable[object]]
"""Something that can be done with a connection."""

CONNECT: Event = {"type": "websocket.connect"}


def text(data: str) -> Event:
    """Make the event of a text message."""
    return {"type": "websocket.receive", "text": data}


def binary(data: bytes) -> Event:
    """Make the event of a binary message."""
    return {"type": "websocket.receive", "bytes": data}


def disconnect(code: int = 1000, reason: str = "") -> Event:
    """Make the event of a disconnect."""
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


def scope(**changes: object) -> dict[str, object]:
    """Make a websocket scope as uvicorn makes it, with changes."""
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/chat",
        "raw_path": b"/chat",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"example.com")],
        "client": ("192.0.2.1", 50000),
        "server": ("192.0.2.2", 8000),
        "subprotocols": [],
        "state": {},
        "extensions": {"websocket.http.response": {}},
        **changes,
    }


class BrokenRule(BaseException):
    """
    What a server was asked to do that nobody may ask of it.

    It is no `Exception`, so that no code under test takes it for an error of a server.
    """


@define(eq=False)
class ScriptedServer:
    """
    A server that gives its events one by one, and blocks when there are no more.

    Attributes:
        events: What `receive()` gives; `give()` adds to it while a task waits.
        sent: What `send()` was handed and took.
        handed: What `send()` was handed, taken or not.
        on_send: Called with each event first; raise here to let `send()` fail.
        stuck: While set, `send()` waits for ever.
        gate: If there is one, `send()` waits for it before it takes an event.
        lag: If there is one, `send()` waits for it after it has taken an event.
        fault: If there is one, `receive()` raises it when there are no more events.
    """

    events: deque[Event] = Factory(deque[Event])
    sent: list[Event] = Factory(list[Event])
    handed: list[Event] = Factory(list[Event])
    on_send: Callable[[Event], None] = lambda _event: None
    stuck: bool = False
    gate: anyio.Event | None = None
    lag: anyio.Event | None = None
    fault: BaseException | None = None
    is_receiving: bool = False
    is_over: bool = False
    _more: anyio.Event = Factory(anyio.Event)

    async def receive(self) -> Event:
        """Give the next event."""
        if self.is_over:
            raise BrokenRule("receive() was called after a disconnect")
        if self.is_receiving:
            raise BrokenRule("receive() was called by two tasks at once")
        self.is_receiving = True
        try:
            await anyio.lowlevel.checkpoint()
            while not self.events:
                if self.fault is not None:
                    raise self.fault
                self._more = anyio.Event()
                await self._more.wait()
        finally:
            self.is_receiving = False
        event = self.events.popleft()
        self.is_over = _is_disconnect(event)
        return event

    async def send(self, event: Event) -> None:
        """Take an event."""
        self.handed.append(event)
        await anyio.lowlevel.checkpoint()
        if self.gate is not None:
            await self.gate.wait()
        self.on_send(event)
        if self.stuck:
            await anyio.sleep_forever()
        self.sent.append(event)
        if self.lag is not None:
            await self.lag.wait()

    def give(self, *events: Event) -> None:
        """Let `receive()` give these as well."""
        self.events.extend(events)
        self._more.set()

    def sent_types(self) -> list[object]:
        """Return the types of what was sent, in order."""
        return [event["type"] for event in self.sent]

    def websocket(self, **changes: object) -> UnacceptedWebSocket:
        """Make the first state of a connection to this server."""
        return WebSocket(scope(**changes), self.receive, self.send)


class PlainCodec:
    """A codec that hands on what it gets."""

    def decode(self, data: str | bytes, /) -> str | bytes:
        """Hand on a payload."""
        return data

    def encode(self, value: str | bytes, /) -> str | bytes:
        """Hand on a payload."""
        return value


def server(*events: Event) -> ScriptedServer:
    """Make a server that begins with a connect event and goes on with these."""
    return ScriptedServer(deque([CONNECT, *events]))


async def connected(scripted: ScriptedServer) -> ConnectedWebSocket:
    """Accept a connection, and forget the accept event that was sent for it."""
    websocket = await scripted.websocket().accept()
    scripted.sent.clear()
    scripted.handed.clear()
    return websocket


def call(made: Call) -> Call:
    """Give its type to a lambda in a table of calls."""
    return made


def failing(*errors: BaseException) -> Callable[[Event], None]:
    """Make an `on_send` that raises these, one for each event, and then no more."""
    left = deque(errors)

    def fail(_event: Event) -> None:
        if left:
            raise left.popleft()

    return fail


def refusing_messages(error: Exception) -> Callable[[Event], None]:
    """Make an `on_send` that raises an error for each message, and for nothing else."""

    def refuse(event: Event) -> None:
        if event["type"] == "websocket.send":
            # A new one each time: one that is kept would keep its frames, too.
            raise copy(error)

    return refuse


async def settle(turns: int = 20) -> None:
    """Let all other tasks run until each of them waits for something."""
    for _ in range(turns):
        await anyio.lowlevel.checkpoint()


async def record(results: list[object], call: Callable[[], Awaitable[object]]) -> None:
    """Make a call, and add to the results what it returned or raised."""
    try:
        results.append(await call())
    except Exception as error:  # noqa: BLE001 - a test compares it
        results.append(error)


async def within(
    scope: anyio.CancelScope, call: Callable[[], Awaitable[object]]
) -> None:
    """Make a call that another task can cancel."""
    with scope:
        await call()


async def cancel_when_blocked(call: Callable[[], Awaitable[object]]) -> None:
    """Make a call, and cancel it once it waits for something."""

    async def wait() -> None:
        await call()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await settle()
        tasks.cancel_scope.cancel()


def _is_disconnect(event: object) -> bool:
    return _is_event(event) and event.get("type") == "websocket.disconnect"


def _is_event(event: object) -> TypeGuard[Event]:
    return isinstance(event, Mapping)
