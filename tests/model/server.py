"""
A server of any kind, which does what it is told, and holds an application to ASGI.

It does not trust what it plays for: each breach of a rule is written down, by rules of
its own and by those of `typedws.testing`.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import Final, Literal, TypeAlias, final

import anyio
import anyio.lowlevel
from attrs import Factory, define, field

from tests.scripted import CONNECT, Event
from typedws.testing import STRICT
from typedws.testing.events import Close, read_event
from typedws.testing.rules import Breach

Kind: TypeAlias = Literal["silent", "raising", "legacy", "picky", "futures"]
"""
How a server behaves where servers differ.

- silent: a send to a peer that has gone succeeds (hypercorn);
- raising: it raises an OSError (uvicorn);
- legacy: it raises a RuntimeError (uvicorn's old implementation);
- picky: it refuses most close codes, and lacks the denial extension (daphne);
- futures: its receive() gives futures, and takes no close while one is pending
  (granian).
"""

Hold: TypeAlias = Literal["no", "before", "after"]
"""Whether a send waits, before or after the server has taken the event."""

Stage: TypeAlias = Literal["connecting", "open", "responding", "over"]

_ANSWERS: Final = {
    "websocket.accept",
    "websocket.close",
    "websocket.http.response.start",
}
_NEXT: Final[dict[tuple[Stage, str], Stage]] = {
    ("connecting", "websocket.accept"): "open",
    ("connecting", "websocket.close"): "over",
    ("connecting", "websocket.http.response.start"): "responding",
    ("open", "websocket.send"): "open",
    ("open", "websocket.close"): "over",
}


class ServerError(RuntimeError):
    """
    What a server raises at an event that it does not take at its stage.

    It is a subclass: a bare RuntimeError may mean that the peer has gone.
    """


class ClientDisconnected(OSError):
    """What a server raises when the peer has gone."""


@final
class Pending:
    """A future as granian makes it: it is none of asyncio's."""

    def __init__(
        self, on_taken: Callable[[Event], None], on_cancelled: Callable[[], None]
    ) -> None:
        """Wait for an event."""
        self._future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._on_taken = on_taken
        self._on_cancelled = on_cancelled

    def add_done_callback(self, call: Callable[[object], None], /) -> None:
        """Call this when the event is there."""
        self._future.add_done_callback(call)

    def cancel(self) -> bool:
        """Give up."""
        is_cancelled = self._future.cancel()
        if is_cancelled:
            self._on_cancelled()
        return is_cancelled

    def done(self) -> bool:
        """Tell whether the event is there, or it was given up."""
        return self._future.done()

    def set(self, event: Event) -> None:
        """Let the event be there."""
        self._future.set_result(event)

    def fail(self, error: Exception) -> None:
        """Let there be an error in its place."""
        self._future.set_exception(error)

    def result(self) -> Event:
        """Take the event."""
        event = self._future.result()
        self._on_taken(event)
        return event

    def __await__(self) -> Generator[object, None, Event]:
        try:
            yield from self._future
        except asyncio.CancelledError:
            self._on_cancelled()
            raise
        return self.result()


@final
@define(eq=False)
class Done:
    """What granian gives for an event that is there: an awaitable, but no future."""

    event: Event

    def __await__(self) -> Generator[None, None, Event]:
        yield from ()
        return self.event


@final
@define(eq=False)
class Server:
    """
    A server.

    Attributes:
        kind: How it behaves.
        events: What `receive()` has still to give.
        breaches: What was done that nobody may do.
        stage: What the connection has come to.
        confirmed: The same, as far as the application can know.
        handed: The events that `send()` was handed.
        taken: Those that the server has taken.
        raised: The errors that it has raised.
        hold: Whether a send waits.
        is_peer_gone: Whether the peer has gone.
        is_told: Whether the application was given the disconnect.
        is_doubtful: Whether an answer or a close was broken off, so that it may be
            repeated.
    """

    kind: Kind
    events: deque[Event] = Factory(lambda: deque([CONNECT]))
    breaches: list[str] = Factory(list[str])
    stage: Stage = "connecting"
    confirmed: Stage = "connecting"
    handed: list[Event] = Factory(list[Event])
    taken: list[Event] = Factory(list[Event])
    raised: list[Exception] = Factory(list[Exception])
    send_faults: deque[Exception] = Factory(deque[Exception])
    receive_faults: deque[Exception] = Factory(deque[Exception])
    hold: Hold = "no"
    is_peer_gone: bool = False
    is_told: bool = False
    is_doubtful: bool = False
    _is_receiving: bool = field(default=False, init=False)
    _decisive: str = field(default="", init=False)
    _released: anyio.Event = field(factory=anyio.Event, init=False)
    _more: anyio.Event = field(factory=anyio.Event, init=False)
    _pending: Pending | None = field(default=None, init=False)
    _loses_next: bool = field(default=False, init=False)
    _let_gone: anyio.Event = field(factory=anyio.Event, init=False)

    # --- What the peer does --------------------------------------------------------

    def give(self, event: Event) -> bool:
        """Let this come; tell whether it does."""
        if self._loses_next:
            # So does granian, when a pending future was cancelled.
            self._loses_next = False
            return False
        self.events.append(event)
        self._feed()
        return True

    def leave(self, event: Event) -> None:
        """Let the peer go; the event tells of it."""
        self.is_peer_gone = True
        self.events.append(event)
        self._feed()

    def release(self) -> None:
        """Let no send wait any more."""
        self.hold = "no"
        self._released.set()
        self._released = anyio.Event()

    def fail_to_receive(self, error: Exception) -> None:
        """Let the next `receive()`, or the one that waits, raise an error."""
        self.receive_faults.append(error)
        self._feed()

    # --- receive() -----------------------------------------------------------------

    def receive(self) -> Awaitable[Event]:
        """Give the next event."""
        if self.is_told:
            self._breach("receive() was called after a disconnect")
        if self._is_receiving or self._is_pending():
            self._breach("receive() was called by two tasks at once")
        return self._receive_future() if self.kind == "futures" else self._receive()

    async def _receive(self) -> Event:
        self._is_receiving = True
        try:
            await anyio.lowlevel.checkpoint()
            while not self.events:
                self._raise_receive_fault()
                self._more = anyio.Event()
                await self._more.wait()
            self._raise_receive_fault()
        finally:
            self._is_receiving = False
        event = self.events.popleft()
        self._note_taken(event)
        return event

    def _raise_receive_fault(self) -> None:
        if self.receive_faults:
            raise self._noted(self.receive_faults.popleft())

    def _receive_future(self) -> Awaitable[Event]:
        if self.stage == "connecting" and self.events:
            event = self.events.popleft()
            self._note_taken(event)
            return Done(event)
        self._pending = Pending(self._note_taken, self._let_go)
        self._feed()
        return self._pending

    def _let_go(self) -> None:
        self._loses_next = self.stage != "over"
        self._let_gone.set()

    def _feed(self) -> None:
        self._more.set()
        if self._pending is None or self._pending.done():
            return
        if self.receive_faults:
            self._pending.fail(self._noted(self.receive_faults.popleft()))
        elif self.events:
            self._pending.set(self.events.popleft())

    def _is_pending(self) -> bool:
        return self._pending is not None and not self._pending.done()

    def _note_taken(self, event: Event) -> None:
        self._let_gone.set()
        if event.get("type") == "websocket.disconnect":
            self.is_told = True

    # --- send() --------------------------------------------------------------------

    async def send(self, event: Event) -> None:
        """Take an event."""
        kind = str(event["type"])
        self._check(event, kind)
        self.handed.append(event)
        is_broken_off = True
        try:
            await self._take(event, kind)
            is_broken_off = False
        except Exception:
            is_broken_off = False
            raise
        finally:
            if kind in _ANSWERS:
                self._decisive = ""
                self.is_doubtful = is_broken_off
        self._confirm(event, kind)

    async def _take(self, event: Event, kind: str) -> None:
        await anyio.lowlevel.checkpoint()
        if self.hold == "before":
            await self._released.wait()
        if kind == "websocket.close" and self.stage == "open":
            while self._is_pending():
                self._let_gone = anyio.Event()
                await self._let_gone.wait()
        self._raise_send_fault(event, kind)
        self.stage = self._next_stage(event, kind)
        self.taken.append(event)
        if kind == "websocket.close":
            self.events.append({"type": "websocket.disconnect", "code": 1006})
            self._feed()
        if self.hold == "after":
            await self._released.wait()

    def _raise_send_fault(self, event: Event, kind: str) -> None:
        if self.send_faults:
            raise self._noted(self.send_faults.popleft())
        if self.is_peer_gone and self.kind == "raising":
            raise self._noted(ClientDisconnected())
        if self.is_peer_gone and self.kind == "legacy":
            raise self._noted(RuntimeError("the peer has gone"))
        if kind == "websocket.close" and self.kind == "picky" and self.stage == "open":
            code = event["code"]
            if code != 1000 and (not isinstance(code, int) or code < 3000):
                raise self._noted(ValueError(f"no close code: {code}"))

    def _noted(self, error: Exception) -> Exception:
        self.raised.append(error)
        return error

    def _next_stage(self, event: Event, kind: str) -> Stage:
        if self.stage == "responding" and kind == "websocket.http.response.body":
            return "responding" if event["more_body"] else "over"
        if (self.stage, kind) not in _NEXT:
            raise self._noted(ServerError(f"{kind} at the stage {self.stage}"))
        return _NEXT[self.stage, kind]

    def _confirm(self, event: Event, kind: str) -> None:
        if kind == "websocket.http.response.body":
            self.confirmed = "responding" if event["more_body"] else "over"
        elif kind != "websocket.send":
            self.confirmed = _NEXT.get((self.confirmed, kind), self.confirmed)

    # --- The rules -----------------------------------------------------------------

    def _check(self, event: Event, kind: str) -> None:
        read = read_event(event, STRICT)
        if isinstance(read, Breach):
            self._breach(str(read))
        if isinstance(read, Close) and read.problem is not None:
            self._breach(str(read.problem))
        if self.is_told:
            self._breach(f"{kind} was sent after the disconnect")
        if kind in _ANSWERS:
            self._check_decisive(kind)
        elif self.confirmed != ("open" if kind == "websocket.send" else "responding"):
            self._breach(f"{kind} was sent at the stage {self.confirmed}")

    def _check_decisive(self, kind: str) -> None:
        if self._decisive:
            self._breach(f"{kind} was sent beside {self._decisive}")
        if self.is_doubtful and kind != "websocket.close":
            self._breach(f"{kind} was sent though the handshake may be answered")
        if (self.confirmed, kind) not in _NEXT:
            self._breach(f"{kind} was sent at the stage {self.confirmed}")
        if kind.endswith("start") and self.kind == "picky":
            self._breach("a response was sent without the extension")
        self._decisive = kind

    def _breach(self, what: str) -> None:
        self.breaches.append(what)
