"""Mistakes in loops: the second turn meets what the first one spent."""

from collections.abc import AsyncIterator

import anyio

from typedws import ConnectedWebSocket, Ended, UnacceptedWebSocket


async def serve(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.close()


async def second_turn(ws: UnacceptedWebSocket, names: list[str]) -> None:
    for name in names:
        await ws.accept(name)  # E: mypy-plugin[typestate]


async def endless(ws: UnacceptedWebSocket) -> None:
    while True:
        connected = await ws.accept()  # E: mypy-plugin[typestate]
        await connected.close()


async def retry_that_does_not_leave(ws: UnacceptedWebSocket) -> Ended:
    for attempt in range(3):
        connected = await ws.accept()  # E: mypy-plugin[typestate]
        print(attempt, connected)
    return await ws.close()  # E: mypy-plugin[typestate]


async def used_before_it_is_spent(ws: UnacceptedWebSocket, names: list[str]) -> None:
    for name in names:
        await serve(ws)  # E: mypy-plugin[arg-type]
        if name == "last":
            await ws.close()  # E: mypy-plugin[typestate]


async def spent_before_the_loop(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    connected = await ws.accept()
    for name in names:
        if name == "refuse":
            await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def after_a_break(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    for name in names:
        if name == "refuse":
            await ws.close()
            break
    connected = await ws.accept()  # E: mypy-plugin[typestate]
    return await connected.close()


async def before_a_continue(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    for name in names:
        if name == "refuse":
            await ws.close()  # E: mypy-plugin[typestate]
            continue
        print(name)
    return await ws.close()  # E: mypy-plugin[typestate]


async def loop_with_else(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    for name in names:
        if name == "refuse":
            await ws.close()
            break
    else:
        await ws.accept()
    return await ws.close()  # E: mypy-plugin[typestate]


async def while_with_condition(ws: UnacceptedWebSocket, names: list[str]) -> Ended:
    while names and (await ws.accept(names.pop())):  # E: mypy-plugin[typestate]
        print("accepted")
    return await ws.close()  # E: mypy-plugin[typestate]


async def over_other_events(
    ws: UnacceptedWebSocket, events: AsyncIterator[str]
) -> None:
    async for event in events:
        print(event)
        await ws.accept()  # E: mypy-plugin[typestate]


async def nested_loops(ws: UnacceptedWebSocket, rows: list[list[str]]) -> None:
    for row in rows:
        for name in row:
            if name:
                await ws.close()  # E: mypy-plugin[typestate]


async def connected_and_closed_in_a_loop(
    connected: ConnectedWebSocket, names: list[str]
) -> Ended:
    for name in names:
        await connected.send_text(name)  # E: mypy-plugin[typestate]
        await connected.close()
    return await connected.close()


async def ticker_that_does_not_leave(connected: ConnectedWebSocket) -> None:
    ticks = 0
    while True:
        await anyio.sleep(1)
        ticks += 1
        await connected.send_text("tick")  # E: mypy-plugin[typestate]
        if ticks > 10:
            await connected.close()


async def sent_after_the_loop(connected: ConnectedWebSocket) -> Ended:
    async for message in connected:
        if message.data == "quit":
            await connected.close()
            break
        await connected.send(message)
    await connected.send_text("bye")  # E: mypy-plugin[typestate]
    return await connected.close()


async def sent_in_the_same_turn(connected: ConnectedWebSocket) -> Ended:
    async for message in connected:
        if message.data == "quit":
            await connected.close()
        await connected.send(message)  # E: mypy-plugin[typestate]
    return await connected.close()


async def closed_before_the_answer(connected: ConnectedWebSocket) -> Ended:
    while True:
        text = await connected.receive_text()
        if text == "quit":
            await connected.close()
            await connected.send_text("bye")  # E: mypy-plugin[typestate]
            return await connected.close()


async def rebound_in_some_turn(
    ws: UnacceptedWebSocket, fresh: list[UnacceptedWebSocket], names: list[str]
) -> None:
    for name in names:
        for other in fresh:
            ws = other
            break
        else:
            await ws.accept(name)  # E: mypy-plugin[typestate]


async def rebound_on_some_condition(
    ws: UnacceptedWebSocket, fresh: UnacceptedWebSocket, names: list[str]
) -> None:
    for name in names:
        if name == "fresh":
            ws = fresh
        await ws.accept(name)  # E: mypy-plugin[typestate]
