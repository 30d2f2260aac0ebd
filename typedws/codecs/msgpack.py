"""`MsgpackCodec`: messages as MessagePack, in binary messages."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Generic, Protocol, TypeVar, final

import msgspec
from attrs import frozen
from typing_extensions import TypeForm, override

from typedws.codecs.codec import Payload
from typedws.codecs.forms import name_of
from typedws.codecs.making import (
    UNWRITABLE,
    UnknownFields,
    checked_options,
    decoding,
    encode_error,
    encoding,
    wrong_kind,
)
from typedws.codecs.plain import plain
from typedws.codecs.reading import Decode, Decoders, Glance
from typedws.codecs.shapes import Tag
from typedws.codecs.unions import TagNames, class_name
from typedws.codecs.writing import Encode
from typedws.json_text import UNREADABLE, decode_error

__all__ = ["MsgpackCodec"]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)
In = TypeVar("In")
Out = TypeVar("Out")


@final
@frozen(init=False, eq=False, order=False, repr=False)
class MsgpackCodec(Generic[In_co, Out_contra]):
    """
    Messages as MessagePack, in binary messages: smaller than JSON, and as strict.

    Types and options are those of `JsonCodec`. The differences are those of the format:
    bytes are bytes, a datetime with a time zone is a timestamp (and comes back in UTC),
    NaN and the infinities are numbers, an int has 64 bits at most. An extension type
    is read where the type asks for a `msgspec.msgpack.Ext`.

    Args:
        incoming: The type of the messages that come in.
        outgoing: The type of those that go out.
        unknown_fields: Whether a field that a class does not have is ignored, so that
            a newer peer may add some, or refused.
        tag: The name of the tag by which the classes of a union are told apart.
        tag_of: Gives a class its value of the tag, instead of its `__name__`.

    Raises:
        TypeError: A type can't be in a message, or not be told apart from another.
        ValueError: `unknown_fields` is none of its values.
    """

    _name: str
    _mirror: "Callable[[], MsgpackCodec[Out_contra, In_co]]"
    _decode: Callable[[Payload], In_co]
    _glance: Callable[[Payload], Glance] | None
    _decoders: Mapping[str | int, Callable[[Payload], In_co]]
    _unknown_tag: Callable[[str | int], Exception]
    _encode: Callable[[Out_contra], bytes]
    _heads: Mapping[type[object], Mapping[int, bytes]]

    def __init__(
        self,
        incoming: TypeForm[In_co],
        outgoing: TypeForm[Out_contra],
        *,
        unknown_fields: UnknownFields = "ignore",
        tag: str = "type",
        tag_of: TagNames = class_name,
    ) -> None:
        """Look through the types once, so that each message is read fast."""
        options = checked_options(tag, tag_of, unknown_fields)
        reads = decoding(incoming, options, _DECODERS, "MsgpackCodec")
        writes = encoding(outgoing, options, _DECODERS, _encode, "MsgpackCodec")
        mirror = partial(
            MsgpackCodec,
            outgoing,
            incoming,
            unknown_fields=unknown_fields,
            tag=tag,
            tag_of=tag_of,
        )
        _set(self, "_mirror", mirror)
        _set(self, "_name", f"MsgpackCodec({name_of(incoming)}, {name_of(outgoing)})")
        # msgspec takes any form and promises no type; that it keeps to it, tests show.
        _set(self, "_decode", reads.decode)
        _set(self, "_glance", reads.glance)
        _set(self, "_decoders", reads.decoders)
        _set(self, "_unknown_tag", reads.unknown_tag)
        _set(self, "_encode", writes.encode)
        _set(self, "_heads", {cls: _heads(tag) for cls, tag in writes.tags.items()})

    @override
    def __repr__(self) -> str:
        return self._name

    def mirrored(self: "MsgpackCodec[In, Out]") -> "MsgpackCodec[Out, In]":
        """
        Return the codec of the other side: it reads what this one writes.

        A client has it, or the test of an application: `peer.typed(CHAT.mirrored())`.

        Raises:
            TypeError: A type can be written and not read, or the reverse.
        """
        return self._mirror()

    def decode(self, data: Payload, /) -> In_co:
        """
        Read a message.

        Raises:
            DecodeError: It is not MessagePack, nested too deep, or a text message; as
                `ValidationError`, it can be read, but is not of the type.
        """
        if not isinstance(data, bytes):
            raise wrong_kind(data, "MsgpackCodec")
        try:
            glance = self._glance
            if glance is None:
                return self._decode(data)
            tag = glance(data).tag
            decode = self._decoders.get(tag)
            if decode is None:
                raise self._unknown_tag(tag)
            return decode(data)
        except UNREADABLE as error:
            raise decode_error(error, data) from error.__cause__

    def encode(self, value: Out_contra, /) -> Payload:
        """
        Write a message.

        Raises:
            EncodeError: The value is of none of the classes that go out, or has no form
                in MessagePack: an int of more than 64 bits, a lone surrogate, a cycle.
        """
        try:
            heads = self._heads.get(type(value))
            if heads is None:
                return self._encode(value)
            data = _encode(value)
            if not heads:
                return data
            head = heads.get(data[0])
            return self._encode(value) if head is None else head + data[1:]
        except UNWRITABLE as error:
            raise encode_error(
                error, value, _encode, "MessagePack"
            ) from error.__cause__


_set: Final[Callable[[object, str, object], None]] = object.__setattr__


# --- msgspec -------------------------------------------------------------------------


class _Decoder(Protocol):
    def decode(self, data: bytes, /) -> object: ...


class _Glancer(Protocol):
    def decode(self, data: bytes, /) -> Glance: ...


def _decoder(form: object) -> Decode:
    decoder: _Decoder = msgspec.msgpack.Decoder(form)
    return decoder.decode


def _glancer(form: object) -> Callable[[bytes], Glance]:
    glancer: _Glancer = msgspec.msgpack.Decoder(form)
    return glancer.decode


# "fixmap stores a map whose length is upto 15 elements": 0x80 and the length.
_FIXMAP: Final = 0x80
_LONGEST_FIXMAP: Final = 15


def _heads(tag: Tag | None) -> dict[int, bytes]:
    """By the head of a map: the head of one that has the tag besides, and the tag."""
    if tag is None:
        return {}
    pair = _encode(dict([tag]))[1:]
    return {
        _FIXMAP + length: bytes([_FIXMAP + length + 1]) + pair
        for length in range(_LONGEST_FIXMAP)
    }


_encode: Encode = msgspec.msgpack.Encoder(enc_hook=plain).encode
_DECODERS: Final = Decoders(_decoder, _glancer)
