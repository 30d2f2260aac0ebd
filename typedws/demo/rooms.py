"""
Who is in which room, and what each of them has yet to be told.

Nothing here awaits, so what a method does is done before any other task can look: no
locks. Nothing here sends either: a message goes into the queue of each member, and the
member's own task takes it from there. So nobody waits for anybody else's connection.
"""

import re
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, final

import anyio
import attrs
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from typedws.demo.messages import Joined, Left, ServerMessage, Welcome

__all__ = ["BAD_NAME", "NAME_TAKEN", "Member", "Refusal", "Room", "Rooms"]

BAD_NAME: Final = 4400
NAME_TAKEN: Final = 4409

_LONGEST_NAME: Final = 24
_LONGEST_ROOM: Final = 32
_ROOM_NAME: Final = re.compile(rf"[\w-]{{1,{_LONGEST_ROOM}}}")
_LONGEST_REASON: Final = 123
"""In bytes of UTF-8: what a close frame has room for (RFC 6455, section 5.5)."""


@final
@attrs.frozen(order=False)
class Refusal:
    """
    Why somebody may not come in.

    Attributes:
        code: A close code, `BAD_NAME` or `NAME_TAKEN`.
        reason: A sentence for humans, short enough for a close frame.
    """

    code: int
    reason: str


@final
@attrs.frozen(eq=False, order=False)
class Member:
    """
    One person in one room.

    Attributes:
        name: How the others call them.
        room: Where they are.
        inbox: What they have yet to be told; their own task takes it from here.
        behind: Set once they are too far behind.
    """

    name: str
    room: "Room"
    inbox: MemoryObjectReceiveStream[ServerMessage]
    behind: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _outbox: MemoryObjectSendStream[ServerMessage] = attrs.field(alias="outbox")

    def tell(self, message: ServerMessage) -> None:
        """Put a message into their queue, or give them up if it is full."""
        try:
            self._outbox.send_nowait(message)
        except anyio.WouldBlock:
            self.behind.set()

    def retire(self) -> None:
        """Drop what they were not told in time."""
        self._outbox.close()
        self.inbox.close()


@final
@attrs.frozen(eq=False, order=False)
class Room:
    """
    The people who hear each other, in the order in which they came.

    Attributes:
        name: What stands after the `#`.
    """

    name: str
    _members: dict[str, Member] = attrs.field(factory=dict[str, Member], init=False)

    def people(self) -> tuple[str, ...]:
        """List the names of all who are here."""
        return tuple(member.name for member in self._members.values())

    def has(self, name: str) -> bool:
        """Whether somebody here has this name, or one that looks the same."""
        return _folded(name) in self._members

    def add(self, member: Member) -> None:
        """Announce a newcomer to the others and welcome them."""
        newcomer = Joined(member.name, (*self.people(), member.name))
        self.tell(newcomer)
        self._members[_folded(member.name)] = member
        member.tell(Welcome(self.name, member.name, self.people()))

    def remove(self, member: Member) -> None:
        """Let a member go and tell those who stay."""
        del self._members[_folded(member.name)]
        member.retire()
        self.tell(Left(member.name, self.people()))

    def tell(self, message: ServerMessage) -> None:
        """Tell everyone here, at once and without waiting for anyone."""
        for member in self._members.values():
            member.tell(message)


@final
@attrs.frozen(eq=False, order=False)
class Rooms:
    """
    All rooms with somebody in them; a room is there for as long as it is needed.

    Attributes:
        backlog: How many messages a member may be behind the others.
    """

    backlog: int = 256
    _rooms: dict[str, Room] = attrs.field(factory=dict[str, Room], init=False)

    def names(self) -> tuple[str, ...]:
        """List the rooms that somebody is in."""
        return tuple(self._rooms)

    def enter(self, room_name: str, name: str) -> Member | Refusal:
        """Give somebody a place in a room, or say why not."""
        name = " ".join(name.split())
        room_name = room_name.casefold()
        problem = _problem_with(room_name, name)
        if problem is not None:
            return Refusal(BAD_NAME, problem)
        room = self._rooms.get(room_name, Room(room_name))
        if room.has(name):
            reason = f"the name {name} is taken in #{room.name}"
            return Refusal(NAME_TAKEN, _cut(reason))
        member = self._member(name, room)
        self._rooms[room_name] = room
        room.add(member)
        return member

    @contextmanager
    def presence(self, member: Member) -> Generator[None]:
        """Let a member go at the end of the block, whatever ends it."""
        try:
            yield
        finally:
            member.room.remove(member)
            if not member.room.people():
                del self._rooms[member.room.name]

    def _member(self, name: str, room: Room) -> Member:
        outbox, inbox = anyio.create_memory_object_stream[ServerMessage](self.backlog)
        return Member(name, room, inbox, outbox)


def _problem_with(room_name: str, name: str) -> str | None:
    if not name:
        return "a name is needed"
    if len(name) > _LONGEST_NAME:
        return f"a name has at most {_LONGEST_NAME} characters"
    if not name.isprintable():
        return "a name is made of characters that can be seen"
    if not _ROOM_NAME.fullmatch(room_name):
        return (
            f"a room's name is made of letters, digits, - and _, "
            f"at most {_LONGEST_ROOM} of them"
        )
    return None


def _folded(name: str) -> str:
    # Nobody should pass for Ada by coming as "ada", or as "Ada" in full-width letters.
    return unicodedata.normalize("NFKC", name).casefold()


def _cut(reason: str) -> str:
    return reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
