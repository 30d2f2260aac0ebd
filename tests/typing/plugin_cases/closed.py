"""Mistakes with a connection that this side has closed: nothing can be sent."""

import asyncio
from typing import Literal, assert_never

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    TextMessage,
    UnacceptedWebSocket,
)
from typedws import ConnectedWebSocket as Conn


async def send_text(connected: ConnectedWebSocket) -> Ended:
    closed = await connected.close()
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return closed


async def send_bytes(connected: ConnectedWebSocket) -> Ended:
    await connected.close(1001)
    await connected.send_bytes(b"bye")  # E: mypy-plugin[typestate]
    return await connected.close()


async def send_json(connected: ConnectedWebSocket) -> Ended:
    await connected.close(4000, "bye")
    await connected.send_json({"type": "bye"})  # E: mypy-plugin[typestate]
    return await connected.close()


async def send(connected: ConnectedWebSocket) -> Ended:
    await connected.close()
    await connected.send(TextMessage("bye"))  # E: mypy-plugin[typestate]
    return await connected.close()


async def receive_text(connected: ConnectedWebSocket) -> Ended:
    await connected.close()
    print(await connected.receive_text())  # E: mypy-plugin[typestate]
    return await connected.close()


async def receive_bytes(connected: ConnectedWebSocket) -> Ended:
    await connected.close()
    print(await connected.receive_bytes())  # E: mypy-plugin[typestate]
    return await connected.close()


async def receive_json(connected: ConnectedWebSocket) -> Ended:
    await connected.close()
    print(await connected.receive_json())  # E: mypy-plugin[typestate]
    return await connected.close()


async def on_some_path(connected: ConnectedWebSocket, *, is_done: bool) -> Ended:
    if is_done:
        await connected.close()
    await connected.send_text("more")  # E: mypy-plugin[typestate]
    return await connected.close()


async def with_a_known_subprotocol(
    connected: ConnectedWebSocket[Literal["v1"]],
) -> Ended:
    await connected.close()
    await connected.send_text(connected.subprotocol)  # E: mypy-plugin[typestate]
    return await connected.close()


async def under_another_name(connected: Conn) -> Ended:
    await connected.close()
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await connected.close()


async def straight_from_accept(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    await connected.close()
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await connected.close()


async def by_a_task(connected: ConnectedWebSocket) -> Ended:
    closing = asyncio.create_task(connected.close())
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await closing


async def in_a_match(connected: ConnectedWebSocket) -> Ended:
    while True:
        event = await connected.receive()
        match event:
            case TextMessage(data="quit"):
                await connected.close()
                await connected.send_text("bye")  # E: mypy-plugin[typestate]
            case TextMessage() | BytesMessage():
                await connected.send(event)
            case ClosedWebSocket():
                return event
            case _:
                assert_never(event)


async def in_a_union(state: UnacceptedWebSocket | ConnectedWebSocket) -> Ended:
    if isinstance(state, ConnectedWebSocket):
        await state.close()
        await state.send_text("bye")  # E: mypy-plugin[typestate]
    return await state.close()


async def after_the_messages(connected: ConnectedWebSocket) -> Ended:
    async for text in connected.iter_text():
        if text == "quit":
            await connected.close()
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await connected.close()


async def two_connections(one: ConnectedWebSocket, two: ConnectedWebSocket) -> Ended:
    await one.close()
    await two.send_text("you are alone")
    await one.send_text("bye")  # E: mypy-plugin[typestate]
    return await two.close()


async def closed_in_either_branch(connected: ConnectedWebSocket, *, ok: bool) -> Ended:
    if ok:
        await connected.close(1000)
    else:
        await connected.close(1011)
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await connected.close()


async def closed_in_a_walrus(connected: ConnectedWebSocket) -> Ended:
    if (closed := await connected.close()).clean:
        await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return closed


async def closed_behind_and(connected: ConnectedWebSocket, *, is_done: bool) -> Ended:
    if is_done and (await connected.close()).clean:
        print("closed")
    await connected.send_text("more")  # E: mypy-plugin[typestate]
    return await connected.close()
