"""Codecs"""

import dataclasses
from typing import Final

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


@dataclasses.dataclass
class Line:
    text: str


class OnlyDecodes:
    def decode(self, data: str | bytes, /) -> Join:
        raise NotImplementedError


class EncodesToDict(OnlyDecodes):
    def encode(self, value: Reply, /) -> dict[str, str]:
        raise NotImplementedError


class DecodesTextOnly:
    def decode(self, data: str, /) -> str:
        return data

    def encode(self, value: str, /) -> str:
        return value


JOIN: Final = '{"type": "Join", "room": "lobby"}'


def encodes_what_it_decodes() -> object:
    """A codec is to encode a message that it only decodes."""
    return JsonCodec(Join | Say, Reply).encode(Join("lobby"))  # E


def encodes_what_it_decodes_in_msgpack() -> object:
    """A codec of MessagePack is to encode a message that it only decodes."""
    return MsgpackCodec(Join | Say, Reply | None).encode(Say("hi"))  # E


def encodes_a_text_with_pydantic() -> object:
    """A codec of pydantic is to encode a text in place of a message."""
    return PydanticCodec(Line, Line).encode("hi")  # E


def decodes_a_dict() -> object:
    """A codec is to decode what was decoded already."""
    return JsonCodec(Join | Say, Reply).decode({"type": "Join"})  # E


def reads_without_a_look() -> None:
    """What a codec has decoded is used as one class of several."""
    print(JsonCodec(Join | Say, Reply).decode(JOIN).text)  # E


def says_only_what_comes() -> object:
    """A codec is told what it decodes, and not what it encodes."""
    return JsonCodec(Join)  # E


def gives_a_message_for_its_class() -> object:
    """A codec is given a message in place of its class."""
    return JsonCodec(Join("lobby"), Reply)  # E


def writes_in_a_mode_that_there_is_not() -> object:
    """The mode of a codec is none of the two."""
    return JsonCodec(Join, Reply, mode="xml")  # E


def treats_unknown_fields_in_a_third_way() -> object:
    """What a codec does with unknown fields is none of its choices."""
    return JsonCodec(Join, Reply, unknown_fields="forbid")  # E


def writes_msgpack_as_text() -> object:
    """A codec of MessagePack is to write texts."""
    return MsgpackCodec(Join, Reply, mode="text")  # E


def names_tags_in_a_dict() -> object:
    """The tags of the classes are given as a dict."""
    return MsgpackCodec(Join | Say, Reply, tag_of={Join: "join", Say: "say"})  # E


def expects_less_than_it_decodes() -> Codec[Join, Reply]:
    """A codec is taken for one that decodes fewer classes."""
    return JsonCodec(Join | Say, Reply)  # E


def promises_more_than_it_encodes() -> Codec[Join, Reply | Say]:
    """A codec is taken for one that encodes more classes."""
    codec = JsonCodec(Join, Reply)
    return codec  # E


def promises_more_at_once() -> object:
    """A codec is made right where one that encodes more classes is expected."""
    codec: Codec[Join, Reply | Say] = JsonCodec(Join, Reply)  # E: nobody
    return codec.encode(Say("hi"))


def has_no_encode() -> Codec[Join, Reply]:
    """A codec of one's own has no `encode`."""
    return OnlyDecodes()  # E


def encodes_to_a_dict() -> Codec[Join, Reply]:
    """A codec of one's own encodes to a dict."""
    return EncodesToDict()  # E


def decodes_no_bytes() -> Codec[str, str]:
    """A codec of one's own decodes texts alone, and bytes may come."""
    return DecodesTextOnly()  # E
