"""What a codec writes, it reads back: every kind of type, in every format and mode."""

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import TypeForm

from tests.codecs.kinds import KINDS, Box, Join, Kind, Say, messages, texts
from tests.codecs.test_refusals import form_of
from typedws import Codec, JsonCodec, MsgpackCodec
from typedws.codecs.forms import subscripted

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


# --- Kinds made of kinds -------------------------------------------------------------


def made_of(generic: object, *forms: object) -> TypeForm[object]:
    """Give a generic type its arguments."""
    return form_of(subscripted(generic, forms))


def listed(kind: Kind) -> Kind:
    """Make a list of a kind."""
    return Kind("list", made_of(list, kind.form), st.lists(kind.values, max_size=2))


def keyed(kind: Kind) -> Kind:
    """Make an object with values of a kind."""
    values = st.dictionaries(texts, kind.values, max_size=2)
    return Kind("dict", made_of(dict, str, kind.form), values)


def paired(kind: Kind) -> Kind:
    """Make a tuple with one of a kind, beside a union."""
    values = st.tuples(kind.values, messages)
    return Kind("tuple", made_of(tuple, kind.form, Join | Say), values)


def repeated(kind: Kind) -> Kind:
    """Make a tuple of any length of a kind."""
    values = st.lists(kind.values, max_size=2).map(tuple)
    return Kind("tuple", made_of(tuple, kind.form, ...), values)


def boxed(kind: Kind) -> Kind:
    """Put one of a kind into a generic class."""
    values = st.builds(Box[object], kind.values, st.lists(kind.values, max_size=2))
    return Kind("Box", made_of(Box, kind.form), values)


def wrapped(wrap: Callable[[Kind], Kind], kind: Kind) -> Kind:
    """Put a kind into something."""
    return wrap(kind)


wraps: Final[st.SearchStrategy[Callable[[Kind], Kind]]] = st.sampled_from(
    [listed, keyed, paired, repeated, boxed]
)
# msgspec keeps what it knows of a generic class by its arguments: they need a hash.
kinds_of_kinds: Final[st.SearchStrategy[Kind]] = st.recursive(
    st.sampled_from([kind for kind in KINDS if kind.name != "metadata-without-a-hash"]),
    lambda inner: st.builds(wrapped, wraps, inner),
    max_leaves=4,
)


@each_format
def test_kinds_made_of_kinds_are_read_back(make: MakeCodec) -> None:
    """However they are put together."""

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.data())
    def round_trip(data: st.DataObject) -> None:
        kind = data.draw(kinds_of_kinds)
        codec = make(kind.form)
        value = data.draw(kind.values)

        assert value == codec.decode(codec.encode(value))

    round_trip()
