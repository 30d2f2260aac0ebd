"""
Bad input: whatever a peer sends is a message, or a `DecodeError` in bounded time.

In memory, too: what takes 10 MB to send must not take much more to refuse.
"""

import time
import tracemalloc
from typing import Annotated, Final

import msgspec
import pytest
from attrs import field, frozen, validators
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.codecs.kinds import Join, Say, Tree
from typedws import JSON, Codec, DecodeError, JsonCodec, MsgpackCodec, ValidationError

LARGE: Final = 10_000_000

JSON_CODECS: Final[dict[str, Codec[object, object]]] = {
    "one-class": JsonCodec(Join, Join),
    "tagged": JsonCodec(Join | Say, Join | Say),
    "stand-ins": JsonCodec(Tree, Tree),
    "strict": JsonCodec(Join | Say, Join | Say, unknown_fields="refuse"),
    "JSON": JsonCodec(JSON, JSON),
}
MSGPACK_CODECS: Final[dict[str, Codec[object, object]]] = {
    "one-class": MsgpackCodec(Join, Join),
    "tagged": MsgpackCodec(Join | Say, Join | Say),
    "stand-ins": MsgpackCodec(Tree, Tree),
    "strict": MsgpackCodec(Join | Say, Join | Say, unknown_fields="refuse"),
    "anything": MsgpackCodec(object, object),
}
each_json_codec = pytest.mark.parametrize(
    "codec", JSON_CODECS.values(), ids=JSON_CODECS
)
each_msgpack_codec = pytest.mark.parametrize(
    "codec", MSGPACK_CODECS.values(), ids=MSGPACK_CODECS
)


@frozen
class Choice:
    """A class whose validator quotes what came, however long it is."""

    name: str = field(validator=validators.in_(["a", "b"]))


@frozen
class Ruled:
    """A class with a rule that msgspec knows."""

    number: Annotated[int, msgspec.Meta(ge=0)]


def refused(codec: Codec[object, object], data: str | bytes) -> DecodeError:
    """Read what can't be read, and then what can be."""
    with pytest.raises(DecodeError) as caught:
        codec.decode(data)
    error = caught.value

    assert data is error.data
    assert len(str(error)) < 1000
    assert str(error).isprintable()
    return error


def nested(depth: int) -> str:
    """Write a tree within a tree."""
    return '{"left":' * depth + "{}" + "}" * depth


# --- What is not JSON ----------------------------------------------------------------


@each_json_codec
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="no-JSON"),
        pytest.param('{"type":"Join","room":', id="truncated"),
        pytest.param('{"type":"Join","room":"a"}}', id="more-behind"),
        pytest.param('{"type":"Join","room":"a",}', id="trailing-comma"),
        pytest.param('{"type":"Join","room":NaN}', id="NaN"),
        pytest.param('{"type":"Join","room":-Infinity}', id="Infinity"),
        pytest.param('{"type":"Join","room":"\\ud800"}', id="escaped-surrogate"),
        pytest.param('{"type":"Join","room":"\ud800"}', id="surrogate"),
        pytest.param("[" * 100_000, id="arrays-without-end"),
        pytest.param('{"a":' * 100_000, id="objects-without-end"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="nested-too-deep"),
        pytest.param("\ufeff{}", id="byte-order-mark"),
    ],
)
def test_what_is_not_json_is_a_decode_error(
    codec: Codec[object, object], text: str
) -> None:
    """And no `ValidationError`, unless the type was clear before the end."""
    error = refused(codec, text)

    if codec is JSON_CODECS["JSON"]:
        assert type(error) is DecodeError
    assert "$" == error.path or isinstance(error, ValidationError)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'"\xff"', id="no-UTF-8"),
        pytest.param('"é"'.encode("latin-1"), id="latin-1"),
        pytest.param('"a"'.encode("utf-16"), id="UTF-16"),
    ],
)
def test_bytes_are_utf_8(data: bytes) -> None:
    """The one encoding that RFC 8259 has between systems."""
    assert type(refused(JsonCodec(str, str, mode="binary"), data)) is DecodeError


def test_a_tree_that_msgspec_reads_may_be_too_deep_to_be_built() -> None:
    """It is a `DecodeError`, as for one that is deeper still."""
    codec = JSON_CODECS["stand-ins"]

    assert isinstance(codec.decode(nested(50)), Tree)
    for depth in (500, 5_000, 500_000):
        assert "nested too deep" == refused(codec, nested(depth)).problem


def test_a_number_has_bounds() -> None:
    """An int has 4300 digits at most, and a float is finite."""
    assert 10**4299 == JsonCodec(int, int).decode("1" + "0" * 4299)
    for form, text in ((int, "1" * 4301), (int, "1" * LARGE), (float, "1e999")):
        problem = refused(JsonCodec(form, None), text).problem
        assert problem.endswith("out of range")


# --- What is not MessagePack ---------------------------------------------------------


@each_msgpack_codec
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xc1", id="no-such-type"),
        pytest.param(b"\x82\xa4type\xa4Join\xa4room", id="truncated"),
        pytest.param(b"\xa1\xff", id="no-UTF-8"),
        pytest.param(b"\x91" * 100_000, id="arrays-without-end"),
        pytest.param(b"\x81\xa1a" * 100_000, id="maps-without-end"),
        pytest.param(b"\xdd\xff\xff\xff\xff", id="array-that-claims-to-be-large"),
        pytest.param(b"\xdf\xff\xff\xff\xff", id="map-that-claims-to-be-large"),
        pytest.param(b"\xc6\xff\xff\xff\xff", id="binary-that-claims-to-be-large"),
        pytest.param(b"\x81\x90\x01\x01", id="more-behind"),
    ],
)
def test_what_is_not_messagepack_is_a_decode_error(
    codec: Codec[object, object], data: bytes
) -> None:
    """However large it claims to be."""
    tracemalloc.start()
    refused(codec, data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < LARGE


# --- The wrong kind of message -------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "data", "problem"),
    [
        pytest.param(
            JsonCodec(object, object),
            b"1",
            "JsonCodec speaks text messages here, and a binary message came",
            id="binary-for-text",
        ),
        pytest.param(
            JsonCodec(object, object, mode="binary"),
            "1",
            "JsonCodec speaks binary messages here, and a text message came",
            id="text-for-binary",
        ),
        pytest.param(
            MsgpackCodec(object, object),
            "1",
            "MsgpackCodec speaks binary messages here, and a text message came",
            id="text-for-msgpack",
        ),
    ],
)
def test_a_message_of_the_other_kind_is_a_decode_error(
    codec: Codec[object, object], data: str | bytes, problem: str
) -> None:
    """It says which kind is spoken."""
    error = refused(codec, data)

    assert (problem, DecodeError) == (error.problem, type(error))
    assert (error.expected, error.got) in {
        ("a text message", "a binary message"),
        ("a binary message", "a text message"),
    }


# --- Large messages ------------------------------------------------------------------


@each_json_codec
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * LARGE, id="garbage"),
        pytest.param("[" * LARGE, id="brackets"),
        pytest.param('"' + "a" * LARGE, id="a-text-without-end"),
        pytest.param('{"type":"' + "a" * LARGE + '"', id="a-tag"),
        pytest.param("[" + "1," * (LARGE // 2), id="numbers"),
        pytest.param(
            '{"type":"Join","room":[' + '"a",' * (LARGE // 4) + "1]}x", id="items"
        ),
    ],
)
def test_ten_megabytes_of_garbage_are_refused_at_once(
    codec: Codec[object, object], text: str
) -> None:
    """In less time than it takes to send them."""
    start = time.process_time()
    refused(codec, text)

    assert time.process_time() - start < 5


def test_what_a_validator_quotes_is_quick_to_look_through() -> None:
    """Though it looks like the place that msgspec writes behind its sentences."""
    codec = JsonCodec(Choice, object)
    start = time.process_time()
    error = refused(codec, f'{{"name":"{" - at `" * 100_000}"}}')

    assert time.process_time() - start < 1
    assert "$" == error.path
    assert error.problem.startswith("'name' must be in ['a', 'b'] (got ' - at `")


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param("]", id="no-JSON"),
        pytest.param(',"a":' + "[" * 100_000, id="nested-too-deep"),
        pytest.param(f',"a":[{"[]," * (LARGE // 3)}[]]}}', id="large"),
    ],
)
def test_what_came_is_not_told_where_the_message_can_not_be_read_again(
    behind: str,
) -> None:
    """Behind the value that breaks a rule there may be anything, of any size."""
    codec = JsonCodec(Ruled, object)
    tracemalloc.start()
    error = refused(codec, f'{{"number":-1{behind}')
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert ("`int` >= 0", None) == (error.expected, error.got)
    assert most < 3 * LARGE


def test_the_keys_of_a_map_are_guarded_when_it_is_read_again() -> None:
    """What the class has no field for was passed over before."""
    keys = b"".join(msgspec.msgpack.encode([n]) + b"\x00" for n in range(100))
    data = b"\x82\xa6number\xff\xa1a\xde\x00\x64" + keys
    error = refused(MsgpackCodec(Ruled, object), data)

    assert ("`int` >= 0", None) == (error.expected, error.got)


def test_depth_costs_no_more_than_length() -> None:
    """A message that is nested as deep as may be is read as fast as a flat one."""
    codec = JSON_CODECS["stand-ins"]
    filling = '"by_name":{"a":{"type":"Say","text":"' + "x" * (LARGE // 10) + '"}}'
    text = '{"left":' * 100 + "{" + filling + "}" + "}" * 100
    start = time.process_time()
    codec.decode(text)

    assert time.process_time() - start < 1


# --- Anything ------------------------------------------------------------------------

quick = settings(max_examples=100, deadline=None)


def is_message_or_refused(codec: Codec[object, object], data: str | bytes) -> bool:
    """Read what may be a message; an error is to have the data, and a sentence."""
    try:
        codec.decode(data)
    except DecodeError as error:
        return data == error.data and str(error).isprintable()
    return True


@quick
@given(st.text() | st.text('{}[]",:0aeltypJoinrms').map(lambda it: '{"type":' + it))
def test_arbitrary_text_is_a_message_or_a_decode_error(text: str) -> None:
    """Nothing else is raised."""
    for codec in JSON_CODECS.values():
        assert is_message_or_refused(codec, text)


@quick
@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers(-5, 5) | st.text(max_size=3),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["type", "room", "left", "text"]), inner)
        ),
    ).map(msgspec.msgpack.encode)
)
def test_arbitrary_bytes_are_a_message_or_a_decode_error(data: bytes) -> None:
    """Nothing else is raised."""
    for codec in MSGPACK_CODECS.values():
        assert is_message_or_refused(codec, data)
