"""Several connections that have to do with one another."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final, TypeAlias

import anyio
from attrs import define, field

from tests.outcomes.noting import number_of, tell
from tests.outcomes.scenario import Scenario
from tests.outcomes.scenarios.moves import RETURNS, tail_of
from tests.outcomes.visiting import Caller, Visit
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    Limits,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)

__all__ = ["SCENARIOS"]

MEMBERS: Final = 8
MESSAGES: Final = 25

Member: TypeAlias = ConnectedWebSocket[str | None]


@define(eq=False)
class Room:
    """The members of a room, and what was told of them."""

    members: list[Member] = field(factory=list[Member])


_ROOMS: Final = defaultdict[str, Room](Room)


async def chat(websocket: UnacceptedWebSocket) -> Ended:
    """Tell all members what one says; one that has gone is no trouble to them."""
    room = _ROOMS[number_of(websocket.url.path)]
    connected = await websocket.accept()
    room.members.append(connected)
    await connected.send_text("welcome")
    try:
        async for text in connected.iter_text():
            if text == "leave":
                break
            await tell_all(room, text)
        return await connected.close()
    finally:
        room.members.remove(connected)


async def tell_all(room: Room, text: str) -> None:
    """Send to each member, the slow ones beside the others."""
    async with anyio.create_task_group() as tasks:
        for member in list(room.members):
            tasks.start_soon(tell_one, member, text)


async def tell_one(member: Member, text: str) -> None:
    """Send to a member, unless it has gone."""
    try:
        await member.send_text(text)
    except WebSocketDisconnect:
        return


Meanwhile: TypeAlias = Callable[[list[Caller], int], Awaitable[None]]


async def all_hear(visit: Visit, meanwhile: Meanwhile) -> None:
    """Let one member talk, and see whether all who are left hear all of it."""
    seen: list[str] = []
    async with AsyncExitStack() as stack:
        members = [
            await stack.enter_async_context(visit.connect(f"/{number}"))
            for number in range(MEMBERS)
        ]
        for member in members:
            assert "'welcome'" == await member.next()
        for number in range(MESSAGES):
            await meanwhile(members, number)
            await members[0].say(str(number))
            await members[0].next()
        heard = [
            [await member.next() for _ in range(MESSAGES)] for member in members[1:]
        ]
        expected = [[ascii(str(number)) for number in range(MESSAGES)]] * len(heard)
        seen.append(f"{len(heard)} hear all of it, in order: {heard == expected}")
    visit.seen[:] = seen


async def talks(visit: Visit) -> None:
    """Talk, and nothing happens meanwhile."""

    async def nothing(members: list[Caller], number: int) -> None:
        pass

    await all_hear(visit, nothing)


async def some_go(visit: Visit) -> None:
    """Talk while members leave, close and vanish."""

    async def go(members: list[Caller], number: int) -> None:
        if number == 5:
            await members.pop().reset()
        if number == 10:
            await members.pop().close(4000)
        if number == 15:
            await members.pop().say("leave")

    await all_hear(visit, go)


async def some_are_deaf(visit: Visit) -> None:
    """Talk much while a member reads nothing."""
    async with visit.raw("/deaf") as deaf:
        await deaf.connect()
        async with visit.connect("/talks") as talker, visit.connect("/b") as other:
            visit.seen.clear()
            await talker.next()
            await other.next()
            heard = 0
            while heard < DEAF_MESSAGES:
                await talker.say("x" * DEAF_SIZE)
                if {await talker.next(), await other.next()} != {_told(DEAF_SIZE)}:
                    break
                heard += 1
            all_of_it = heard == DEAF_MESSAGES
            visit.seen.append(f"others hear all of it: {all_of_it}")


def _told(size: int) -> str:
    return f"{size} of a message"


DEAF_MESSAGES: Final = 160
DEAF_SIZE: Final = 100_000


async def drain(websocket: UnacceptedWebSocket) -> Ended:
    """Listen for a drain, or not, as the path says."""
    tail = tail_of(websocket)
    connected = await websocket.accept()
    match tail:
        case "/plain":
            async for _ in connected:
                pass
            return await connected.close()
        case _:

            async def say_goodbye() -> None:
                await connected.wait_draining()
                await connected.send_text("goodbye")

            return await connected.run(background=[say_goodbye], code=4001)


async def is_drained(visit: Visit) -> None:
    """See what a drain does, and come too late."""
    async with (
        visit.connect("/plain") as plain,
        visit.connect("/listens") as listens,
    ):
        await visit.drain()
        await plain.hear()
        await listens.hear()
        await listens.hear()
    await visit.is_refused()


async def relay(websocket: UnacceptedWebSocket) -> Ended:
    """Hand on what one side says to the other, and close both together."""
    number = number_of(websocket.url.path)
    connected = await websocket.accept()
    sides = _ROOMS[number].members
    sides.append(connected)
    if len(sides) == 1:
        event = await connected.receive()
        assert isinstance(event, ClosedWebSocket)
        tell(websocket, f"the first: {event.closed_by}")
        return event
    await sides[0].close(4000, "there can be only one")
    return await connected.close()


async def comes_later(visit: Visit) -> None:
    """Let a second connection take the place of the first."""
    async with visit.connect("/1") as first, visit.connect("/2") as second:
        await first.hear()
        await second.hear()


SCENARIOS: Final = (
    Scenario(
        "room",
        "8 connections in a room: each hears 25 messages",
        chat,
        talks,
        (RETURNS,),
        ("7 hear all of it, in order: True",),
        connections=MEMBERS,
    ),
    Scenario(
        "room_that_some_leave",
        "a room of which members leave, close and vanish meanwhile",
        chat,
        some_go,
        (RETURNS,),
        ("4 hear all of it, in order: True",),
        connections=MEMBERS,
    ),
    Scenario(
        "room_with_a_deaf_member",
        "a room with a member that reads nothing, with a `send_timeout`",
        chat,
        some_are_deaf,
        (RETURNS,),
        ("others hear all of it: True",),
        limits=Limits(send_timeout=0.5, close_timeout=0.5),
        connections=3,
        is_alone=True,
    ),
    Scenario(
        "newer_session",
        "a second connection of a user closes the first",
        relay,
        comes_later,
        ("the first: server", RETURNS),
        ("accepted", "accepted", "closed 4000 'there can be only one'", "closed 1000"),
        connections=2,
    ),
    Scenario(
        "drain",
        "`drain()`: one that listens, one that does not, one that comes later",
        drain,
        is_drained,
        (RETURNS,),
        (
            "accepted",
            "accepted",
            "closed 1012",
            "'goodbye'",
            "closed 4001",
            "denied 503",
        ),
        connections=3,
    ),
)
