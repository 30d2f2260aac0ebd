"""Slow peers: who waits for whom, and what is lost."""

from collections import defaultdict
from typing import Final

import anyio

from tests.outcomes.noting import number_of, tell, tell_end
from tests.outcomes.raw_client import Opcode, close_payload, frame
from tests.outcomes.scenario import Scenario
from tests.outcomes.scenarios.moves import RETURNS, tail_of
from tests.outcomes.visiting import SECONDS, Visit
from tests.pouring import CHUNK, CHUNKS, Pouring
from typedws import (
    ClosedWebSocket,
    Ended,
    Limits,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)

__all__ = ["SCENARIOS"]


async def pour(websocket: UnacceptedWebSocket) -> Ended:
    """Send much, as fast as it is taken."""
    connected = await websocket.accept()
    try:
        for _ in range(CHUNKS):
            await connected.send_bytes(bytes(CHUNK))
    except WebSocketDisconnect as over:
        tell(websocket, "has to wait for the client")
        tell_end(websocket, over.closed)
        return over.closed
    tell(websocket, "never has to wait")
    return await connected.close()


async def reads_nothing(visit: Visit) -> None:
    """Open a connection, and read nothing of what comes."""
    async with visit.raw() as client:
        await client.connect()
        await visit.sees_whether_it_ends()


async def pour_and_wait(websocket: UnacceptedWebSocket) -> Ended:
    """Send much, and wait for the client to say that it has all."""
    connected = await websocket.accept()
    for number in range(CHUNKS):
        await connected.send_bytes(number.to_bytes(2) * (CHUNK // 2))
    tell(websocket, await connected.receive_text())
    return await connected.close()


async def reads_late(visit: Visit) -> None:
    """Read nothing for a while, and then everything."""
    async with visit.connect() as caller:
        caller.connection.transport.pause_reading()
        await anyio.sleep(0.5)
        caller.connection.transport.resume_reading()
        heard = [await caller.connection.recv() for _ in range(CHUNKS)]
        expected = [number.to_bytes(2) * (CHUNK // 2) for number in range(CHUNKS)]
        caller.seen.append(f"all of it, in order: {heard == expected}")
        await caller.say("thanks")
        await caller.hear()


async def pour_and_close(websocket: UnacceptedWebSocket) -> Ended:
    """Send much, and close right behind it."""
    connected = await websocket.accept()
    for number in range(CHUNKS):
        await connected.send_bytes(number.to_bytes(2) * (CHUNK // 2))
    return await connected.close()


async def reads_very_late(visit: Visit) -> None:
    """Read nothing for two seconds, and then everything."""
    async with visit.connect() as caller:
        caller.connection.transport.pause_reading()
        await anyio.sleep(2)
        caller.connection.transport.resume_reading()
        heard = 0
        while (await caller.next()).endswith("of a message"):
            heard += 1
        caller.seen.append(f"all of it: {heard == CHUNKS}")


async def read_late(websocket: UnacceptedWebSocket) -> Ended:
    """Receive nothing until a second connection says so, and then everything."""
    number = number_of(websocket.url.path)
    says_so = tail_of(websocket) == "/go"
    connected = await websocket.accept()
    if says_so:
        _GO[number].set()
        return await connected.close()
    await _GO[number].wait()
    got = 0
    while True:
        event = await connected.receive()
        if isinstance(event, ClosedWebSocket):
            is_all = got == CHUNKS * CHUNK
            tell(websocket, "all of it: True" if is_all else f"{got} bytes, {event!r}")
            return event
        got += len(event.data)


_GO: Final = defaultdict[str, anyio.Event](anyio.Event)


async def says_much(visit: Visit) -> None:
    """Send much, and see whether it is held back before anybody receives."""
    taken = 0
    held_back = False

    async def say() -> None:
        nonlocal taken
        for _ in range(CHUNKS):
            await client.send(frame(Opcode.BINARY, bytes(CHUNK)))
            taken += 1
        await client.send(frame(Opcode.CLOSE, close_payload(1000)))

    held_back = False
    async with visit.raw() as client:
        await client.connect()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(say)
            before = -1
            while before < taken < CHUNKS:
                before = taken
                await anyio.sleep(STALL)
            held_back = taken < CHUNKS
            async with visit.connect("/go"):
                pass
        await client.is_left()
    visit.seen[:] = ["is held back" if held_back else "is not held back"]


STALL: Final = 2.0
"""Seconds without progress that no load of the machine explains."""


async def pour_large(websocket: UnacceptedWebSocket) -> Ended:
    """Send large messages without end, until the client has gone."""
    connected = await websocket.accept()

    async def send() -> None:
        while True:
            await connected.send_bytes(bytes(CHUNK))
            await anyio.sleep(0.001)

    closed = await connected.run(background=[send])
    tell(websocket, "over")
    return closed


async def closes_unread(visit: Visit) -> None:
    """Read nothing for a while, close, and then read what is there."""
    async with visit.raw() as client:
        await client.connect()
        await anyio.sleep(0.5)
        await client.send(frame(Opcode.CLOSE, close_payload(1000)))
        await client.is_left()
    await visit.sees_whether_it_ends()


async def close_stuck(websocket: UnacceptedWebSocket) -> Ended:
    """Close while another task is stuck in a send."""
    connected = await websocket.accept()
    pouring = Pouring()

    async def send() -> None:
        await pouring.pour(connected.send_bytes)
        await anyio.sleep_forever()  # else `run()` ends before the close

    async def close() -> None:
        tell(websocket, f"a send is stuck: {await pouring.gets_stuck()}")
        began = anyio.current_time()
        await connected.close(4000)
        in_time = anyio.current_time() - began < SECONDS / 2
        tell(websocket, f"closes in time: {in_time}")

    return await connected.run(background=[send, close])


SCENARIOS: Final = (
    Scenario(
        "client_reads_nothing",
        "the client reads nothing of 32 MiB, with a `send_timeout`",
        pour,
        reads_nothing,
        ("has to wait for the client", "over: 1006 by network", RETURNS),
        ("accepted",),
        limits=Limits(send_timeout=0.5, close_timeout=0.5),
        is_alone=True,
    ),
    Scenario(
        "client_reads_late",
        "the client reads 32 MiB late",
        pour_and_wait,
        reads_late,
        ("thanks", RETURNS),
        ("accepted", "all of it, in order: True", "closed 1000"),
        is_alone=True,
    ),
    Scenario(
        "close_behind_much",
        "close right behind 32 MiB, which the client reads two seconds later",
        pour_and_close,
        reads_very_late,
        (RETURNS,),
        ("accepted", "all of it: True"),
        is_alone=True,
    ),
    Scenario(
        "handler_reads_late",
        "the handler receives 32 MiB late",
        read_late,
        says_much,
        ("all of it: True", RETURNS),
        ("is held back",),
        connections=2,
        is_alone=True,
    ),
    Scenario(
        "close_amid_large",
        "the client closes while a send waits for it, and reads then",
        pour_large,
        closes_unread,
        ("over", RETURNS),
        ("accepted",),
        is_hostile=True,
    ),
    Scenario(
        "close_stuck",
        "close while a send is stuck",
        close_stuck,
        reads_nothing,
        ("a send is stuck: True", "closes in time: True", RETURNS),
        ("accepted",),
        limits=Limits(close_timeout=0.5),
        is_alone=True,
    ),
)
