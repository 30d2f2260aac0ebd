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


async def twice_where_errors_are_suppressed(ws: UnacceptedWebSocket) -> Ended:
    with contextlib.suppress(LocalProtocolError):
        await ws.accept()
        await ws.accept()  # E: mypy-plugin[typestate]
    return await ws.close()  # E: mypy-plugin[typestate]


async def sent_where_errors_are_suppressed(connected: ConnectedWebSocket) -> Ended:
    with contextlib.suppress(WebSocketDisconnect):
        closed = await connected.close()
        await connected.send_text("bye")  # E: mypy-plugin[typestate]
        return closed
    return await connected.close()


async def in_a_loop_where_errors_are_suppressed(
    ws: UnacceptedWebSocket, names: list[str]
) -> Ended:
    with contextlib.suppress(LocalProtocolError):
        for name in names:
            await ws.accept(name)  # E: mypy-plugin[typestate]
    return await ws.close()  # E: mypy-plugin[typestate]


async def twice_within_a_deadline(ws: UnacceptedWebSocket) -> Ended:
    with anyio.move_on_after(5):
        connected = await ws.accept()
        await connected.send_text("hello")
        await ws.accept()  # E: mypy-plugin[typestate]
        return await connected.close()
    return await ws.close()


async def twice_in_a_group(ws: UnacceptedWebSocket) -> None:
    async with anyio.create_task_group() as group:
        connected = await ws.accept()
        group.start_soon(connected.send_text, "hello")
        await ws.accept()  # E: mypy-plugin[typestate]


async def refused_and_raised(ws: UnacceptedWebSocket, *, is_banned: bool) -> Ended:
    try:
        if is_banned:
            await ws.close()
            raise PermissionError
        connected = await ws.accept()
    except PermissionError:
        return await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def refused_in_the_inner_finally(ws: UnacceptedWebSocket, name: str) -> Ended:
    try:
        try:
            number = int(name)
        finally:
            await ws.close()
    except ValueError:
        return await ws.close()  # E: mypy-plugin[typestate]
    return await (await ws.accept(str(number))).close()  # E: mypy-plugin[typestate]


async def refused_before_the_else_fails(ws: UnacceptedWebSocket) -> Ended:
    try:
        try:
            denied = await ws.close()
        except LocalProtocolError:
            raise
        else:
            await anyio.sleep(1)
    except TimeoutError:
        return await ws.close()  # E: mypy-plugin[typestate]
    return denied


async def returned_past_a_handler(connected: ConnectedWebSocket) -> Ended:
    try:
        return await connected.close()
    except ValueError:
        raise
    finally:
        await connected.send_text("bye")  # E: mypy-plugin[typestate]


async def broken_off_past_a_finally(connected: ConnectedWebSocket) -> Ended:
    while True:
        try:
            await connected.close()
            break
        finally:
            await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await connected.close()


class Host:
    def __init__(self, ws: UnacceptedWebSocket) -> None:
        self.ws = ws
        self.connected: ConnectedWebSocket | None = None

    async def accepted_in_a_try(self) -> Ended:
        try:
            self.connected = await self.ws.accept()
        except LocalProtocolError:
            return await self.ws.close()
        return await self.ws.close()  # E: mypy-plugin[typestate]

    async def accepted_in_a_try_with_else(self, name: str) -> None:
        try:
            self.connected = await self.ws.accept(name)
        except LocalProtocolError:
            print("not accepted")
        else:
            await self.ws.close()  # E: mypy-plugin[typestate]
        await self.ws.close()  # E: mypy-plugin[typestate]


async def returned_past_a_finally_that_fails(connected: ConnectedWebSocket) -> Ended:
    try:
        try:
            return await connected.close()
        finally:
            await anyio.sleep(1)
    except TimeoutError:
        await connected.send_text("bye")  # E: mypy-plugin[typestate]
        raise
