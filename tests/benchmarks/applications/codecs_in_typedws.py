"""Messages read and written by the codecs of typedws."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, Literal, TypeVar

from attrs import field, frozen

from tests.benchmarks.applications.codecs import TEXTS, Steps
from typedws import Codec, JsonCodec, MsgpackCodec

ValueT = TypeVar("ValueT")


@frozen(order=False)
class Join:
    """Somebody comes into a room."""

    room: str
    name: str


@frozen(order=False)
class Say:
    """Somebody says something there."""

    room: str
    text: str
    loud: bool = False
    tags: list[str] = field(factory=list[str])


@frozen(order=False)
class LiteralJoin:
    """The same, told apart by a field of its own."""

    room: str
    name: str
    type: Literal["Join"] = "Join"


@frozen(order=False)
class LiteralSay:
    """The same, told apart by a field of its own."""

    room: str
    text: str
    loud: bool = False
    tags: list[str] = field(factory=list[str])
    type: Literal["Say"] = "Say"


def steps_of(codec: Codec[ValueT, ValueT], payloads: Sequence[str | bytes]) -> Steps:
    """What `receive()` and `send()` of a typed session do."""
    return [
        step
        for payload in payloads
        for step in (
            partial(codec.decode, payload),
            partial(codec.encode, codec.decode(payload)),
        )
    ]


def plain() -> Steps:
    """Classes that are told apart by their names."""
    return steps_of(JsonCodec(Join | Say, Join | Say), TEXTS)


def literal() -> Steps:
    """Classes that are told apart by a field of their own."""
    form = JsonCodec(LiteralJoin | LiteralSay, LiteralJoin | LiteralSay)
    return steps_of(form, TEXTS)


def strict() -> Steps:
    """Unknown fields are refused."""
    return steps_of(JsonCodec(Join | Say, Join | Say, unknown_fields="refuse"), TEXTS)


def msgpack() -> Steps:
    """The same messages in MessagePack."""
    either = JsonCodec(Join | Say, Join | Say)
    packed = MsgpackCodec(Join | Say, Join | Say)
    return steps_of(packed, [packed.encode(either.decode(text)) for text in TEXTS])


STEPS: Final[Mapping[str, Callable[[], Steps]]] = {
    "plain": plain,
    "literal": literal,
    "strict": strict,
    "msgpack": msgpack,
}
