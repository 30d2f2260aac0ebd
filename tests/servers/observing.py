"""
The application under test, as a list of steps, and what it saw while it took them.

The same steps run in the process of a real server and in a test's own event loop, so
this module knows of neither. It must not import typedws: the server's process has no
need of it, and what is recorded here is what the server did.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import anyio
from attrs import Factory, define, evolve, frozen

from tests.servers.plain_data import (
    Event,
    is_dict,
    plain,
    plain_event,
    plain_headers,
    plain_scope,
    raised,
)

Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]

STATE: Final[Event] = {"greeting": "hello"}
"""What the lifespan leaves."""

Record: TypeAlias = list[object]
"""What was seen of one connection, as JSON can hold it."""


class Failure(Exception):
    """What an application raises that is to fail."""


@frozen(order=False)
class Patience:
    """
    How long to wait, in seconds.

    Attributes:
        blocked: After which a call that has not returned is said to block.
        pause: In which the other side certainly does what it is about to do.
    """

    blocked: float
    pause: float


@define(eq=False)
class Observer:
    """
    Makes the calls of an application, and records what came of each.

    Attributes:
        record: Adds a line to the record.
    """

    scope: Event
    _receive: Receive
    _send: Send
    record: Callable[[object], None]
    patience: Patience

    async def receive(self, *, times: int = 1) -> None:
        """Await an event, with more patience than is usual if need be."""
        outcome: object = "blocks"
        try:
            with anyio.move_on_after(times * self.patience.blocked):
                outcome = plain_event(await self._receive())
        except Exception as error:  # noqa: BLE001 - it is what the record is about
            outcome = raised(error)
        self.record(["receive", outcome])

    async def send(self, event: Event) -> None:
        """Send an event."""
        outcome = "blocks"
        try:
            with anyio.move_on_after(self.patience.blocked):
                await self._send(event)
                outcome = "returns"
        except Exception as error:  # noqa: BLE001 - it is what the record is about
            outcome = raised(error)
        self.record(["send", plain_event(event), outcome])

    async def pause(self) -> None:
        """Give the client time to do something, and the server time to notice."""
        await anyio.sleep(self.patience.pause)


Step: TypeAlias = Callable[[Observer], Awaitable[None]]

FOR_EVER: Final = Patience(blocked=float("inf"), pause=0.0)


async def live(scope: Event, receive: Receive, send: Send) -> None:
    """Take part in the lifespan, and leave a state for the connections."""
    await receive()
    namespace = scope.get("state")
    if is_dict(namespace):
        namespace.update(STATE)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def observe(
    steps: Sequence[Step],
    scope: Event,
    receive: Receive,
    send: Send,
    *,
    record: Callable[[object], None],
    patience: Patience,
) -> None:
    """Take the steps as an application; the last line of the record is how it ended."""
    observer = Observer(scope, receive, send, record, patience)
    end = "is cancelled"
    try:
        for step in steps:
            await step(observer)
        end = "returns"
    except Failure:
        end = "raises"
        raise
    finally:
        record(["end", end])


# --- Steps -------------------------------------------------------------------------


async def receive(observer: Observer) -> None:
    """Await one event."""
    await observer.receive()


async def receive_patiently(observer: Observer) -> None:
    """Await one event that takes a server its time."""
    await observer.receive(times=8)


async def pause(observer: Observer) -> None:
    """Wait for the client."""
    await observer.pause()


async def fail(observer: Observer) -> None:
    """Raise."""
    raise Failure


async def look(observer: Observer) -> None:
    """Record the scope, but for what the headers of the scenario say."""
    observer.record(["scope", plain_scope(observer.scope)])


async def look_at_headers(observer: Observer) -> None:
    """Record the headers that the scenario has sent."""
    observer.record(["headers", plain_headers(observer.scope)])


def look_at(*keys: str) -> Step:
    """Record some keys of the scope."""

    async def step(observer: Observer) -> None:
        for key in keys:
            observer.record([key, plain(observer.scope.get(key))])

    return step


def send(event: Event) -> Step:
    """Send one event."""

    async def step(observer: Observer) -> None:
        await observer.send(event)

    return step


def receive_at_once(count: int) -> Step:
    """Receive in several tasks. What each gets is told in order, as tasks race."""

    async def step(observer: Observer) -> None:
        lines = Lines()
        aside = evolve(observer, record=lines.add)
        async with anyio.create_task_group() as tasks:
            for _ in range(count):
                tasks.start_soon(aside.receive)
        for line in sorted(lines.all, key=str):
            observer.record(line)

    return step


def send_at_once(*events: Event) -> Step:
    """Send events in a task each."""

    async def step(observer: Observer) -> None:
        async with anyio.create_task_group() as tasks:
            for event in events:
                tasks.start_soon(observer.send, event)

    return step


FLOOD: Final[Event] = {"type": "websocket.send", "bytes": b"\0" * 2**20}
MOST_OF_A_FLOOD: Final = 24
"""Mebibytes: more than the buffers of a kernel and of a server hold together."""


def flood_and(event: Event) -> Step:
    """
    Send more than the client reads, and meanwhile another event.

    Whether each of the two is stuck is told before the client reads, and how the other
    event ends is told afterwards.
    """

    async def step(observer: Observer) -> None:
        lines = Lines()
        aside = evolve(observer, record=lines.add, patience=FOR_EVER)
        flood = Flood(evolve(observer, record=Lines().add, patience=FOR_EVER))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(flood.run)
            await anyio.sleep(observer.patience.blocked)
            flood.is_enough = True
            observer.record(["flood", "is stuck" if flood.is_running else "is taken"])
            tasks.start_soon(aside.send, event)
            await anyio.sleep(observer.patience.pause)
            observer.record(["behind it", "waits" if not lines.all else "is taken"])
        for line in lines.all:
            observer.record(line)

    return step


@define(eq=False)
class Flood:
    """More than a client reads that does not read."""

    observer: Observer
    is_enough: bool = False
    is_running: bool = True

    async def run(self) -> None:
        """Send, until it is enough."""
        for _ in range(MOST_OF_A_FLOOD):
            if not self.is_enough:
                await self.observer.send(FLOOD)
        self.is_running = False


@define(eq=False)
class Lines:
    """A record that is kept in memory."""

    all: Record = Factory(list[object])

    def add(self, line: object) -> None:
        """Add a line."""
        self.all.append(line)
