"""Tests of `typedws.json_text`: RFC 8259 both ways, and nothing besides."""

import dataclasses
import datetime as dt
import decimal
import json
import math
import uuid
from collections import OrderedDict, UserDict, UserString, deque
from collections.abc import Mapping
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws import (
    JSON,
    URL,
    DecodeError,
    EncodeError,
    Headers,
    JSONInput,
    QueryParams,
    TextMessage,
)
from typedws.json_text import decode_error, decode_json, encode_json

quick = settings(max_examples=100, deadline=None)

LONGEST_INT: Final = 10**4299
"""4300 digits: what Python reads and writes."""

json_values: st.SearchStrategy[JSON] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4
        )
    ),
    max_leaves=12,
)


class Colour(StrEnum):
    """A text with a name."""

    RED = "red"


class Level(IntEnum):
    """A number with a name."""

    HIGH = 3


class Plain(Enum):
    """A name that stands for no JSON."""

    ONE = 1


class Shouted(str):
    """A text that is no plain str."""

    __slots__ = ()


class Point(NamedTuple):
    """A tuple whose items have names."""

    x: int
    y: int


@dataclasses.dataclass
class Data:
    """An object with a field."""

    x: int


def nested(depth: int, text: str = "") -> str:
    """Write arrays within arrays."""
    return "[" * depth + text + "]" * depth


# --- Reading -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("null", None, id="null"),
        pytest.param("true", True, id="true"),
        pytest.param("false", False, id="false"),
        pytest.param('"\\u00e9\\n"', "é\n", id="escapes"),
        pytest.param('"\\ud83d\\ude00"', "😀", id="surrogate-pair"),
        pytest.param('"\\u0000"', "\x00", id="escaped-NUL"),
        pytest.param('"\u2028"', "\u2028", id="line-separator"),
        pytest.param(" \t\r\n1 \n", 1, id="blanks-around"),
        pytest.param("[]", [], id="empty-array"),
        pytest.param("{}", {}, id="empty-object"),
        pytest.param('{"a":[1,{"b":null}]}', {"a": [1, {"b": None}]}, id="nested"),
        pytest.param('{"a":1,"a":2}', {"a": 2}, id="repeated-name-keeps-the-last"),
        pytest.param('{"":1}', {"": 1}, id="empty-name"),
        pytest.param("-0", 0, id="minus-zero"),
        pytest.param("18446744073709551616", 2**64, id="more-than-64-bits"),
        pytest.param("-9223372036854775809", -(2**63) - 1, id="less-than-64-bits"),
        pytest.param("1" + "0" * 4299, LONGEST_INT, id="longest-int"),
        pytest.param("1E+2", 100.0, id="exponent"),
        pytest.param("1e-400", 0.0, id="too-small-for-a-float"),
        pytest.param(nested(500), json.loads(nested(500)), id="500-deep"),
    ],
)
def test_json_is_read_from_text_and_from_bytes(text: str, value: JSON) -> None:
    """Bytes are UTF-8, the one encoding that RFC 8259 has between systems."""
    assert value == decode_json(text)
    assert value == decode_json(text.encode())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("1", int, id="int"),
        pytest.param("1.0", float, id="float"),
        pytest.param("1e2", float, id="exponent"),
        pytest.param("-0.0", float, id="minus-zero"),
        pytest.param("true", bool, id="bool"),
    ],
)
def test_numbers_keep_their_kind(text: str, kind: type) -> None:
    """A number without fraction and exponent is an int."""
    assert kind is type(decode_json(text))


BAD_TEXTS: Final = (
    pytest.param("", id="empty"),
    pytest.param(" ", id="blank"),
    pytest.param("nul", id="cut-off-word"),
    pytest.param('"abc', id="cut-off-text"),
    pytest.param("[1, 2", id="cut-off-array"),
    pytest.param('{"a"', id="cut-off-object"),
    pytest.param("NaN", id="NaN"),
    pytest.param("nan", id="nan-in-lower-case"),
    pytest.param("Infinity", id="Infinity"),
    pytest.param("-Infinity", id="minus-Infinity"),
    pytest.param('{"a":[NaN]}', id="NaN-inside"),
    pytest.param("1e999", id="too-large-for-a-float"),
    pytest.param("-1e999", id="too-small-for-a-float"),
    pytest.param("1" + "0" * 4300, id="int-too-long"),
    pytest.param("[1,]", id="comma-behind-in-an-array"),
    pytest.param('{"a":1,}', id="comma-behind-in-an-object"),
    pytest.param("{a:1}", id="name-without-quotes"),
    pytest.param("{'a':1}", id="single-quotes"),
    pytest.param("{1:2}", id="name-that-is-a-number"),
    pytest.param("// no\n1", id="comment"),
    pytest.param("1 2", id="two-values"),
    pytest.param("{}{}", id="two-objects"),
    pytest.param("\ufeff1", id="byte-order-mark"),
    pytest.param("\x0b1", id="vertical-tab"),
    pytest.param("\xa01", id="no-break-space"),
    pytest.param("1\x00", id="NUL-behind"),
    pytest.param('"\t"', id="tab-in-a-text"),
    pytest.param('"\n"', id="line-break-in-a-text"),
    pytest.param('"\x00"', id="NUL-in-a-text"),
    pytest.param(r'"\x41"', id="unknown-escape"),
    pytest.param(r'"\u00g0"', id="bad-escape"),
    pytest.param(r'"\ud800"', id="lone-surrogate-escaped"),
    pytest.param(r'"\udc00\ud800"', id="surrogates-the-wrong-way-round"),
    pytest.param(r'{"\ud800":1}', id="lone-surrogate-in-a-name"),
    pytest.param("01", id="leading-zero"),
    pytest.param("+1", id="plus-sign"),
    pytest.param("-", id="minus-sign-alone"),
    pytest.param(".5", id="no-digit-before-the-point"),
    pytest.param("1.", id="no-digit-behind-the-point"),
    pytest.param("0x1", id="hexadecimal"),
    pytest.param("1_000", id="underscore"),
    pytest.param("\u0661", id="arabic-digit"),
    pytest.param(nested(100_000), id="100000-deep"),
    pytest.param("[" * 1_000_000, id="recursion-bomb"),
    pytest.param('{"a":' * 100_000, id="recursion-bomb-of-objects"),
)


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_what_is_not_json_is_a_decode_error(text: str) -> None:
    """The error keeps the message, so that it is not lost."""
    for data in (text, text.encode()):
        with pytest.raises(DecodeError) as caught:
            decode_json(data)

        assert data is caught.value.data
        assert "$" == caught.value.path


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'"\xff"', id="no-utf-8"),
        pytest.param(b'"\xc3"', id="cut-off-utf-8"),
        pytest.param(b'"\xc0\x80"', id="overlong-utf-8"),
        pytest.param(b'"\xed\xa0\x80"', id="surrogate-in-utf-8"),
        pytest.param(b'{"\xff":1}', id="no-utf-8-in-a-name"),
        pytest.param(b"\xef\xbb\xbf1", id="byte-order-mark"),
        pytest.param('"a"'.encode("utf-16"), id="utf-16"),
        pytest.param('"a"'.encode("utf-32-le"), id="utf-32"),
        pytest.param('"\ud800"', id="text-with-a-lone-surrogate"),
    ],
)
def test_what_is_not_utf_8_is_a_decode_error(data: str | bytes) -> None:
    """No UnicodeError gets out, though it is what is behind."""
    with pytest.raises(DecodeError) as caught:
        decode_json(data)

    assert data is caught.value.data


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "[1,]",
            "The message can't be decoded, at $: JSON is malformed: trailing comma in "
            "array (byte 3)",
            id="malformed",
        ),
        pytest.param(
            "[" * 1_000_000,
            "The message can't be decoded, at $: nested too deep",
            id="nested-too-deep",
        ),
    ],
)
def test_the_sentence_says_what_is_wrong(text: str, sentence: str) -> None:
    """Without a word of the message itself."""
    with pytest.raises(DecodeError) as caught:
        decode_json(text)

    assert sentence == str(caught.value)
    assert caught.value.__suppress_context__


def test_the_place_of_a_value_of_another_type_is_found() -> None:
    """It stands at the end of the sentence that msgspec has for it."""
    text = '{"names": ["a", 5]}'
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(text, type=dict[str, list[str]])
    error = decode_error(caught.value, text)

    assert ("Expected `str`, got `int`", "$[...][1]", text) == (
        error.problem,
        error.path,
        error.data,
    )


@quick
@given(st.text() | st.binary())
def test_arbitrary_data_is_json_or_a_decode_error(data: str | bytes) -> None:
    """Nothing that a peer sends shows up as another exception."""
    try:
        value = decode_json(data)
    except DecodeError:
        return

    assert value == decode_json(encode_json(value))


@quick
@given(st.text(alphabet='{}[]":,0123456789.eE+-truefalsn \\u\ud800é'))
def test_what_resembles_json_is_json_or_a_decode_error(text: str) -> None:
    """And what is read is what the standard library reads."""
    try:
        value = decode_json(text)
    except DecodeError:
        return

    assert json.loads(text) == value


# --- Writing -------------------------------------------------------------------------


@quick
@given(json_values)
def test_what_is_written_is_read_back(value: JSON) -> None:
    """By us and by the standard library, as the same value of the same kinds."""
    text = encode_json(value)

    assert repr(value) == repr(decode_json(text))
    assert value == json.loads(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, b"null", id="None"),
        pytest.param(True, b"true", id="True"),
        pytest.param("null", b'"null"', id="text"),
        pytest.param("é€😀", '"é€😀"'.encode(), id="utf-8"),
        pytest.param('\x00\n"\\', rb'"\u0000\n\"\\"', id="escapes"),
        pytest.param(-0.0, b"-0.0", id="minus-zero"),
        pytest.param(5e-324, b"5e-324", id="smallest-float"),
        pytest.param(2**64, b"18446744073709551616", id="more-than-64-bits"),
        pytest.param(LONGEST_INT, b"1" + b"0" * 4299, id="longest-int"),
        pytest.param({}, b"{}", id="empty-object"),
        pytest.param({"b": 1, "a": None}, b'{"b":1,"a":null}', id="object"),
        pytest.param([1, [2, {"a": [3]}]], b'[1,[2,{"a":[3]}]]', id="nested"),
        pytest.param((1, (2,)), b"[1,[2]]", id="tuple"),
        pytest.param(Point(1, 2), b"[1,2]", id="named-tuple"),
        pytest.param(range(3), b"[0,1,2]", id="range"),
        pytest.param(deque([1]), b"[1]", id="deque"),
        pytest.param(OrderedDict({"a": 1}), b'{"a":1}', id="ordered-dict"),
        pytest.param(MappingProxyType({"a": 1}), b'{"a":1}', id="read-only-mapping"),
        pytest.param(UserDict(a=1), b'{"a":1}', id="mapping-that-is-no-dict"),
        pytest.param(
            {"a": MappingProxyType({"b": (1,)})}, b'{"a":{"b":[1]}}', id="mix"
        ),
        pytest.param(Headers([("a", "b")]), b'{"a":"b"}', id="Headers"),
        pytest.param(QueryParams("a=1"), b'{"a":"1"}', id="QueryParams"),
        pytest.param(URL("ws://a/b"), b'"ws://a/b"', id="URL"),
        pytest.param([Shouted("x")], b'["x"]', id="str-subclass"),
        pytest.param({Shouted("x"): 1}, b'{"x":1}', id="str-subclass-as-a-key"),
        pytest.param(Colour.RED, b'"red"', id="StrEnum"),
        pytest.param({Colour.RED: Level.HIGH}, b'{"red":3}', id="enums"),
    ],
)
def test_values_are_written_as_what_they_are(value: JSONInput, text: bytes) -> None:
    """Every mapping is an object, every sequence an array, every str a text."""
    assert text == encode_json(value)


def hidden(number: float) -> dict[str, JSONInput]:
    """Put a number in many places, by the path that leads to it."""
    return {
        "$": number,
        "$[0]": [number],
        "$[1][1]": [0, (1, number)],
        "$.a": {"a": number},
        "$.a.b[1]": MappingProxyType({"a": {"b": [None, number]}}),
    }


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf], ids=repr)
@pytest.mark.parametrize("path", hidden(math.nan))
def test_what_is_not_finite_is_refused(number: float, path: str) -> None:
    """The error says which number it is, and where it stands."""
    with pytest.raises(EncodeError) as caught:
        encode_json(hidden(number)[path])

    assert (
        f"The value can't be sent as JSON, at {path}: {number} is not a JSON number "
        "(RFC 8259, section 6)"
    ) == str(caught.value)
    assert path == caught.value.path


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(b"data", "bytes", id="bytes"),
        pytest.param(bytearray(b"data"), "bytearray", id="bytearray"),
        pytest.param(memoryview(b"data"), "memoryview", id="memoryview"),
        pytest.param({1, 2}, "set", id="set"),
        pytest.param(frozenset({1}), "frozenset", id="frozenset"),
        pytest.param(iter([1]), "list_iterator", id="iterator"),
        pytest.param({"a": 1}.values(), "dict_values", id="values-of-a-dict"),
        pytest.param(dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "datetime", id="datetime"),
        pytest.param(dt.date(2020, 1, 1), "date", id="date"),
        pytest.param(dt.timedelta(1), "timedelta", id="timedelta"),
        pytest.param(decimal.Decimal("1.5"), "Decimal", id="Decimal"),
        pytest.param(decimal.Decimal("NaN"), "Decimal", id="Decimal-NaN"),
        pytest.param(uuid.UUID(int=1), "UUID", id="UUID"),
        pytest.param(1j, "complex", id="complex"),
        pytest.param(Plain.ONE, "Plain", id="Enum"),
        pytest.param(Data(1), "Data", id="dataclass"),
        pytest.param(TextMessage("x"), "TextMessage", id="attrs-class"),
        pytest.param(msgspec.Raw(b"]"), "Raw", id="msgspec-Raw"),
        pytest.param(msgspec.UNSET, "UnsetType", id="msgspec-UNSET"),
        pytest.param(object(), "object", id="object"),
        pytest.param(int, "type", id="class"),
    ],
)
def test_what_has_no_json_form_is_refused(value: object, kind: str) -> None:
    """What msgspec writes beyond JSON is not guessed at, however deep it stands."""
    with pytest.raises(EncodeError) as alone:
        encode_json(value)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
    with pytest.raises(EncodeError) as inside:
        encode_json({"a": [1, {"b": value}]})  # type: ignore[dict-item]  # ty: ignore[invalid-argument-type]

    problem = f"{kind} has no JSON form"
    assert (problem, "$") == (alone.value.problem, alone.value.path)
    assert (problem, "$.a[1].b") == (inside.value.problem, inside.value.path)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        pytest.param(1, "int", id="int"),
        pytest.param(True, "bool", id="bool"),
        pytest.param(None, "NoneType", id="None"),
        pytest.param(math.nan, "float", id="NaN"),
        pytest.param(b"a", "bytes", id="bytes"),
        pytest.param((1,), "tuple", id="tuple"),
    ],
)
def test_a_key_that_is_no_text_is_refused(key: object, kind: str) -> None:
    """Turned into a text it could be there twice."""
    mapping: Mapping[object, int] = {"1": 0, key: 1}

    for value in (mapping, MappingProxyType(mapping)):
        with pytest.raises(EncodeError) as caught:
            encode_json([value])  # type: ignore[list-item]  # ty: ignore[invalid-argument-type]

        assert (f"the key of an object is a str, not {kind}", "$[0]") == (
            caught.value.problem,
            caught.value.path,
        )


def test_a_cycle_is_refused() -> None:
    """It has no end; no RecursionError gets out."""
    in_itself: list[JSON] = []
    in_itself.append({"a": in_itself})

    with pytest.raises(EncodeError) as caught:
        encode_json(in_itself)

    assert "nested too deep, or in a cycle" == caught.value.problem


def test_a_value_nested_too_deep_is_refused() -> None:
    """No reader would take it either."""
    deep: list[JSON] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(EncodeError, match="nested too deep"):
        encode_json(deep)


def test_a_sequence_of_itself_is_refused() -> None:
    """A UserString's letters are UserStrings, whose letters are UserStrings."""
    with pytest.raises(EncodeError, match="nested too deep"):
        encode_json(UserString("ab"))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("ab\ud800", id="text"),
        pytest.param(["ab\ud800"], id="in-a-list"),
        pytest.param({"ab\ud800": 1}, id="key"),
        pytest.param((Shouted("ab\ud800"),), id="str-subclass"),
    ],
)
def test_a_lone_surrogate_is_refused(value: JSONInput) -> None:
    """It has no form in UTF-8."""
    with pytest.raises(EncodeError) as caught:
        encode_json(value)

    assert "a text has a lone surrogate at position 2" == caught.value.problem


def test_an_int_of_too_many_digits_is_refused() -> None:
    """Python does not write it, and no reader in Python takes it."""
    with pytest.raises(EncodeError, match="Exceeds the limit"):
        encode_json([LONGEST_INT * 10])


@quick
@given(st.sampled_from([math.nan, math.inf, -math.inf]), st.data())
def test_what_is_not_finite_is_found_anywhere(
    number: float, data: st.DataObject
) -> None:
    """However deep it is hidden, and whatever stands beside it."""
    hiding_place: JSON = number
    for _ in range(data.draw(st.integers(0, 5))):
        beside = data.draw(json_values)
        deeper: list[JSON] = [[beside, hiding_place], {"": beside, "x": hiding_place}]
        hiding_place = data.draw(st.sampled_from(deeper))

    with pytest.raises(EncodeError, match=r"is not a JSON number \(RFC 8259"):
        encode_json(hiding_place)


def test_what_could_be_decoded_can_be_encoded_however_deep_it_is() -> None:
    """A relay must not fail with an error of its own at what a peer may send."""
    for depth in range(12_000, 0, -100):
        document = "[" * depth + "1" + "]" * depth
        try:
            value = decode_json(document)
        except DecodeError:
            continue
        break
    else:
        pytest.fail("nothing could be decoded")

    assert document.encode() == encode_json(value)


def test_a_deep_value_that_is_no_json_is_refused_as_a_shallow_one_is() -> None:
    """Here the value is too deep for the quick check."""
    value: JSONInput = math.nan
    for _ in range(1500):
        value = [value]

    with pytest.raises(EncodeError):
        encode_json(value)


def test_a_value_that_is_too_deep_for_the_writer_is_refused() -> None:
    """How deep that is depends on the interpreter; nothing else comes of it."""
    value: JSONInput = "leaf"
    for _ in range(1500):
        value = [value]

    try:
        written: bytes | str = encode_json(value)
    except EncodeError as error:
        written = error.problem

    assert written in {
        b"[" * 1500 + b'"leaf"' + b"]" * 1500,
        "nested too deep, or in a cycle",
    }
