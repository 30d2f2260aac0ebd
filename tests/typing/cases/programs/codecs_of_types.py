"""Codecs"""

import dataclasses
import datetime as dt
from typing import Annotated, Literal, NamedTuple, TypedDict, assert_type
from uuid import UUID

import msgspec
from attrs import frozen

from typedws import Codec, JsonCodec, MsgpackCodec
from typedws.codecs.pydantic import PydanticCodec


@frozen(order=False)
class Join:
    room: str


@frozen(order=False)
class Say:
    text: str


@frozen(order=False)
class Reply:
    text: str


class Options(TypedDict):
    size: int


class Pair(NamedTuple):
    left: int


class Plain(msgspec.Struct):
    x: int


@dataclasses.dataclass
class Point:
    x: int


@dataclasses.dataclass
class Line:
    text: str


class Upper:
    def decode(self, data: str | bytes, /) -> str:
        return str(data)

    def encode(self, value: str, /) -> str:
        return value.upper()


def name_of(cls: type[object]) -> str:
    return cls.__name__.lower()


def answer(codec: Codec[Join | Say, Reply], data: str) -> str | bytes:
    message = codec.decode(data)
    match message:
        case Join(room=room):
            return codec.encode(Reply(room))
        case Say(text=text):
            return codec.encode(Reply(text))


def of_a_union() -> None:
    """A codec of JSON that tells two classes apart."""
    codec = JsonCodec(Join | Say, Reply)
    assert_type(codec, JsonCodec[Join | Say, Reply])
    assert_type(codec.decode('{"type": "Say", "text": "hi"}'), Join | Say)
    assert_type(codec.encode(Reply("hi")), str | bytes)


def of_messagepack() -> None:
    """A codec of MessagePack, which may send None."""
    codec = MsgpackCodec(Join | Say, Reply | None)
    assert_type(codec, MsgpackCodec[Join | Say, Reply | None])
    codec.encode(None)


def of_pydantic() -> None:
    """A codec that pydantic reads and writes for."""
    codec = PydanticCodec(Point | Line, Line)
    assert_type(codec, PydanticCodec[Point | Line, Line])
    codec.encode(Line("hi"))


def of_builtin_types() -> None:
    """Codecs of numbers, texts, lists and literals."""
    assert_type(JsonCodec(int, str).decode("1"), int)
    assert_type(JsonCodec(list[Join | Say], None).decode("[]"), list[Join | Say])
    assert_type(JsonCodec(Literal["a", "b"], None).decode('"a"'), Literal["a", "b"])
    assert_type(JsonCodec(dict[str, dt.datetime], UUID).decode("{}"), dict[str, dt.datetime])


def of_other_classes() -> None:
    """Codecs of a TypedDict, a NamedTuple and a Struct."""
    assert_type(JsonCodec(Options, Point).decode('{"size": 1}'), Options)
    assert_type(JsonCodec(Pair, Point).decode("[1]"), Pair)
    assert_type(JsonCodec(Plain, Point).decode('{"x": 1}'), Plain)


def of_an_annotated_type() -> None:
    """A codec of a type with a constraint, in binary messages."""
    codec = JsonCodec(Annotated[int, msgspec.Meta(ge=1)], None, mode="binary")
    assert_type(codec.decode(b"1"), int)


def with_options() -> None:
    """A codec with tags and rules of one's own."""
    codec = JsonCodec(Join | Say, Reply, tag="op", tag_of=name_of, unknown_fields="refuse")
    assert_type(codec.decode('{"op": "say", "text": "hi"}'), Join | Say)


def of_ones_own() -> None:
    """A class with the two methods, which is a codec without deriving from it."""
    codec: Codec[str, str] = Upper()
    print(codec.encode("hi"))


def in_place_of_each_other() -> None:
    """Two codecs, given to a function that knows the protocol."""
    data = '{"type": "Join", "room": "lobby"}'
    print(answer(JsonCodec(Join | Say, Reply), data))
    print(answer(JsonCodec(Join | Say, Reply, unknown_fields="refuse"), data))


def for_less() -> None:
    """A codec, taken for one that decodes more and encodes less."""
    codec = JsonCodec(Join | Say, Reply | Say)
    less: Codec[Join | Say | None, Reply] = codec
    print(less.encode(Reply("hi")))
    print(answer(codec, '{"type": "Say", "text": "hi"}'))
