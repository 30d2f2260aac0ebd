"""`MsgpackCodec`: messages as MessagePack, in binary messages."""

from collections.abc import Callable
from functools import partial
from typing import Final, Generic, TypeVar, final

import msgspec
from attrs import frozen
from typing_extensions import TypeForm, override

from typedws.codecs.codec import Payload
from typedws.codecs.direct import Direct
from typedws.codecs.forms import name_of
from typedws.codecs.glances import Decode, Glance, TagAlone
from typedws.codecs.keys import Guarded, takes_any_key
from typedws.codecs.making import (
    UNWRITABLE,
    UnknownFields,
    checked_options,
    decoding,
    encode_errors,
    encoding,
    wrong_kind,
)
from typedws.codecs.plain import plain
from typedws.codecs.reading import Decoders
from typedws.codecs.unions import TagNames, class_name
from typedws.codecs.writing import Encode
from typedws.json_text import UNREADABLE

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
    is read where the type asks for a `msgspec.msgpack.Ext`, and where it is `object`,
    which is anything; `JSON` is as much as JSON can hold.

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
    _direct: Direct[In_co, Out_contra]

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
        direct = Direct(
            kind=bytes,
            key="bytes",
            other="text",
            glance=reads.glance,
            decode=reads.decode,
            decode_error=reads.error,
            encoders=writes.encoders,
            encode=writes.encode,
            encode_error=_encode_error,
        )
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
        _set(self, "_direct", direct)

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
        direct = self._direct
        glance = direct.glance
        try:
            return direct.decode(data) if glance is None else glance(data).decode(data)
        except UNREADABLE as error:
            raise direct.decode_error(error, data) from error.__cause__

    def encode(self, value: Out_contra, /) -> Payload:
        """
        Write a message.

        Raises:
            EncodeError: The value is of none of the classes that go out, or has no form
                in MessagePack: an int of more than 64 bits, a lone surrogate, a cycle.
        """
        direct = self._direct
        try:
            return direct.encoders.get(type(value), direct.encode)(value)
        except UNWRITABLE as error:
            raise direct.encode_error(error, value) from error.__cause__


_set: Final[Callable[[object, str, object], None]] = object.__setattr__


# --- msgspec -------------------------------------------------------------------------


# What it promises to take is any buffer, and no `str`: none comes so far.
_DECODE: Final = "decode"


def _decoder(form: object) -> Decode:
    decoder: object = msgspec.msgpack.Decoder(form)
    decode: Decode = getattr(decoder, _DECODE)
    return Guarded(decode).read if takes_any_key(form) else decode


def _glancer(form: object) -> Callable[[Payload], Glance[object]]:
    decoder: object = msgspec.msgpack.Decoder(form)
    glance: Callable[[Payload], Glance[object]] = getattr(decoder, _DECODE)
    return glance


def _tag_reader(form: object) -> Callable[[Payload], TagAlone]:
    decoder: object = msgspec.msgpack.Decoder(form)
    read: Callable[[Payload], TagAlone] = getattr(decoder, _DECODE)
    return read


_encode: Encode = msgspec.msgpack.Encoder(enc_hook=plain).encode
_DECODERS: Final = Decoders(
    _decoder, _glancer, _tag_reader, has_long_ints=False, has_json_only=False
)
_encode_error: Final = encode_errors(_encode, "MessagePack")
