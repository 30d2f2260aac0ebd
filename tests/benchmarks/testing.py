"""
What `typedws.testing` adds to a message: the time of an echo, beside that of its parts.

    python -m tests.benchmarks.testing

The yardstick is a bare queue pair: two memory object streams of anyio with an echo task
between them, which is the least that two tasks need to talk. The ratios count; the
seconds are those of one machine.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import anyio

from typedws import ClosedWebSocket, UnacceptedWebSocket, websocket_app
from typedws.asgi import AnyASGIApp
from typedws.testing import connect

MESSAGES: Final = 20_000
ROUNDS: Final = 5
CONNECTIONS: Final = 1_000
EACH: Final = 100

Event = Mapping[str, object]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


async def raw_echo(_scope: Event, receive: Receive, send: Send) -> None:
    """Echo, with nothing but ASGI."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


@websocket_app
async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Echo, with typedws."""
    connected = await websocket.accept()
    async for text in connected.iter_text():
        await connected.send_text(text)
    return await connected.close()


async def queue_pair(count: int) -> float:
    """Time an echo over two streams."""
    to_echo, from_test = anyio.create_memory_object_stream[str](1)
    to_test, from_echo = anyio.create_memory_object_stream[str](1)

    took: list[float] = []

    async def answer() -> None:
        async with to_test, from_test:
            async for text in from_test:
                await to_test.send(text)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(answer)
        began = time.perf_counter()
        for _ in range(count):
            await to_echo.send("hello")
            await from_echo.receive()
        took.append(time.perf_counter() - began)
        to_echo.close()
    from_echo.close()
    return took[0]


async def in_memory(app: AnyASGIApp, count: int) -> float:
    """Time an echo over a connection in memory."""
    async with connect(app) as peer:
        began = time.perf_counter()
        for _ in range(count):
            await peer.send_text("hello")
            await peer.receive_text()
        return time.perf_counter() - began


async def crowd() -> float:
    """Time many connections at once."""

    async def one() -> None:
        async with connect(echo, wait=60.0) as peer:
            for _ in range(EACH):
                await peer.send_text("hello")
                await peer.receive_text()

    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for _ in range(CONNECTIONS):
            tasks.start_soon(one)
    return time.perf_counter() - began


async def main(backend: str) -> None:
    """Measure all, each several times in turn, and print the medians."""
    pair: list[float] = []
    raw: list[float] = []
    ours: list[float] = []
    for _ in range(ROUNDS):
        pair.append(await queue_pair(MESSAGES))
        raw.append(await in_memory(raw_echo, MESSAGES))
        ours.append(await in_memory(echo, MESSAGES))
    yardstick = median(pair)
    rows = {
        "a queue pair": yardstick,
        "connect(), an application in raw ASGI": median(raw),
        "connect(), an application of typedws": median(ours),
    }
    for name, took in rows.items():
        each = took / MESSAGES * 1e6
        print(f"{backend:8} {name:40} {each:7.2f} µs {took / yardstick:5.2f}")
    took = await crowd()
    print(f"{backend:8} {CONNECTIONS} connections, {EACH} messages each: {took:.1f} s")


def median(values: list[float]) -> float:
    """Return the middle one."""
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    for each in ("asyncio", "trio"):
        anyio.run(main, each, backend=each)
