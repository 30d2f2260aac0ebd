"""
The messages that the applications echo, in the forms that their libraries want.

The same two messages in all: somebody joins a room, and says something there.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from attrs import frozen

from typedws import JsonCodec, MsgpackCodec


@frozen(order=False)
class Join:
    """Somebody comes into a room."""

    room: str
    name: str


@frozen(order=False)
class Say:
    """Somebody says something there."""

    room: str
    name: str
    text: str


class JoinStruct(msgspec.Struct, frozen=True, tag="Join"):
    """The same, as a Struct."""

    room: str
    name: str


class SayStruct(msgspec.Struct, frozen=True, tag="Say"):
    """The same, as a Struct."""

    room: str
    name: str
    text: str


JSON_CODEC: Final = JsonCodec(Join | Say, Join | Say)
STRUCT_CODEC: Final = JsonCodec(JoinStruct | SayStruct, JoinStruct | SayStruct)
MSGPACK_CODEC: Final = MsgpackCodec(Join | Say, Join | Say)
MSGPACK_STRUCT_CODEC: Final = MsgpackCodec(
    JoinStruct | SayStruct, JoinStruct | SayStruct
)

_JOIN: Final = {"room": "lobby", "name": "ann"}
_SAY: Final = {"room": "lobby", "name": "ann", "text": "Hello, how are you?"}

PLAIN: Final[tuple[Mapping[str, object], ...]] = (
    {"type": "Join", **_JOIN},
    {"type": "Say", **_SAY},
)
"""The two messages, as what JSON and MessagePack make of them."""

IN_AN_ENVELOPE: Final[tuple[Mapping[str, object], ...]] = (
    {"action": "Join", "payload": _JOIN},
    {"action": "Say", "payload": _SAY},
)
"""The same in the only shape that chanx takes: some bytes more."""
