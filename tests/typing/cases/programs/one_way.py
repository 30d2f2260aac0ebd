"""Senders, readers, and time"""

import asyncio
import contextlib
import itertools

import anyio

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    LocalProtocolError,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)


async def ticker(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A sender that never reads, until the peer has gone."""
    connected = await websocket.accept()
    try:
        for number in itertools.count():
            await connected.send_json({"tick": number})
            await anyio.sleep(0.01)
    except WebSocketDisconnect as disconnect:
        return disconnect.closed
    return await connected.close()


async def countdown(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A sender that comes to an end by itself."""
    connected = await websocket.accept()
    for left in range(3, 0, -1):
        await connected.send_text(str(left))
    return await connected.close(1000, "lift-off")


async def collector(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A reader that never sends."""
    connected = await websocket.accept()
    size = 0
    async for data in connected.iter_bytes():
        size += len(data)
        if size > 1_000_000:
            return await connected.close(1009, "too much")
    print(size)
    return await connected.close()


async def one_question(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """One message each way."""
    connected = await websocket.accept()
    await connected.send_text("your name?")
    try:
        name = await connected.receive_text()
    except WebSocketDisconnect as disconnect:
        return disconnect.closed
    await connected.send_text(f"hello, {name}")
    return await connected.close()


async def answered_in_time(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A deadline of anyio for each message."""
    connected = await websocket.accept()
    while True:
        try:
            with anyio.fail_after(20):
                text = await connected.receive_text()
        except TimeoutError:
            return await connected.close(1001, "still there?")
        except WebSocketDisconnect as disconnect:
            return disconnect.closed
        await connected.send_text(text)


async def answered_in_time_of_asyncio(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A deadline of asyncio for all messages."""
    connected = await websocket.accept()
    try:
        async with asyncio.timeout(20):
            async for text in connected.iter_text():
                await connected.send_text(text)
    except TimeoutError:
        return await connected.close(1001, "time is up")
    return await connected.close()


async def waited_for(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A deadline by `wait_for`."""
    connected = await websocket.accept()
    try:
        event = await asyncio.wait_for(connected.receive(), 20)
    except TimeoutError:
        return await connected.close(1001)
    if isinstance(event, ClosedWebSocket):
        return event
    await connected.send(event)
    return await connected.close()


async def accepted_in_time(websocket: UnacceptedWebSocket) -> Ended:
    """A deadline for what comes before the accept."""
    is_open = False
    with anyio.move_on_after(5):
        await anyio.sleep(0)
        is_open = True
    if not is_open:
        return await websocket.close()
    connected = await websocket.accept()
    return await connected.close()


async def moved_on(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Messages for a while, and then a farewell."""
    connected = await websocket.accept()
    with anyio.move_on_after(5):
        async for message in connected:
            await connected.send(message)
    return await connected.close(1000, "that was all")


async def shielded_farewell(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A farewell that a cancellation does not keep back."""
    connected = await websocket.accept()
    try:
        async for message in connected:
            await connected.send(message)
    finally:
        with anyio.CancelScope(shield=True), anyio.move_on_after(1):
            await connected.close(1001)
    return await connected.close()


async def first_subprotocol_that_goes(websocket: UnacceptedWebSocket) -> Ended:
    """A second try, where the first one was refused."""
    try:
        connected = await websocket.accept("chat.v2")
    except LocalProtocolError:
        return await websocket.close()
    return await connected.close()


async def tried_again(websocket: UnacceptedWebSocket) -> Ended:
    """A loop that tries something else until it works, and then accepts."""
    for attempt in range(3):
        try:
            room = ["lobby", "hall"][attempt]
        except IndexError:
            await anyio.sleep(0)
            continue
        connected = await websocket.accept(headers={"x-room": room})
        return await connected.close()
    return await websocket.close()


async def source_that_comes_back(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A source that is connected to again whenever it is lost."""
    connected = await websocket.accept()
    for attempt in itertools.count():
        try:
            if attempt < 2:
                raise ConnectionResetError
            await connected.send_text("news")
            break
        except ConnectionResetError:
            await anyio.sleep(0)
    return await connected.close()


async def one_after_the_other(queue: asyncio.Queue[UnacceptedWebSocket]) -> None:
    """Connections out of a queue, in their order."""
    while not queue.empty():
        websocket = await queue.get()
        if "x-token" not in websocket.headers:
            await websocket.close()
            continue
        connected = await websocket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            await connected.send_text("next, please")
        await connected.close()


async def first_of_two(connected: ConnectedWebSocket) -> Ended:
    """A message or a signal, whichever comes first."""
    stop = asyncio.Event()
    stop.set()
    receiving = asyncio.create_task(connected.receive())
    stopping = asyncio.create_task(stop.wait())
    done, pending = await asyncio.wait(
        [receiving, stopping], return_when=asyncio.FIRST_COMPLETED
    )
    for task in pending:
        task.cancel()
    if receiving in done and isinstance(event := receiving.result(), ClosedWebSocket):
        return event
    return await connected.close(1012)
