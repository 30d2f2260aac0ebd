"""Chat, with task groups"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import anyio
import anyio.abc
import anyio.streams.memory
import attrs

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketDisconnect,
    websocket_app,
)


class Room:
    """A room of members, who come and go."""

    def __init__(self) -> None:
        self.members: dict[ConnectedWebSocket, str] = {}

    async def broadcast(self, text: str, but: ConnectedWebSocket | None = None) -> None:
        for member in list(self.members):
            if member is not but:
                with contextlib.suppress(WebSocketDisconnect):
                    await member.send_text(text)

    async def serve(self, websocket: UnacceptedWebSocket) -> Ended:
        name = websocket.query_params.get("name")
        if name is None or name in self.members.values():
            return await websocket.close()
        connected = await websocket.accept()
        self.members[connected] = name
        try:
            async for text in connected.iter_text():
                await self.broadcast(f"{name}: {text}", but=connected)
        finally:
            del self.members[connected]
        return await connected.close()


async def reader_and_writer(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Two tasks of anyio, of which the reader ends the other."""
    connected = await websocket.accept()

    async def tick() -> None:
        while True:
            await connected.send_text("tick")
            await anyio.sleep(30)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        async for message in connected:
            await connected.send(message)
        tasks.cancel_scope.cancel()
    return await connected.close()


async def reader_and_writer_of_asyncio(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Two tasks of asyncio, of which the reader ends the other."""
    connected = await websocket.accept()

    async def tick() -> None:
        while True:
            await connected.send_text("tick")
            await asyncio.sleep(30)

    async with asyncio.TaskGroup() as tasks:
        ticking = tasks.create_task(tick())
        async for message in connected:
            await connected.send(message)
        ticking.cancel()
    return await connected.close()


async def tasks_as_methods(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Bound methods given to a task group."""
    connected = await websocket.accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(connected.send_text, "hello")
        tasks.start_soon(connected.send, TextMessage("world"))
        tasks.start_soon(connected.send_json, {"hello": "world"})
    return await connected.close()


async def sends_at_once(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Several sends at once, by `gather`."""
    connected = await websocket.accept()
    await asyncio.gather(*(connected.send_text(str(number)) for number in range(3)))
    return await connected.close()


async def closed_from_a_task(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A task that closes while the handler reads."""
    connected = await websocket.accept()

    async def close_in_time() -> None:
        await anyio.sleep(0)
        await connected.close(1001, "time is up")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(close_in_time)
        async for message in connected:
            print(message.data)
        tasks.cancel_scope.cancel()
    return await connected.close()


@attrs.define
class Outbox:
    """A queue for each member, so that a slow one holds up nobody."""

    connected: ConnectedWebSocket
    texts: asyncio.Queue[str | None] = attrs.Factory(lambda: asyncio.Queue(100))

    def put(self, text: str) -> bool:
        try:
            self.texts.put_nowait(text)
        except asyncio.QueueFull:
            return False
        return True

    async def run(self) -> ClosedWebSocket:
        while (text := await self.texts.get()) is not None:
            await self.connected.send_text(text)
        return await self.connected.close(1001)


async def fed_by_a_stream(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """What comes out of a memory stream goes to the peer."""
    connected = await websocket.accept()
    send, receive = anyio.create_memory_object_stream[str](10)

    async def feed(stream: anyio.streams.memory.MemoryObjectSendStream[str]) -> None:
        async with stream:
            for text in ("one", "two"):
                await stream.send(text)

    async with anyio.create_task_group() as tasks, receive:
        tasks.start_soon(feed, send)
        async for text in receive:
            await connected.send_text(text)
    return await connected.close()


async def bridge(one: ConnectedWebSocket, two: ConnectedWebSocket) -> Ended:
    """Two connections, each of which hears what the other says."""

    async def pump(source: ConnectedWebSocket, sink: ConnectedWebSocket) -> None:
        async for message in source:
            await sink.send(message)
        await sink.close()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pump, one, two)
        tasks.start_soon(pump, two, one)
    await two.close()
    return await one.close()


async def relay(websocket: UnacceptedWebSocket, news: AsyncIterator[str]) -> Ended:
    """A source of news, until the peer leaves."""
    connected = await websocket.accept()
    try:
        async for item in news:
            await connected.send_text(item)
    except WebSocketDisconnect as disconnect:
        return disconnect.closed
    return await connected.close(1000, "no more news")


@websocket_app
async def lobby(websocket: UnacceptedWebSocket) -> Ended:
    """One room among many, by a path parameter."""
    rooms = {"lobby": Room()}
    match websocket.path_params.get("room"):
        case str(name) if name in rooms:
            return await rooms[name].serve(websocket)
        case _:
            return await websocket.close()


async def close_all(members: list[ConnectedWebSocket]) -> list[ClosedWebSocket]:
    """Every member is told to come back later."""
    ends: list[ClosedWebSocket] = []

    async def close(member: ConnectedWebSocket) -> None:
        ends.append(await member.close(1012))

    async with anyio.create_task_group() as tasks:
        for member in members:
            tasks.start_soon(close, member)
    return ends


async def started(websocket: UnacceptedWebSocket) -> Ended:
    """A task that says when it has begun."""
    connected = await websocket.accept()

    async def write(*, task_status: anyio.abc.TaskStatus[str]) -> None:
        task_status.started("ready")
        await anyio.sleep(30)

    async with anyio.create_task_group() as tasks:
        await connected.send_text(str(await tasks.start(write)))
        tasks.cancel_scope.cancel()
    return await connected.close()
