"""Writing: what is in a message, and which values can't be in one."""

import datetime as dt
import math
import time
from collections import OrderedDict, UserDict, UserList, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as data_field
from decimal import Decimal
from functools import cached_property, partial
from types import MappingProxyType
from typing import final

import msgspec
import pytest
from attrs import define, field, frozen
from typing_extensions import TypedDict, TypeForm

from tests.codecs.kinds import (
    AlsoTagged,
    Counted,
    Fixed,
    Join,
    Loose,
    Options,
    PairOfUnions,
    Ping,
    Point,
    Private,
    Reading,
    Row,
    Say,
    Setting,
    Start,
    Tagged,
    Tree,
    Unset,
    bare,
)
from typedws import JSON, EncodeError, JsonCodec, MsgpackCodec
from typedws.json_text import decode_json


def encode(form: TypeForm[object], value: object) -> str:
    """Write a JSON text."""
    text = JsonCodec(None, form).encode(value)
    assert isinstance(text, str)
    return text


def unpacked(data: object) -> object:
    """Read MessagePack as JSON would be read."""
    assert isinstance(data, bytes)
    return msgspec.msgpack.decode(data)


def refusal(form: TypeForm[object], value: object) -> EncodeError:
    """Write what has no form."""
    with pytest.raises(EncodeError) as caught:
        encode(form, value)
    return caught.value


@define
class Cached:
    """A class with a value that it works out when it is asked."""

    x: int

    @cached_property
    def double(self) -> int:
        """Twice as much."""
        return self.x * 2


@define
class Unfilled:
    """A class with a field that nobody has to fill in."""

    x: int
    y: int = field(init=False)


class Sparse(msgspec.Struct, omit_defaults=True):
    """A Struct that leaves out what is usual."""

    x: int = 1


class PlainJoin(Join):
    """A class derived from one of attrs, and not attrs' own."""


@frozen
class LongJoin(Join):
    """A class derived from one of attrs."""

    more: str = ""


@frozen
class Measured:
    """A class with floats in several places."""

    value: float
    values: list[float] = field(factory=list[float])
    by_name: dict[str, float] = field(factory=dict[str, float])
    none: None = None


@frozen
class Fourteen:
    """A class with 14 fields."""

    a: int
    b: int
    c: int
    d: int
    e: int
    f: int
    g: int
    h: int
    i: int
    j: int
    k: int
    ll: int
    m: int
    n: int


@frozen
class Fifteen(Fourteen):
    """A class with one more."""

    o: int


def made(cls: type[object], **fields: object) -> object:
    """Make what a type checker would not let pass."""
    return partial(cls)(**fields)


# --- What is in a message ------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        pytest.param(Join, Join("a"), '{"room":"a"}', id="alone-without-a-tag"),
        pytest.param(
            Join | None, Join("a"), '{"room":"a"}', id="or-none-without-a-tag"
        ),
        pytest.param(Join | None, None, "null", id="none"),
        pytest.param(Join | Say, Join("a"), '{"type":"Join","room":"a"}', id="tag"),
        pytest.param(Ping | Say, Ping(), '{"type":"Ping"}', id="tag-alone"),
        pytest.param(Ping, Ping(), "{}", id="nothing"),
        pytest.param(
            Loose | Say,
            Loose("a"),
            '{"type":"Loose","text":"a","count":0}',
            id="with-a-dict",
        ),
        pytest.param(
            Start | Fixed, Fixed("a"), '{"op":"fixed","why":"a"}', id="literal"
        ),
        pytest.param(Private, Private(1), '{"_secret":1,"count":7}', id="private"),
        pytest.param(Counted, Counted(1), '{"x":1,"count":1}', id="no-argument"),
        pytest.param(
            Tagged | Join, Tagged(1), '{"type":"Tagged","x":1}', id="tag-of-a-Struct"
        ),
        pytest.param(
            AlsoTagged,
            AlsoTagged("a"),
            '{"type":"also","someText":"a","inner":null}',
            id="renamed",
        ),
        pytest.param(Unfilled, Unfilled(1), '{"x":1}', id="not-filled-in"),
        pytest.param(
            Unfilled | Join,
            Unfilled(1),
            '{"type":"Unfilled","x":1}',
            id="not-filled-in-with-a-tag",
        ),
        pytest.param(
            list[Unfilled | Join],
            [Unfilled(1)],
            '[{"type":"Unfilled","x":1}]',
            id="not-filled-in-inside",
        ),
        pytest.param(Sparse, Sparse(), "{}", id="usual"),
        pytest.param(
            Sparse | Join, Sparse(), '{"type":"Sparse","x":1}', id="usual-with-a-tag"
        ),
        pytest.param(Unset, Unset(), "{}", id="unset"),
        pytest.param(Unset, Unset(1), '{"x":1}', id="half-unset"),
        pytest.param(
            Row, Row(1, Join("a")), '[1,{"type":"Join","room":"a"}]', id="array-like"
        ),
        pytest.param(
            PairOfUnions,
            PairOfUnions(Join("a")),
            '[{"type":"Join","room":"a"},0]',
            id="NamedTuple",
        ),
        pytest.param(
            Options | Join,
            Options(name="a"),
            '{"type":"Options","name":"a"}',
            id="TypedDict",
        ),
        pytest.param(
            Reading | Setting,
            Setting(kind="setting", value=Join("a")),
            '{"kind":"setting","value":{"type":"Join","room":"a"}}',
            id="TypedDicts",
        ),
        pytest.param(
            Reading | Setting,
            Reading(kind="reading", value=1.5),
            '{"kind":"reading","value":1.5}',
            id="the-other-TypedDict",
        ),
        pytest.param(
            list[Join | Say] | Join | str, "a", '"a"', id="text-is-no-Sequence"
        ),
        pytest.param(
            list[Join | Say] | int,
            [Join("a")],
            '[{"type":"Join","room":"a"}]',
            id="list-of-unions-or-int",
        ),
        pytest.param(list[Join | Say] | int, 5, "5", id="int-or-list-of-unions"),
        pytest.param(
            Join | Say, PlainJoin("a"), '{"type":"Join","room":"a"}', id="derived"
        ),
        pytest.param(
            Join | Say,
            LongJoin("a", "b"),
            '{"type":"Join","room":"a"}',
            id="derived-with-more",
        ),
        pytest.param(PlainJoin, PlainJoin("a"), '{"room":"a"}', id="derived-alone"),
        pytest.param(float, 1, "1", id="int-for-float"),
        pytest.param(str, "é\u2028", '"é\u2028"', id="no-ASCII"),
    ],
)
def test_a_message_has_the_fields_of_its_class_and_its_tag(
    form: TypeForm[object], value: object, text: str
) -> None:
    """In both formats."""
    assert text == encode(form, value)
    assert text.encode() == JsonCodec(None, form, mode="binary").encode(value)
    assert msgspec.json.decode(text) == unpacked(MsgpackCodec(None, form).encode(value))


@frozen
class Account:
    """A class that has a derived one."""

    name: str


@frozen
class Insider(Account):
    """A derived class that knows more."""

    secret: float = math.nan
    _cache: str = field(init=False, default="secret")


class Place(msgspec.Struct, array_like=True, omit_defaults=True):
    """A Struct that has a derived one."""

    x: int = 0


class Hideout(Place):
    """A derived Struct that knows more."""

    secret: str = "secret"


@frozen
class Room:
    """A class with others in it."""

    owner: Account
    guests: "list[Account | Join]" = field(factory=list["Account | Join"])
    place: Place = field(factory=Place)
    next_door: "Room | None" = None


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        pytest.param(
            list[Account],
            [Insider("a"), Account("b")],
            [{"name": "a"}, {"name": "b"}],
            id="list",
        ),
        pytest.param(
            Mapping[str, tuple[Place, int]],
            {"a": (Hideout(1), 2)},
            {"a": [[1], 2]},
            id="Struct",
        ),
        pytest.param(
            Room | Say,
            Room(
                Insider("a"), [Insider("b"), Join("c")], Hideout(), Room(Account("d"))
            ),
            {
                "type": "Room",
                "owner": {"name": "a"},
                "guests": [
                    {"type": "Account", "name": "b"},
                    {"type": "Join", "room": "c"},
                ],
                "place": [0],
                "next_door": {
                    "owner": {"name": "d"},
                    "guests": [],
                    "place": [0],
                    "next_door": None,
                },
            },
            id="fields",
        ),
    ],
)
def test_an_instance_of_a_derived_class_has_the_fields_of_the_class_inside_too(
    form: TypeForm[object], value: object, expected: object
) -> None:
    """What more it knows is not for the peer."""
    assert expected == decode_json(encode(form, value))
    assert expected == unpacked(MsgpackCodec(None, form).encode(value))


@final
@frozen
class Last:
    """A class of which nobody may derive another."""

    x: int


def test_what_is_inside_is_written_as_it_is_without_derived_classes() -> None:
    """By msgspec itself, with the options of a Struct."""

    class Alone(msgspec.Struct, omit_defaults=True):
        x: int = 0

    assert "[{}]" == encode(list[Alone], [Alone()])
    assert '[{"x":1}]' == encode(list[Last], [Last(1)])


def test_what_is_no_field_is_not_written() -> None:
    """Though it is in a slot, or in the __dict__."""
    cached, loose = Cached(2), Loose("a")
    loose.__dict__["session_key"] = "secret"

    assert 4 == cached.double
    assert '{"x":2}' == encode(Cached, cached)
    assert '{"text":"a","count":0}' == encode(Loose, loose)


def test_a_class_with_many_fields_is_tagged_too() -> None:
    """In MessagePack a map of more than 15 has another head."""
    codec = MsgpackCodec(Fifteen | Fourteen, Fifteen | Fourteen)
    for value in (Fifteen(*range(15)), Fourteen(*range(14))):
        assert value == codec.decode(codec.encode(value))


class Shouted(str):
    """A text that is no plain str."""

    __slots__ = ()


class Hundred(int):
    """An int that is no plain int."""


@frozen
class Unread:
    """A class with an annotation that names nothing."""

    value: float
    other: "Nowhere | None" = None  # type: ignore[name-defined]  # ty: ignore[unresolved-reference]  # noqa: F821


class Topic(TypedDict):
    """A TypedDict without numbers."""

    kind: str


@frozen
class Keeping:
    """A class that keeps a number to itself."""

    x: float | None
    _cache: float = field(init=False, default=math.nan)


@dataclass
class KeepingData:
    """A dataclass that does."""

    x: float | None
    _cache: float = data_field(init=False, default=math.nan)


class Half(float):
    """A float that is no plain float."""


class Raw(bytes):
    """Bytes that are no plain bytes."""


class Price(Decimal):
    """A Decimal that is no plain Decimal."""


class Moment(dt.datetime):
    """A datetime that is no plain datetime."""


class Day(dt.date):
    """A date that is no plain date."""


class Clock(dt.time):
    """A time that is no plain time."""


class Span(dt.timedelta):
    """A timedelta that is no plain timedelta."""


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        pytest.param(str, Shouted("a"), '"a"', id="str"),
        pytest.param(str, Shouted(""), '""', id="empty-str"),
        pytest.param(int, Hundred(100), "100", id="int"),
        pytest.param(float, Half(0.5), "0.5", id="float"),
        pytest.param(bytes, Raw(b"a"), '"YQ=="', id="bytes"),
        pytest.param(Decimal, Price("1.50"), '"1.50"', id="Decimal"),
        pytest.param(
            dt.datetime,
            Moment(2020, 1, 2, 3, tzinfo=dt.UTC),
            '"2020-01-02T03:00:00Z"',
            id="datetime",
        ),
        pytest.param(dt.date, Day(2020, 1, 2), '"2020-01-02"', id="date"),
        pytest.param(
            dt.time, Clock(1, 2, 3, 4, tzinfo=dt.UTC), '"01:02:03.000004Z"', id="time"
        ),
        pytest.param(dt.timedelta, Span(1), '"P1D"', id="timedelta"),
        pytest.param(dt.timedelta, Span(0), '"P0D"', id="no-time-at-all"),
        pytest.param(object, UserDict[str, int](a=1), '{"a":1}', id="UserDict"),
        pytest.param(object, MappingProxyType[str, int]({}), "{}", id="empty-mapping"),
        pytest.param(object, UserList[int]([1]), "[1]", id="UserList"),
        pytest.param(object, OrderedDict[str, int](a=1), '{"a":1}', id="OrderedDict"),
        pytest.param(object, {"a": Shouted("b")}, '{"a":"b"}', id="inside"),
    ],
)
def test_an_instance_of_a_subclass_is_written_as_what_it_passes_for(
    form: TypeForm[object], value: object, text: str
) -> None:
    """A type checker lets it pass, so it is no mistake."""
    assert text == encode(form, value)


# --- What can't be in one ------------------------------------------------------------


class TaggedRow(msgspec.Struct, tag="row", array_like=True):
    """A Struct that is an array, with unions in it."""

    number: int
    tree: Tree


class Nothing:
    """A class that nobody knows."""


def cycle() -> JSON:
    """Make a list that has itself in it."""
    items: list[JSON] = []
    items.append(items)
    return items


@pytest.mark.parametrize(
    ("form", "value", "path", "problem"),
    [
        pytest.param(Join, Say("a"), "$", "Say is not Join", id="another-class"),
        pytest.param(Join | Say, "a", "$", "str is not Join or Say", id="no-class"),
        pytest.param(Join | Say, None, "$", "NoneType is not Join or Say", id="none"),
        pytest.param(
            Start | Fixed, Join("a"), "$", "Join is not Start or Fixed", id="no-literal"
        ),
        pytest.param(
            Tree,
            made(Tree, more=[Say("a")]),
            "$.more[0]",
            "Say is not Tree or Join",
            id="inside",
        ),
        pytest.param(
            Tree,
            made(Tree, by_name={"a": 5}),
            "$.by_name['a']",
            "int is not Join or Say",
            id="in-a-dict",
        ),
        pytest.param(
            TaggedRow,
            made(TaggedRow, number=1, tree=made(Tree, leaf=5)),
            "$[2].leaf",
            "int is not Join or Say or NoneType",
            id="in-an-array-with-a-tag",
        ),
        pytest.param(
            Tree,
            made(Tree, pair=(5, 5)),
            "$.pair[0]",
            "int is not Join or Say",
            id="in-a-tuple",
        ),
        pytest.param(
            Join,
            made(Join, room=Nothing()),
            "$.room",
            "Nothing has no form in a message",
            id="no-form",
        ),
        pytest.param(
            object,
            {"a": [1, {2}, Nothing()]},
            "$['a'][2]",
            "Nothing has no form in a message",
            id="no-form-inside",
        ),
        pytest.param(
            object,
            [made(Point, x=1, y=Nothing())],
            "$[0].y",
            "Nothing has no form in a message",
            id="no-form-in-a-dataclass",
        ),
        pytest.param(
            object,
            [made(Unset, x=Nothing())],
            "$[0].x",
            "Nothing has no form in a message",
            id="no-form-in-a-Struct",
        ),
        pytest.param(
            Join,
            Join("\ud800"),
            "$.room",
            "a text has a lone surrogate at position 0",
            id="surrogate",
        ),
        pytest.param(
            object, cycle(), "$", "nested too deep, or in a cycle", id="cycle"
        ),
        pytest.param(
            object,
            {None: 1},
            "$",
            "NoneType has no form in a message",
            id="key",
        ),
        pytest.param(
            tuple[Join | Say, int],
            (Join("a"),),
            "$",
            "a tuple of length 2 was expected, and one of length 1 came",
            id="short-tuple",
        ),
        pytest.param(
            Tree,
            made(Tree, pair=(Join("a"), 1, 2)),
            "$.pair",
            "a tuple of length 2 was expected, and one of length 3 came",
            id="long-tuple",
        ),
    ],
)
def test_a_value_that_has_no_form_is_refused(
    form: TypeForm[object], value: object, path: str, problem: str
) -> None:
    """With its place."""
    error = refusal(form, value)

    assert (path, problem) == (error.path, error.problem)
    assert f"The value can't be sent as JSON, at {path}: {problem}" == str(error)


def test_an_int_of_any_size_is_json_and_64_bits_are_messagepack() -> None:
    """The error says which of the two it is."""
    large = 2**100

    assert str(large) == encode(int, large)
    with pytest.raises(EncodeError) as caught:
        MsgpackCodec(None, list[int]).encode([1, large])

    assert (
        "The value can't be sent as MessagePack, at $[1]: "
        "can't serialize ints < -2**63 or > 2**64 - 1"
    ) == str(caught.value)
    assert "Exceeds the limit" in refusal(int, 10**5000).problem


def itself(number: float) -> object:
    """A number alone."""
    return number


def in_a_list(number: float) -> object:
    """One in a list of a class."""
    return Measured(1.5, [0.5, number])


def in_a_dict(number: float) -> object:
    """One in a dict of a class."""
    return Measured(1.5, [], {"a": number})


def in_a_plain_dict(number: float) -> object:
    """One in a dict."""
    return {"a": number}


def in_a_plain_list(number: float) -> object:
    """One in a list."""
    return [number]


def in_a_deque(number: float) -> object:
    """One in a sequence that msgspec does not know."""
    return deque([0.5, number])


def in_a_typed_dict(number: float) -> object:
    """One in a TypedDict."""
    return Reading(kind="reading", value=number)


def in_an_unread_class(number: float) -> object:
    """One in a class whose annotations nobody can read."""
    return Unread(number)


def under_a_key_of_its_own(number: float) -> object:
    """One in a TypedDict, where no type checker lets it pass."""
    return {"kind": "reading", "more": number}


@pytest.mark.parametrize(
    "number",
    [math.nan, math.inf, -math.inf, Half(math.nan)],
    ids=["nan", "inf", "-inf", "subclass"],
)
@pytest.mark.parametrize(
    ("form", "make", "path"),
    [
        pytest.param(float, itself, "$", id="float"),
        pytest.param(Measured, Measured, "$.value", id="attrs"),
        pytest.param(Measured, in_a_list, "$.values[1]", id="list"),
        pytest.param(
            Measured,
            in_a_dict,
            "$.by_name['a']",
            id="dict",
        ),
        pytest.param(Measured | Join, Measured, "$.value", id="union"),
        pytest.param(object, in_a_plain_dict, "$['a']", id="object"),
        pytest.param(JSON, in_a_plain_list, "$[0]", id="JSON"),
        pytest.param(Sequence[float], in_a_deque, "$[1]", id="Sequence"),
        pytest.param(bare(list), in_a_plain_list, "$[0]", id="any-list"),
        pytest.param(bare(dict), in_a_plain_dict, "$['a']", id="any-dict"),
        pytest.param(bare(Sequence), in_a_deque, "$[1]", id="any-Sequence"),
        pytest.param(object, in_an_unread_class, "$.value", id="unread-class"),
        pytest.param(Topic, under_a_key_of_its_own, "$['more']", id="TypedDict-key"),
        pytest.param(
            Reading,
            in_a_typed_dict,
            "$['value']",
            id="TypedDict",
        ),
    ],
)
def test_what_is_no_number_is_no_json(
    form: TypeForm[object], make: Callable[[float], object], path: str, number: float
) -> None:
    """RFC 8259 has no NaN and no infinity; MessagePack has."""
    error = refusal(form, make(number))

    assert ("NaN and infinities are no JSON numbers (RFC 8259)", path) == (
        error.problem,
        error.path,
    )
    assert MsgpackCodec(None, form).encode(make(number))


def test_what_is_not_written_may_be_no_number() -> None:
    """Nobody gets to see it."""
    assert '{"x":null}' == encode(Keeping, Keeping(None))
    assert '{"x":null}' == encode(KeepingData, KeepingData(None))


def test_the_place_of_what_is_no_number_is_found_at_one_go() -> None:
    """Depth costs no more than length; and what comes before it is passed over."""
    value: object = [{"a": None, "b": [1.5]}, math.nan, *[None] * 10_000]
    for _ in range(200):
        value = [value]
    start = time.process_time()
    error = refusal(object, value)

    assert time.process_time() - start < 1
    assert f"${'[0]' * 200}[1]" == error.path


def test_null_is_not_taken_for_nan() -> None:
    """It only asks for a second look."""
    text = encode(Measured, Measured(1.5))

    assert Measured(1.5) == JsonCodec(Measured, None).decode(text)
    assert "null" in text
