"""Mistakes in straight lines: a handshake that was answered is answered again."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator

import anyio

from typedws import (
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    UnacceptedWebSocket,
    WebSocket,
)
from typedws import UnacceptedWebSocket as WS


async def serve(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.close()


async def denied(websocket: UnacceptedWebSocket, *, why: str) -> DeniedWebSocket:
    return await websocket.send_denial_response(DenialResponse(body=why.encode()))


def path_of(websocket: UnacceptedWebSocket) -> str:
    return websocket.url.path


async def accept_twice(ws: UnacceptedWebSocket) -> Ended:
    await ws.accept()
    connected = await ws.accept()  # E: mypy-plugin[typestate]
    return await connected.close()


async def close_after_accept(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    await connected.send_text("hello")
    return await ws.close()  # E: mypy-plugin[typestate]


async def deny_after_accept(ws: UnacceptedWebSocket) -> Ended:
    await ws.accept()
    return await ws.send_denial_response(DenialResponse())  # E: mypy-plugin[typestate]


async def accept_after_close(ws: UnacceptedWebSocket) -> Ended:
    await ws.close()
    connected = await ws.accept()  # E: mypy-plugin[typestate]
    return await connected.close()


async def accept_after_denial(ws: UnacceptedWebSocket) -> Ended:
    await ws.send_denial_response(DenialResponse(status=401))
    return await (await ws.accept()).close()  # E: mypy-plugin[typestate]


async def deny_twice(ws: UnacceptedWebSocket) -> Ended:
    await ws.send_denial_response(DenialResponse(status=401))
    return await ws.send_denial_response(  # E: mypy-plugin[typestate]
        DenialResponse(status=403)
    )


async def each_of_three_in_turn(ws: UnacceptedWebSocket) -> Ended:
    await ws.accept()
    await ws.close()  # E: mypy-plugin[typestate]
    return await ws.close()  # E: mypy-plugin[typestate]


async def hand_on_after_accept(ws: UnacceptedWebSocket) -> Ended:
    await ws.accept()
    return await serve(ws)  # E: mypy-plugin[arg-type]


async def hand_on_after_close(ws: UnacceptedWebSocket) -> Ended:
    await ws.close()
    return await denied(ws, why="late")  # E: mypy-plugin[arg-type]


async def hand_on_by_keyword(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    await serve(websocket=ws)  # E: mypy-plugin[arg-type]
    return await connected.close()


async def hand_on_to_a_reader(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    await connected.send_text(path_of(ws))  # E: mypy-plugin[arg-type]
    return await connected.close()


async def hand_on_to_a_task(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    async with anyio.create_task_group() as group:
        group.start_soon(serve, ws)  # E: mypy-plugin[arg-type]
    return await connected.close()


async def hand_on_to_a_partial(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    await functools.partial(denied, why="late")(ws)  # E: mypy-plugin[arg-type]
    return await connected.close()


async def return_it(ws: UnacceptedWebSocket) -> UnacceptedWebSocket:
    await ws.accept()
    return ws  # E: mypy-plugin[return-value]


async def return_it_in_a_tuple(
    ws: UnacceptedWebSocket,
) -> tuple[UnacceptedWebSocket, ConnectedWebSocket]:
    connected = await ws.accept()
    return ws, connected  # E: mypy-plugin[return-value]


async def yield_it(ws: UnacceptedWebSocket) -> AsyncIterator[UnacceptedWebSocket]:
    await ws.close()
    yield ws  # E: mypy-plugin[misc]


async def store_it(ws: UnacceptedWebSocket, waiting: list[UnacceptedWebSocket]) -> None:
    await ws.accept()
    waiting.append(ws)  # E: mypy-plugin[arg-type]


async def rename_it(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    other: UnacceptedWebSocket = ws  # E: mypy-plugin[assignment]
    print(other.url)
    return await connected.close()


async def without_await(ws: UnacceptedWebSocket) -> Ended:
    accepting = ws.accept()
    closing = ws.close()  # E: mypy-plugin[typestate]
    await closing
    return await (await accepting).close()


async def in_a_task(ws: UnacceptedWebSocket) -> Ended:
    closing = asyncio.create_task(ws.close())
    await ws.accept()  # E: mypy-plugin[typestate]
    return await closing


async def in_wait_for(ws: UnacceptedWebSocket) -> Ended:
    connected = await asyncio.wait_for(ws.accept(), 5)
    await asyncio.wait_for(ws.close(), 5)  # E: mypy-plugin[typestate]
    return await connected.close()


async def both_at_once(ws: UnacceptedWebSocket) -> None:
    await asyncio.gather(ws.accept(), ws.close())  # E: mypy-plugin[typestate]


async def by_another_name_for_the_class(ws: WS) -> Ended:
    await ws.accept()
    return await ws.close()  # E: mypy-plugin[typestate]


async def by_the_alias_of_the_class(ws: WebSocket) -> Ended:
    await ws.accept()
    return await ws.close()  # E: mypy-plugin[typestate]


async def with_arguments(ws: UnacceptedWebSocket) -> Ended:
    await ws.accept(subprotocol="chat", headers=[("x-room", "1")])
    return await ws.close()  # E: mypy-plugin[typestate]


async def method_kept_for_later(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    refuse = ws.close  # E: mypy-plugin[typestate]
    await refuse()
    return await connected.close()


async def method_handed_to_a_stack(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(ws.close)  # E: mypy-plugin[typestate]
    return await connected.close()


async def through_a_walrus(scope_of: UnacceptedWebSocket) -> Ended:
    await (ws := scope_of).accept()
    connected = await ws.accept()
    return await connected.close()


async def over_several_lines(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept(
        subprotocol=None,
    )
    await connected.send_text("hello")
    return await ws.close()  # E: mypy-plugin[typestate]
