"""
A client for many connections, on picows: it takes less time than any of the servers.

What it hears is compared with what it has said, byte by byte.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar, final

from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType]  # its keywords
)
from typing_extensions import override

from tests.benchmarks.scripted_server import WrongAnswer

LONGEST_WAIT: Final = 60.0
AT_ONCE: Final = 64
"""How many handshakes are under way at a time while connections are opened."""

TICK: Final = 0.001
SETTLE: Final = 0.05
"""Seconds in which a server has heard of all that has come and gone."""


class Connection(WSListener):
    """A connection, whose owner is told of each message that it gets."""

    transport: WSTransport

    def __init__(self, said: bytes) -> None:
        """Expect to hear what was said."""
        super().__init__()
        self.said = said
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def on_ws_connected(self, transport: WSTransport) -> None:
        """Keep the transport."""
        self.transport = transport

    @override
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Look at a message."""
        heard = frame.get_payload_as_bytes()
        if frame.msg_type is WSMsgType.TEXT and heard == self.said:
            self.on_answer()
        else:
            self.fail(f"{self.said!r:.80} was answered by {heard!r:.80}")

    @override
    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Tell whoever still waits for something."""
        self.fail("the server has closed a connection")

    def on_answer(self) -> None:
        """Take the answer."""

    def say(self) -> None:
        """Send the message."""
        self.transport.send(WSMsgType.TEXT, self.said)

    def fail(self, why: str) -> None:
        """Let the measurement fail."""
        if not self.failed.done():
            self.failed.set_exception(WrongAnswer(why))


ConnectionT = TypeVar("ConnectionT", bound=Connection)


@final
class Echoed(Connection):
    """A connection that says the next thing when the last was answered."""

    def __init__(self, said: bytes) -> None:
        """Have nothing to say yet."""
        super().__init__(said)
        self.left = 0
        self.done: asyncio.Future[None] | None = None

    def talk(self, count: int) -> asyncio.Future[None]:
        """Begin; the future is done when all was answered."""
        self.left = count
        self.done = asyncio.get_running_loop().create_future()
        self.say()
        return self.done

    @override
    def on_answer(self) -> None:
        self.left -= 1
        if self.left:
            self.say()
        elif self.done is not None:
            self.done.set_result(None)


@final
class Clocked(Connection):
    """A connection that notes how long each answer took."""

    def __init__(self, said: bytes) -> None:
        """Have nothing noted yet."""
        super().__init__(said)
        self.begun: deque[float] = deque()
        self.took: list[float] = []

    def ask(self) -> None:
        """Say something, whether the last was answered or not."""
        self.begun.append(time.perf_counter())
        self.say()

    @override
    def on_answer(self) -> None:
        self.took.append(time.perf_counter() - self.begun.popleft())


@final
class Heard(Connection):
    """A connection that only counts what it hears."""

    def __init__(self, said: bytes, on_heard: Callable[[], None]) -> None:
        """Tell the owner of each message."""
        super().__init__(said)
        self.on_heard = on_heard

    @override
    def on_answer(self) -> None:
        self.on_heard()


@asynccontextmanager
async def connected(
    url: str, make: Callable[[], ConnectionT], count: int
) -> AsyncGenerator[Sequence[ConnectionT]]:
    """Open connections, for as long as the block runs."""
    made: list[ConnectionT] = []
    free = asyncio.Semaphore(AT_ONCE)

    async def connect() -> None:
        one = make()
        async with free:
            await ws_connect(lambda: one, url)
        made.append(one)

    try:
        await asyncio.gather(*(connect() for _ in range(count)))
        yield made
    finally:
        for one in made:
            one.fail("the measurement is over")
            one.failed.exception()
            one.transport.disconnect(graceful=False)


async def whatever_first(
    done: asyncio.Future[None], connections: Sequence[Connection]
) -> None:
    """
    Wait until all is done, or one connection has failed.

    Raises:
        WrongAnswer: One has failed, or nothing has come for a long time.
    """
    failed = [connection.failed for connection in connections]
    ended, _ = await asyncio.wait(
        [done, *failed], return_when=asyncio.FIRST_COMPLETED, timeout=LONGEST_WAIT
    )
    if not ended:
        raise WrongAnswer(f"no answer has come for {LONGEST_WAIT} seconds")
    for future in ended:
        future.result()


async def seconds_for_echoes(
    url: str,
    connections: int,
    said: bytes,
    count: int,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """
    Let each connection talk, all at once; return the seconds until all are done.

    They have talked before, so that whoever must wake up for them has.
    """
    each = max(count // connections, 1)
    async with connected(url, lambda: Echoed(said), connections) as opened:
        await _talk(opened, max(each // 10, 1))
        began = clock()
        await _talk(opened, each)
        return clock() - began


async def _talk(opened: Sequence[Echoed], each: int) -> None:
    talks = asyncio.gather(*(one.talk(each) for one in opened))

    async def all_of_them() -> None:
        await talks

    await whatever_first(asyncio.ensure_future(all_of_them()), opened)


async def seconds_for_fan_out(
    url: str, connections: int, said: bytes, count: int
) -> float:
    """Let one connection talk to all, so many times; return the seconds."""
    pending = 0
    all_heard = asyncio.Event()

    def on_heard() -> None:
        nonlocal pending
        pending -= 1
        if not pending:
            all_heard.set()

    async def talk() -> None:
        nonlocal pending
        for _ in range(count):
            pending = connections
            all_heard.clear()
            opened[0].say()
            await all_heard.wait()

    async with connected(url, lambda: Heard(said, on_heard), connections) as opened:
        await asyncio.sleep(SETTLE)
        began = time.perf_counter()
        await whatever_first(asyncio.ensure_future(talk()), opened)
        seconds = time.perf_counter() - began
    await asyncio.sleep(SETTLE)
    return seconds


async def latencies(
    url: str, connections: int, said: bytes, seconds: float, per_tick: int
) -> Sequence[float]:
    """
    Ask by the clock, whether the last answer has come or not; return what each took.

    A client that waits for an answer before it asks again would not ask while the
    server is slow, and so not see it.
    """
    async with connected(url, lambda: Clocked(said), connections) as opened:
        await whatever_first(
            asyncio.ensure_future(_ask(opened, seconds, per_tick)), opened
        )
        return [took for one in opened for took in one.took]


async def _ask(opened: Sequence[Clocked], seconds: float, per_tick: int) -> None:
    loop = asyncio.get_running_loop()
    begin, asked = loop.time(), 0
    while (elapsed := loop.time() - begin) < seconds:
        due = int(elapsed / TICK) * per_tick
        for at in range(asked, due):
            opened[at % len(opened)].ask()
        asked = max(asked, due)
        await asyncio.sleep(TICK)
    # The last answers may be on their way.
    while any(one.begun for one in opened):  # noqa: ASYNC110 - no event for all of them
        await asyncio.sleep(TICK)
