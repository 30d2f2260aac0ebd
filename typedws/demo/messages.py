"""
What the two sides of the chat say to each other, as frozen values.

Pure: nothing here knows of a connection. A message of a client is judged in
`understand`, which has an answer to every document there can be, so that no client can
break a room.
"""

from typing import Final, TypeAlias, assert_never, final

import attrs

from typedws import JSON

__all__ = [
    "LONGEST_TEXT",
    "Fault",
    "Joined",
    "Left",
    "Said",
    "Say",
    "ServerMessage",
    "Welcome",
    "as_json",
    "understand",
]

LONGEST_TEXT: Final = 2_000
"""In characters; what is longer is no chat."""


@final
@attrs.frozen(order=False)
class Say:
    """A client says something to its room."""

    text: str


@final
@attrs.frozen(order=False)
class Welcome:
    """The first message to whoever comes in: where they are, and with whom."""

    room: str
    name: str
    people: tuple[str, ...]


@final
@attrs.frozen(order=False)
class Joined:
    """Somebody else came in."""

    name: str
    people: tuple[str, ...]


@final
@attrs.frozen(order=False)
class Left:
    """Somebody else left, or was lost."""

    name: str
    people: tuple[str, ...]


@final
@attrs.frozen(order=False)
class Said:
    """Somebody said something; it goes to the speaker, too."""

    name: str
    text: str


@final
@attrs.frozen(order=False)
class Fault:
    """A message of this client was not taken; the others never hear of it."""

    message: str


ServerMessage: TypeAlias = Welcome | Joined | Left | Said | Fault


def as_json(message: ServerMessage) -> dict[str, JSON]:
    """Write a message as the JSON object that goes over the wire."""
    match message:
        case Welcome(room=room, name=name, people=people):
            return {
                "type": "welcome",
                "room": room,
                "name": name,
                "people": list(people),
            }
        case Joined(name=name, people=people):
            return {"type": "joined", "name": name, "people": list(people)}
        case Left(name=name, people=people):
            return {"type": "left", "name": name, "people": list(people)}
        case Said(name=name, text=text):
            return {"type": "said", "name": name, "text": text}
        case Fault(message=sentence):
            return {"type": "error", "message": sentence}
        case _:
            assert_never(message)


def understand(document: JSON) -> Say | Fault:
    """Read what a client sent: what it says, or what is wrong with it."""
    match document:
        case {"type": "say", "text": str(text)}:
            return _checked(text)
        case {"type": "say"}:
            return Fault('a "say" needs a "text" that is a string')
        case {"type": str(kind)}:
            return Fault(f'"{kind[:40]}" is not a type known here; there is "say"')
        case _:
            return Fault('a message is a JSON object with a "type"')


def _checked(text: str) -> Say | Fault:
    # A character that is not printable has no width or only moves what follows, so a
    # text made of these and of spaces is as good as blank.
    if not any(letter.isprintable() and letter != " " for letter in text):
        return Fault("a blank message says nothing")
    if len(text) > LONGEST_TEXT:
        return Fault(
            f"a message has at most {LONGEST_TEXT:,} characters, not {len(text):,}"
        )
    return Say(text)
