"""`JsonCodec`: messages as JSON texts (RFC 8259), in text or in binary messages."""

from collections.abc import Callable
from functools import partial
from typing import Final, Generic, Protocol, TypeVar, final

import msgspec
from attrs import frozen
from typing_extensions import TypeForm, override

from typedws.codecs.codec import Payload
from typedws.codecs.direct import Direct
from typedws.codecs.forms import name_of
from typedws.codecs.glances import Decode, Glance, TagAlone
from typedws.codecs.making import (
    UNWRITABLE,
    UnknownFields,
    checked_options,
    decoding,
    encode_errors,
    encoding,
    wrong_kind,
)
from typedws.codecs.parts import may_hold_no_number
from typedws.codecs.places import has_no_number, place_of_no_number
from typedws.codecs.plain import plain
from typedws.codecs.reading import Decoders
from typedws.codecs.unions import TagNames, class_name
from typedws.codecs.writing import Encode, Encoding
from typedws.exceptions import EncodeError
from typedws.json_text import UNREADABLE
from typedws.messages import JSONMode

__all__ = ["JsonCodec"]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)
ValueT_co = TypeVar("ValueT_co", covariant=True)
In = TypeVar("In")
Out = TypeVar("Out")


@final
@frozen(init=False, eq=False, order=False, repr=False)
class JsonCodec(Generic[In_co, Out_contra]):
    """
    Messages as JSON texts (RFC 8259): checked when read, and fast, by msgspec.

        @frozen
        class Join:
            room: str

        @frozen
        class Say:
            text: str

        codec = JsonCodec(Join | Say, Say)
        codec.decode('{"type": "Join", "room": "lobby"}')  # Join(room="lobby")
        codec.encode(Say("hi"))  # '{"type":"Say","text":"hi"}'

    A type is given as a type form (PEP 747), so a union as `Join | Say`. It may be made
    of attrs classes, dataclasses, msgspec Structs, TypedDicts and NamedTuples, generic
    and recursive ones too; of `None`, bool, int, float, str, bytes, datetime, date,
    time, timedelta, UUID, Decimal and enums; of lists, tuples, sets, dicts and their
    abstract forms; of `Literal`, `NewType`, aliases, and `Annotated` with the
    constraints of a `msgspec.Meta`; and of `JSON`, which is any of it.

    Classes of a union are told apart by the first field that is a `Literal` in each of
    them, with different values. Where there is none, the codec writes and expects one
    more field, the tag. What can't be told apart is refused here, and not when a
    message comes.

    Reading is strict: `"1"` is no int, and NaN no number. A class makes its instances
    itself, with its converters, validators and defaults. Only what is an argument of
    its `__init__` is taken from a message; a field that is none is written, unless its
    name begins with an underscore, and left out when it comes back. A field is called
    in a message as it is in the class. Of a name that an object has twice the last
    value counts; a second tag that is not the same is refused.

    Args:
        incoming: The type of the messages that come in.
        outgoing: The type of those that go out.
        mode: Whether they travel in text or in binary messages.
        unknown_fields: Whether a field that a class does not have is ignored, so that
            a newer peer may add some, or refused. A class that refuses them of itself
            does so in any case.
        tag: The name of the tag.
        tag_of: Gives a class its value of the tag, instead of its `__name__`.

    Attributes:
        mode: Whether messages travel in text or in binary messages.

    Raises:
        TypeError: A type can't be in a JSON text, or not be told apart from another.
        ValueError: `mode` or `unknown_fields` is none of its values.
    """

    mode: JSONMode
    _name: str
    _mirror: "Callable[[], JsonCodec[Out_contra, In_co]]"
    _direct: Direct[In_co, Out_contra]

    def __init__(
        self,
        incoming: TypeForm[In_co],
        outgoing: TypeForm[Out_contra],
        *,
        mode: JSONMode = "text",
        unknown_fields: UnknownFields = "ignore",
        tag: str = "type",
        tag_of: TagNames = class_name,
    ) -> None:
        """Look through the types once, so that each message is read fast."""
        options = checked_options(tag, tag_of, unknown_fields)
        if mode not in {"text", "binary"}:
            raise ValueError(f"the mode is 'text' or 'binary', not {mode!a}")
        reads = decoding(incoming, options, _DECODERS, "JsonCodec")
        writes = encoding(outgoing, options, _DECODERS, _encode, "JsonCodec")
        if may_hold_no_number(outgoing):
            writes = _checked(writes)
        direct = Direct(
            kind=str if mode == "text" else bytes,
            key="text" if mode == "text" else "bytes",
            other="bytes" if mode == "text" else "text",
            glance=reads.glance,
            decode=reads.decode,
            decode_error=reads.error,
            encoders=writes.encoders,
            encode=writes.encode,
            encode_error=_encode_error,
        )
        _set(self, "mode", mode)
        mirror = partial(
            JsonCodec,
            outgoing,
            incoming,
            mode=mode,
            unknown_fields=unknown_fields,
            tag=tag,
            tag_of=tag_of,
        )
        _set(self, "_mirror", mirror)
        _set(self, "_name", f"JsonCodec({name_of(incoming)}, {name_of(outgoing)})")
        # msgspec takes any form and promises no type; that it keeps to it, tests show.
        _set(self, "_direct", direct)

    @override
    def __repr__(self) -> str:
        return self._name

    def mirrored(self: "JsonCodec[In, Out]") -> "JsonCodec[Out, In]":
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
            DecodeError: It is not JSON, nested too deep, or a message of the other
                kind; as `ValidationError`, it is JSON, but not of the type.
        """
        direct = self._direct
        if not isinstance(data, direct.kind):
            raise wrong_kind(data, "JsonCodec")
        glance = direct.glance
        try:
            return direct.decode(data) if glance is None else glance(data).decode(data)
        except UNREADABLE as error:
            raise direct.decode_error(error, data) from error.__cause__

    def encode(self, value: Out_contra, /) -> Payload:
        """
        Write a message: in text mode a `str`, in binary mode its UTF-8.

        Raises:
            EncodeError: The value is of none of the classes that go out, or has no JSON
                form: NaN or an infinity, a lone surrogate, a cycle.
        """
        direct = self._direct
        try:
            text = direct.encoders.get(type(value), direct.encode)(value)
        except UNWRITABLE as error:
            raise direct.encode_error(error, value) from error.__cause__
        return text.decode() if direct.kind is str else text


_set: Final[Callable[[object, str, object], None]] = object.__setattr__


def _checked(writes: Encoding) -> Encoding:
    def encode(value: object) -> bytes:
        text = writes.encoders.get(type(value), writes.encode)(value)
        # msgspec writes NaN as null. So nothing but a null asks for a second look.
        if b"null" in text and has_no_number(value):
            problem = "NaN and infinities are no JSON numbers (RFC 8259)"
            raise EncodeError(problem, place_of_no_number(value))
        return text

    return Encoding(encode, {})


# --- msgspec -------------------------------------------------------------------------


class _Decoder(Protocol[ValueT_co]):
    def decode(self, data: Payload, /) -> ValueT_co: ...


def _decoder(form: object) -> Decode:
    decoder: _Decoder[object] = msgspec.json.Decoder(form)
    return decoder.decode


def _glancer(form: object) -> Callable[[Payload], Glance[object]]:
    glancer: _Decoder[Glance[object]] = msgspec.json.Decoder(form)
    return glancer.decode


def _tag_reader(form: object) -> Callable[[Payload], TagAlone]:
    reader: _Decoder[TagAlone] = msgspec.json.Decoder(form)
    return reader.decode


_encode: Encode = msgspec.json.Encoder(enc_hook=plain).encode
_DECODERS: Final = Decoders(
    _decoder, _glancer, _tag_reader, has_long_ints=True, has_json_only=True
)
_encode_error: Final = encode_errors(_encode, "JSON")
