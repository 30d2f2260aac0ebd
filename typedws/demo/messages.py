"""
What the two sides of the chat say to each other, as frozen values.

Pure: nothing here knows of a connection. A class is a message, and its fields are what
goes over the wire; the codec reads and writes them. A client's message that does not
fit is answered with a `Fault`, so that no client can break a room.
"""

from typing import Final, Literal, TypeAlias, final

import attrs

from typedws import DecodeError, ErrorReply, JsonCodec

__all__ = [
    "CODEC",
    "FAULT_REPLY",
    "LONGEST_TEXT",
    "MOST_FAULTS",
    "Fault",
    "Joined",
    "Left",
    "Said",
    "Say",
    "ServerMessage",
    "Welcome",
]

LONGEST_TEXT: Final = 2_000
"""In characters; what is longer is no chat."""

MOST_FAULTS: Final = 100
"""Of one connection; whoever makes more of them is no chat client."""


# attrs.Attribute takes no argument when it runs, hence the quotes.
def _check_text(_say: object, _field: "attrs.Attribute[str]", text: str) -> None:
    # A character that is not printable has no width or only moves what follows, so a
    # text made of these and of spaces is as good as blank.
    if not any(letter.isprintable() and letter != " " for letter in text):
        raise ValueError("a blank message says nothing")
    if len(text) > LONGEST_TEXT:
        message = (
            f"a message has at most {LONGEST_TEXT:,} characters, not {len(text):,}"
        )
        raise ValueError(message)


@final
@attrs.frozen(order=False)
class Say:
    """A client says something to its room."""

    text: str = attrs.field(validator=_check_text)
    type: Literal["say"] = "say"


@final
@attrs.frozen(order=False)
class Welcome:
    """The first message to whoever comes in: where they are, and with whom."""

    room: str
    name: str
    people: tuple[str, ...]
    type: Literal["welcome"] = "welcome"


@final
@attrs.frozen(order=False)
class Joined:
    """Somebody else came in."""

    name: str
    people: tuple[str, ...]
    type: Literal["joined"] = "joined"


@final
@attrs.frozen(order=False)
class Left:
    """Somebody else left, or was lost."""

    name: str
    people: tuple[str, ...]
    type: Literal["left"] = "left"


@final
@attrs.frozen(order=False)
class Said:
    """Somebody said something; it goes to the speaker, too."""

    name: str
    text: str
    type: Literal["said"] = "said"


@final
@attrs.frozen(order=False)
class Fault:
    """A message of this client was not taken; the others never hear of it."""

    message: str
    place: str
    type: Literal["error"] = "error"


ServerMessage: TypeAlias = Welcome | Joined | Left | Said | Fault


def _fault(error: DecodeError) -> Fault:
    return Fault(error.problem, error.path)


CODEC: Final = JsonCodec(Say, ServerMessage)

FAULT_REPLY: Final = ErrorReply(_fault, at_most=MOST_FAULTS)
