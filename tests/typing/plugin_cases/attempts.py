"""Mistakes around `try`, `with` and their exits."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import anyio

from typedws import (
    ConnectedWebSocket,
    Ended,
    LocalProtocolError,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)


async def serve(connected: ConnectedWebSocket) -> Ended:
    return await connected.close()


async def refused_by_the_handler(ws: UnacceptedWebSocket) -> Ended:
    try:
        connected = await ws.accept()
        return await serve(connected)
    except ValueError:
        return await ws.close()  # E: mypy-plugin[typestate]


async def refused_by_a_late_handler(ws: UnacceptedWebSocket) -> Ended:
    try:
        connected = await ws.accept()
        await connected.send_text("hello")
    except LocalProtocolError:
        return await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def refused_at_last(ws: UnacceptedWebSocket) -> Ended:
    try:
        connected = await ws.accept()
        return await serve(connected)
    finally:
        await ws.close()  # E: mypy-plugin[typestate]


async def after_the_try(ws: UnacceptedWebSocket) -> Ended:
    try:
        connected = await ws.accept()
    except WebSocketDisconnect as disconnect:
        return disconnect.closed
    await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def after_a_handler_that_goes_on(ws: UnacceptedWebSocket) -> Ended:
    try:
        await ws.accept()
    except LocalProtocolError:
        print("not accepted")
    return await ws.close()  # E: mypy-plugin[typestate]


async def in_the_handler_itself(ws: UnacceptedWebSocket, name: str) -> Ended:
    try:
        number = int(name)
    except ValueError:
        await ws.close()
        return await (await ws.accept()).close()  # E: mypy-plugin[typestate]
    connected = await ws.accept(str(number))
    return await connected.close()


async def handler_spends_and_goes_on(ws: UnacceptedWebSocket, name: str) -> Ended:
    try:
        int(name)
    except ValueError:
        await ws.close()
    connected = await ws.accept()  # E: mypy-plugin[typestate]
    return await connected.close()


async def in_the_else(ws: UnacceptedWebSocket) -> Ended:
    try:
        connected = await ws.accept()
    except WebSocketDisconnect as disconnect:
        return disconnect.closed
    else:
        await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def behind_suppress(ws: UnacceptedWebSocket) -> Ended:
    with contextlib.suppress(LocalProtocolError):
        await ws.accept()
    return await ws.close()  # E: mypy-plugin[typestate]


async def inside_a_timeout(ws: UnacceptedWebSocket) -> Ended:
    async with asyncio.timeout(5):
        connected = await ws.accept()
        await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def after_a_timeout(ws: UnacceptedWebSocket) -> Ended:
    with anyio.fail_after(5):
        connected = await ws.accept()
    await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def after_a_timeout_that_moves_on(ws: UnacceptedWebSocket) -> Ended:
    with anyio.move_on_after(5):
        await ws.accept()
    return await ws.close()  # E: mypy-plugin[typestate]


@contextlib.asynccontextmanager
async def accepted(ws: UnacceptedWebSocket) -> AsyncGenerator[ConnectedWebSocket]:
    connected = await ws.accept()
    try:
        yield connected
    finally:
        await ws.close()  # E: mypy-plugin[typestate]


async def sent_in_finally(connected: ConnectedWebSocket) -> Ended:
    try:
        await connected.send_text("hello")
        return await connected.close()
    finally:
        await connected.send_text("bye")  # E: mypy-plugin[typestate]


async def sent_after_closing_in_a_handler(connected: ConnectedWebSocket) -> Ended:
    try:
        await connected.send_json({"hello": "world"})
    except ValueError:
        await connected.close(1011)
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await connected.close()
