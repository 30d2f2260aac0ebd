"""What people in a room of the chat hear of each other, and only they; in memory."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlencode

import pytest
from attrs import field, frozen

from typedws.demo.app import create_app
from typedws.demo.chat import Chat
from typedws.demo.messages import (
    CODEC,
    Fault,
    Joined,
    Left,
    Said,
    Say,
    ServerMessage,
    Welcome,
)
from typedws.demo.rooms import Rooms
from typedws.testing import Closed, Peer, TypedPeer, connect

pytestmark = pytest.mark.anyio

CLIENT: Final = CODEC.mirrored()


@frozen(eq=False, order=False)
class Guest:
    """
    Somebody who is in a room.

    Attributes:
        peer: Their connection.
        chat: The same, as typed messages.
    """

    peer: Peer
    chat: TypedPeer[ServerMessage, Say] = field(kw_only=True)

    async def says(self, text: str) -> None:
        """Say something to the room."""
        await self.chat.send(Say(text))

    async def hears(self) -> ServerMessage | Closed:
        """Wait for the next message."""
        return await self.chat.receive()

    async def hears_until(self, expected: ServerMessage) -> None:
        """Skip all messages before an expected one."""
        while await self.hears() != expected:
            assert self.peer.closed is None


@frozen(eq=False, order=False)
class House:
    """
    A chat, and the way into its rooms.

    Attributes:
        chat: The chat.
    """

    chat: Chat = field(factory=lambda: Chat(rooms=Rooms()))

    @asynccontextmanager
    async def invite(self, name: str, room: str = "lobby") -> AsyncGenerator[Guest]:
        """Let somebody be in a room for as long as the block lasts."""
        target = f"/rooms/{room}?{urlencode({'name': name})}"
        async with connect(create_app(self.chat), target) as peer:
            yield Guest(peer, chat=peer.typed(CLIENT))


@pytest.fixture
def house() -> House:
    """Make a chat for one test."""
    return House()


async def test_a_guest_is_welcomed_with_all_who_are_here(house: House) -> None:
    """The first message says where one is, as whom, and with whom."""
    async with house.invite("Ada") as ada:
        await ada.hears()
        async with house.invite("Bob") as bob:
            assert Welcome("lobby", "Bob", ("Ada", "Bob")) == await bob.hears()


async def test_two_in_a_room_talk(house: House) -> None:
    """What either says, both hear, each with the speaker's name."""
    async with house.invite("Ada") as ada, house.invite("Bob") as bob:
        assert Welcome("lobby", "Ada", ("Ada",)) == await ada.hears()
        assert Joined("Bob", ("Ada", "Bob")) == await ada.hears()
        await bob.hears()

        for speaker, text in ((ada, "hello"), (bob, "grüß dich 👋\nzweite Zeile")):
            await speaker.says(text)
            name = "Ada" if speaker is ada else "Bob"

            assert Said(name, text) == await ada.hears()
            assert Said(name, text) == await bob.hears()


async def test_who_leaves_is_missed(house: House) -> None:
    """The others are told who left and who remains."""
    async with house.invite("Ada") as ada:
        async with house.invite("Bob") as bob:
            await ada.hears_until(Joined("Bob", ("Ada", "Bob")))
            await bob.peer.close()

        assert Left("Bob", ("Ada",)) == await ada.hears()


async def test_who_vanishes_is_missed_too(house: House) -> None:
    """A connection that is lost without a close frame counts as leaving."""
    async with house.invite("Ada") as ada, house.invite("Bob") as bob:
        await ada.hears_until(Joined("Bob", ("Ada", "Bob")))
        bob.peer.lose()

        assert Left("Bob", ("Ada",)) == await ada.hears()


async def test_another_room_hears_nothing(house: House) -> None:
    """Rooms are apart: words, arrivals and departures stay inside."""
    async with house.invite("Carol", "attic") as carol, house.invite("Ada") as ada:
        await carol.hears()
        async with house.invite("Bob"):
            await ada.hears_until(Joined("Bob", ("Ada", "Bob")))
            await ada.says("hello")
            await ada.hears()
        await ada.hears()
        # The chat answers in order: whatever was sent before would come first.
        await carol.peer.send_text("{}")

        assert isinstance(await carol.hears(), Fault)


async def test_an_empty_room_is_forgotten(house: House) -> None:
    """Nothing is kept of a room once the last one has left it."""
    async with house.invite("Ada", "attic") as ada:
        await ada.hears()

        assert ("attic",) == house.chat.rooms.names()

    assert () == house.chat.rooms.names()
