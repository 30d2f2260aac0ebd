"""
A scripted ASGI server: what a test makes the server do, and what it was sent.

It keeps the rules that typedws must keep, so each test that uses it also proves that
`receive()` is not called after a disconnect and not by two tasks at once.
"""

from collections import deque
from collections.abc import Callable, Mapping

import anyio
import anyio.lowlevel
from attrs import Factory, define

from typedws import ConnectedWebSocket, UnacceptedWebSocket, WebSocket

Event = Mapping[str, object]

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


@define(eq=False)
class ScriptedServer:
    """
    A server that gives its events one by one, and blocks when there are no more.

    Attributes:
        events: What `receive()` gives; `give()` adds to it while a task waits.
        sent: What `send()` was handed and took.
        on_send: Called with each event first; raise here to let `send()` fail.
        stuck: While set, `send()` waits for ever.
    """

    events: deque[Event] = Factory(deque[Event])
    sent: list[Event] = Factory(list[Event])
    on_send: Callable[[Event], None] = lambda _event: None
    stuck: bool = False
    is_receiving: bool = False
    is_over: bool = False
    _more: anyio.Event = Factory(anyio.Event)

    async def receive(self) -> Event:
        """Give the next event."""
        assert not self.is_over, "receive() was called after a disconnect"
        assert not self.is_receiving, "receive() was called by two tasks at once"
        self.is_receiving = True
        try:
            await anyio.lowlevel.checkpoint()
            while not self.events:
                self._more = anyio.Event()
                await self._more.wait()
        finally:
            self.is_receiving = False
        event = self.events.popleft()
        self.is_over = event["type"] == "websocket.disconnect"
        return event

    async def send(self, event: Event) -> None:
        """Take an event."""
        await anyio.lowlevel.checkpoint()
        self.on_send(event)
        if self.stuck:
            await anyio.sleep_forever()
        self.sent.append(event)

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


def server(*events: Event) -> ScriptedServer:
    """Make a server that begins with a connect event and goes on with these."""
    return ScriptedServer(deque([CONNECT, *events]))


async def connected(scripted: ScriptedServer) -> ConnectedWebSocket:
    """Accept a connection, and forget the accept event that was sent for it."""
    websocket = await scripted.websocket().accept()
    scripted.sent.clear()
    return websocket
