"""
The client of a profile: that of `typedws.testing`, used as any test would use it.

It runs the application of a scenario beside itself, so one function gives a whole row.
"""

from contextlib import AsyncExitStack
from typing import Final

import anyio
import anyio.abc
from attrs import define, field

from tests.servers.clients import (
    FAILS,
    NO_ANSWER,
    SILENCE,
    Actor,
    Line,
    Request,
    accepted,
    act,
    closed,
    denied,
    message,
)
from tests.servers.observing import (
    Lines,
    Patience,
    Receive,
    Record,
    Send,
    live,
    observe,
)
from tests.servers.plain_data import Event
from tests.servers.rows import Row
from tests.servers.scenarios import Scenario
from typedws.testing import (
    Closed,
    ConnectionOver,
    HandshakeDenied,
    Peer,
    Profile,
    RunningApp,
    ServerEnded,
    WaitTimeout,
    connect,
    lifespan,
)

VIRTUAL: Final = Patience(blocked=1.5, pause=0.4)
"""As long as in a real server, on a clock that jumps."""

WAIT: Final = 1.5
LONGEST_APPLICATION: Final = 18.0


@define(eq=False)
class MemoryClient:
    """A client in the event loop of the test."""

    app: RunningApp
    path: str
    request: Request
    profile: Profile
    _stack: AsyncExitStack
    _tasks: anyio.abc.TaskGroup
    _peer: Peer | None = None
    _asking: anyio.CancelScope = field(factory=anyio.CancelScope)

    async def connect(self) -> Line:
        """Connect, and tell the answer."""
        connection = connect(
            self.app,
            self.path,
            headers=self.request.headers,
            subprotocols=self.request.subprotocols,
            profile=self.profile,
            wait=WAIT,
            raise_app_errors=False,
        )
        try:
            peer = self._peer = await self._stack.enter_async_context(connection)
        except HandshakeDenied as error:
            answer = error.denied
            return denied(answer.status, answer.headers.multi_items(), answer.body)
        except (ConnectionOver, ServerEnded):
            return [FAILS]
        except WaitTimeout:
            return [NO_ANSWER]
        return accepted(peer.subprotocol, peer.accept_headers.multi_items())

    async def ask(self) -> None:
        """Begin to connect, and leave the wait for the answer to another task."""
        self._tasks.start_soon(self._ask)

    async def _ask(self) -> None:
        with self._asking:
            await self.connect()

    async def receive(self) -> Line:
        """Receive a message or the end."""
        assert self._peer is not None
        try:
            event = await self._peer.receive()
        except WaitTimeout:
            return [SILENCE]
        return _end(event) if isinstance(event, Closed) else message(event.data)

    async def send(self, *parts: str | bytes) -> None:
        """Send a message in one piece: there are no frames."""
        assert self._peer is not None
        try:
            if isinstance(parts[0], str):
                await self._peer.send_text("".join(map(str, parts)))
            else:
                data = [part for part in parts if isinstance(part, bytes)]
                await self._peer.send_bytes(b"".join(data))
        except ConnectionOver:
            pass

    async def ping(self) -> Line:
        """Do nothing."""
        return ["can not send a ping"]

    async def close(self, code: int | None, reason: str) -> Line:
        """Close, and tell the end."""
        assert self._peer is not None
        return _end(await self._peer.close(code, reason))

    async def reset(self) -> None:
        """Lose the network."""
        self._asking.cancel()
        if self._peer is not None:
            self._peer.lose()

    async def finish(self) -> None:
        """Lose the network."""
        await self.reset()


async def memory_row(scenario: Scenario, profile: Profile) -> Row:
    """Run a scenario on a profile."""
    lines = Lines()
    seen: Record = []
    ended = anyio.Event()

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(scope, receive, send)
            return
        # What is left to be seen is seen, even where the client has given up.
        with anyio.CancelScope(shield=True):
            try:
                await observe(
                    scenario.app,
                    scope,
                    receive,
                    send,
                    record=lines.add,
                    patience=VIRTUAL,
                )
            finally:
                ended.set()

    path = f"/{scenario.name}{scenario.request.target}"
    async with (
        lifespan(app) as running,
        anyio.create_task_group() as tasks,
        AsyncExitStack() as stack,
    ):
        client = MemoryClient(running, path, scenario.request, profile, stack, tasks)
        await act(scenario.client, Actor(client, seen, VIRTUAL))
        with anyio.move_on_after(LONGEST_APPLICATION):
            await ended.wait()
    return {"app": lines.all, "client": seen}


def _end(end: Closed) -> Line:
    return closed(end.code, end.reason)
