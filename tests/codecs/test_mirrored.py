"""Tests of mirrored codecs: what one side writes, the other side reads."""

from typing import Final, TypeAlias

import pytest
from attrs import frozen

from typedws import JsonCodec, MsgpackCodec, ValidationError
from typedws.codecs.pydantic import PydanticCodec


@frozen
class Say:
    """What one side sends."""

    text: str


@frozen
class Join:
    """What it sends as well."""

    room: str


@frozen
class Said:
    """What the other side sends."""

    text: str


Codec: TypeAlias = JsonCodec[Say | Join, Said] | MsgpackCodec[Say | Join, Said]


def lower(cls: type[object]) -> str:
    """Name a class as a tag."""
    return cls.__name__.lower()


CODECS: Final[dict[str, Codec]] = {
    "JSON": JsonCodec(Say | Join, Said),
    "binary JSON": JsonCodec(Say | Join, Said, mode="binary"),
    "JSON with tags": JsonCodec(Say | Join, Said, tag="kind", tag_of=lower),
    "MessagePack": MsgpackCodec(Say | Join, Said),
    "MessagePack with tags": MsgpackCodec(Say | Join, Said, tag="kind", tag_of=lower),
}


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_each_side_reads_what_the_other_writes(codec: Codec) -> None:
    """In the same kind of message, with the same tags."""
    other = codec.mirrored()

    assert Said("a") == other.decode(codec.encode(Said("a")))
    assert Join("b") == codec.decode(other.encode(Join("b")))
    assert Say("c") == codec.decode(other.encode(Say("c")))


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_a_mirror_of_a_mirror_is_the_same(codec: Codec) -> None:
    """It writes what the first one writes."""
    again = codec.mirrored().mirrored()

    assert repr(codec) == repr(again)
    assert codec.encode(Said("a")) == again.encode(Said("a"))


def test_unknown_fields_are_refused_by_the_mirror_as_well() -> None:
    """Where the codec refuses them."""
    strict = JsonCodec(Say, Said, unknown_fields="refuse").mirrored()
    packed = MsgpackCodec(Say, Said, unknown_fields="refuse").mirrored()
    data = MsgpackCodec(Said, dict[str, str]).encode({"text": "a", "more": "b"})

    assert Said("a") == JsonCodec(Say, Said).mirrored().decode(
        '{"text": "a", "more": "b"}'
    )
    with pytest.raises(ValidationError):
        strict.decode('{"text": "a", "more": "b"}')
    with pytest.raises(ValidationError):
        packed.decode(data)


def test_the_codec_of_pydantic_has_a_mirror_too() -> None:
    """With its mode, and as strict."""
    codec = PydanticCodec(int, str, mode="binary", strict=True).mirrored()
    lax = PydanticCodec(str, int).mirrored()

    assert "PydanticCodec(str, int)" == repr(codec)
    assert b"3" == codec.encode(3)
    assert "a" == codec.decode(b'"a"')
    assert 3 == lax.decode('"3"')
    with pytest.raises(ValidationError):
        PydanticCodec(str, int, strict=True).mirrored().decode('"3"')
