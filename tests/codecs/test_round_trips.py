"""What a codec writes, it reads back: every kind of type, in every format and mode."""

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given, settings
from typing_extensions import TypeForm

from tests.codecs.kinds import KINDS, Kind
from typedws import Codec, JsonCodec, MsgpackCodec

MakeCodec = Callable[[TypeForm[object]], Codec[object, object]]

FORMATS: Final[dict[str, MakeCodec]] = {
    "json": lambda form: JsonCodec(form, form),
    "json-strict": lambda form: JsonCodec(form, form, unknown_fields="refuse"),
    "msgpack": lambda form: MsgpackCodec(form, form),
    "msgpack-strict": lambda form: MsgpackCodec(form, form, unknown_fields="refuse"),
}

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
each_format = pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS)


@each_kind
@each_format
def test_what_was_written_is_read_back(make: MakeCodec, kind: Kind) -> None:
    """As an equal value of the same class."""
    codec = make(kind.form)

    @settings(max_examples=15, deadline=None, database=None)
    @given(kind.values)
    def round_trip(value: object) -> None:
        decoded = codec.decode(codec.encode(value))

        assert value == decoded
        assert type(value) is type(decoded)

    round_trip()
