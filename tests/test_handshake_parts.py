"""Tests of `query_params_as()` and its sisters: from the handshake to a class."""

import dataclasses
import datetime as dt
import enum
import gc
import math
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import (
    Annotated,
    Final,
    Generic,
    Literal,
    LiteralString,
    NamedTuple,
    NewType,
    NotRequired,
    Protocol,
    TypedDict,
    TypeVar,
)
from urllib.parse import quote
from uuid import UUID

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import TypeAliasType, override

from tests.scripted import scope
from typedws import (
    InvalidParameters,
    InvalidScope,
    ParameterProblem,
    UnacceptedWebSocket,
    WebSocket,
)
from typedws.codecs.forms import subscripted

ItemT = TypeVar("ItemT")

Number = TypeAliasType("Number", int)
Page = NewType("Page", int)

ID: Final = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")


class Color(enum.Enum):
    """An enum of texts."""

    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    """An enum of numbers."""

    LOW = 1
    HIGH = 2


class Right(enum.Flag):
    """An enum that has more members than it lists."""

    READ = 1
    WRITE = 2


@attrs.frozen(order=False)
class Search:
    """What most tests ask for."""

    page: Annotated[int, msgspec.Meta(ge=1)]
    size: int = 20
    tags: list[str] = attrs.Factory(list[str])


def reader(**changes: object) -> UnacceptedWebSocket:
    """Make a reader of a scope, with changes."""
    return WebSocket(scope(**changes))


def query(text: str) -> UnacceptedWebSocket:
    """Make a reader of a scope with a query."""
    return reader(query_string=text.encode())


def refused(call: Callable[[], object]) -> InvalidParameters:
    """Make a call that is to be refused."""
    with pytest.raises(InvalidParameters) as caught:
        call()
    return caught.value


def outcome(call: Callable[[], object]) -> object:
    """Return what a call gives, or the error by which it is refused."""
    try:
        return call()
    except InvalidParameters as error:
        return error


def problems(call: Callable[[], object]) -> list[tuple[str, str, str]]:
    """Return what was wrong with a handshake, each as place, expected, got."""
    return [(it.place, it.expected, it.got) for it in refused(call).problems]


def of(form: object) -> type[object]:
    """Make a class with one field `x` of a type, without a default."""
    return dataclasses.make_dataclass("Of", [("x", form)])


def x_of(made: object) -> object:
    """Return the field of such a class."""
    fields: Mapping[str, object] = vars(made)
    return fields["x"]


def read(form: object, text: str) -> object:
    """Read the query parameter `x` as a type."""
    return x_of(query(f"x={quote(text)}").query_params_as(of(form)))


# --- Every kind of class -------------------------------------------------------------


@dataclasses.dataclass
class Data:
    """A dataclass."""

    page: int
    size: int = 20


class Structure(msgspec.Struct):
    """A Struct."""

    page: int
    size: int = 20


class Dictionary(TypedDict):
    """A TypedDict."""

    page: int
    size: NotRequired[int]


class Tuple(NamedTuple):
    """A NamedTuple."""

    page: int
    size: int = 20


class Paged(msgspec.Struct, Generic[ItemT]):
    """A generic class."""

    page: ItemT
    size: int = 20


def test_an_attrs_class_is_made() -> None:
    """The first of five kinds, with its defaults."""
    search = query("page=2&tags=a&tags=b").query_params_as(Search)

    assert Search(2, 20, ["a", "b"]) == search


def test_a_dataclass_is_made() -> None:
    """The second."""
    assert Data(2) == query("page=2").query_params_as(Data)


def test_a_struct_is_made() -> None:
    """The third."""
    assert Structure(2, 3) == query("page=2&size=3").query_params_as(Structure)


def test_a_typed_dict_is_made() -> None:
    """The fourth; what is missing and need not be there is missing."""
    assert {"page": 2} == query("page=2").query_params_as(Dictionary)
    assert {"page": 2, "size": 3} == query("page=2&size=3").query_params_as(Dictionary)


def test_a_named_tuple_is_made() -> None:
    """The fifth."""
    assert Tuple(2) == query("page=2").query_params_as(Tuple)


def test_a_generic_class_is_made_with_its_argument() -> None:
    """It is told what its type variable stands for."""
    assert Paged(2) == query("page=2").query_params_as(Paged[int])
    assert Paged("2") == query("page=2").query_params_as(Paged[str])


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        pytest.param(int, "<class 'int'>", id="int"),
        pytest.param(int | None, "int | None", id="union"),
        pytest.param(list[int], "list[int]", id="list"),
        pytest.param(dict[str, int], "dict[str, int]", id="dict"),
    ],
)
@pytest.mark.parametrize(
    "method",
    ["path_params_as", "query_params_as", "headers_as", "cookies_as", "state_as"],
)
def test_what_has_no_fields_is_refused(method: str, form: object, shown: str) -> None:
    """The error says what to give instead."""
    ask: Callable[[object], object] = getattr(reader(), method)
    with pytest.raises(TypeError) as caught:
        ask(form)

    assert (
        f"{method}() takes a class with fields (an attrs class, a dataclass, a msgspec "
        f"Struct, a TypedDict or a NamedTuple), not {shown}"
    ) == str(caught.value)


def test_annotations_that_can_not_be_read_are_told_of() -> None:
    """They name what is not there."""
    broken = of("Missing")
    with pytest.raises(TypeError, match=r"^query_params_as\(\): .*'Missing'"):
        query("x=1").query_params_as(broken)


@pytest.mark.parametrize(
    "form",
    [
        dict[str, int],
        Search,
        list[Search],
        list[list[int]],
        None,
        complex,
        subscripted(Literal, (None,)),
        Literal[True],
        Annotated[str, msgspec.Meta(ge=1)],
    ],
    ids=str,
)
def test_a_field_that_no_text_can_be_is_refused(form: object) -> None:
    """Whatever the client has sent."""
    with pytest.raises(TypeError) as caught:
        query("").query_params_as(of(form))

    assert str(caught.value).startswith(
        "query_params_as(Of): no text can be the field 'x', of type "
    )
    assert str(caught.value).endswith(
        "; a field is a number, a text, a date, a UUID, an enum, a Literal, or a list "
        "of such"
    )


def test_a_class_need_have_no_hash() -> None:
    """As it is with metadata that has none."""
    assert Paged(2) == query("page=2").query_params_as(Paged[Annotated[int, {}]])


def test_a_class_that_makes_something_else_is_a_fault() -> None:
    """The type checker was promised an instance."""

    @dataclasses.dataclass
    class Odd:
        x: int

        def __new__(cls, x: int) -> object:  # type: ignore[misc]
            return x

    with pytest.raises(TypeError) as caught:
        query("x=1").query_params_as(Odd)

    assert "Odd(...) did not give an instance of the class" == str(caught.value)


def test_a_class_is_not_kept_for_ever() -> None:
    """What was worked out for it is kept in a bounded memory."""
    forms = [of(int) for _ in range(1000)]
    references = [weakref.ref(form) for form in forms]
    while forms:
        query("x=1").query_params_as(forms.pop())
    gc.collect()

    assert sum(reference() is not None for reference in references) < 300


# --- From a text to a value ----------------------------------------------------------

UTC: Final = dt.UTC
LITERAL_OR_NONE: Final = subscripted(Literal, ("a", None))
DECIMAL_OR_TEXTS: Final = Decimal | tuple[str, ...]


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (int, "-5", -5),
        (int, "1e3", 1000),
        (int, "9" * 30, int("9" * 30)),
        (float, "1", 1.0),
        (float, "-1.5e3", -1500.0),
        (int | float, "2", 2),
        (int | float, "2.5", 2.5),
        (bool, "true", True),
        (bool, "TRUE", True),
        (bool, "1", True),
        (bool, "False", False),
        (bool, "0", False),
        (str, "", ""),
        (str, "null", "null"),
        (str, " a+b ", " a+b "),
        (int | str, "5", "5"),
        (str | None, "", ""),
        (str | None, "null", "null"),
        (int | None, "5", 5),
        (int | None, "", None),
        (object, "5", "5"),
        (Color, "red", Color.RED),
        (Color | None, "", None),
        (Level, "2", Level.HIGH),
        (Literal["a", "b"], "b", "b"),
        (Literal[1, 2], "2", 2),
        (LITERAL_OR_NONE, "", None),
        (UUID, str(ID), ID),
        (Decimal, "1.50", Decimal("1.50")),
        (Decimal | bool, "true", True),
        (list[str] | Decimal, "1", Decimal(1)),
        (list[Decimal], "-1e5", [Decimal("-1e5")]),
        (
            dt.datetime,
            "2030-01-02T03:04:05Z",
            dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        ),
        (
            dt.datetime,
            "1700000000",
            dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        ),
        (dt.date, "2030-01-02", dt.date(2030, 1, 2)),
        (dt.time, "03:04:05", dt.time(3, 4, 5)),
        (dt.timedelta, "PT5S", dt.timedelta(seconds=5)),
        (bytes, "aGk=", b"hi"),
        (list[int], "5", [5]),
        (list[int] | None, "", None),
        (tuple[int, ...], "5", (5,)),
        (tuple[int], "5", (5,)),
        (set[int], "5", {5}),
        (frozenset[Color], "red", frozenset({Color.RED})),
        (Sequence[int], "5", [5]),
        (list[int] | int, "5", 5),
        (Annotated[int, msgspec.Meta(ge=5, description="five")], "5", 5),
        (Page, "5", 5),
        (Number, "5", 5),
        (list[Number], "5", [5]),
        (tuple[Number, ...], "5", (5,)),
        (Number | None, "5", 5),
        (Annotated[Number, msgspec.Meta(ge=5)], "5", 5),
        (LiteralString | None, "a", "a"),
        (Right, "3", Right.READ | Right.WRITE),
    ],
    ids=str,
)
def test_a_text_is_read_as_the_type_of_its_field(
    form: object, text: str, expected: object
) -> None:
    """Numbers are written as in JSON, the rest as the standards have it."""
    value = read(form, text)

    assert (type(expected), expected) == (type(value), value)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (int, "", "int"),
        (int, " 5", "int"),
        (int, "+5", "int"),
        (int, "007", "int"),
        (int, "1_000", "int"),
        (int, "0x10", "int"),
        (int, "1.5", "int"),
        (int, "five", "int"),
        (int | None, "null", "int"),
        (Annotated[int, msgspec.Meta(ge=1)], "0", "int >= 1"),
        (float, "", "float"),
        (float, "nan", "finite float"),
        (float, "-Infinity", "finite float"),
        (float, "1e999", "float in range"),
        (int | float, "x", "int or float"),
        (Decimal, "NaN", "finite decimal"),
        (Decimal, "x", "decimal string"),
        (Decimal, "1_000", "decimal string"),
        (Decimal, " 1", "decimal string"),
        (Decimal, "\uff11", "decimal string"),
        (Decimal | None, "+1", "decimal string"),
        (DECIMAL_OR_TEXTS, "1_000", "decimal string"),
        (list[Decimal], ".5", "decimal string"),
        (list[float], "inf", "finite float"),
        (set[Decimal], "sNaN", "decimal"),
        (bool, "yes", "bool"),
        (bool, "on", "bool"),
        (bool, "", "bool"),
        (Annotated[str, msgspec.Meta(min_length=3)], "ab", "str of length >= 3"),
        (
            Annotated[str, msgspec.Meta(pattern="^[a-zé]$")],
            "A",
            "str matching regex '^[a-z\\xe9]$'",
        ),
        (Color, "blue", "'red' or 'green'"),
        (Color | None, "null", "'red' or 'green'"),
        (Level, "3", "1 or 2"),
        (Right, "8", "1 or 2 or ..."),
        (list[Color], "blue", "'red' or 'green'"),
        (Literal["a", "b"], "c", "'a' or 'b'"),
        (Literal[1, 2], "3", "1 or 2"),
        (LITERAL_OR_NONE, "null", "'a'"),
        (UUID, "x", "UUID"),
        (dt.datetime, "x", "RFC3339 encoded datetime"),
        (dt.datetime, "99999999999999", "datetime in range"),
        (dt.date, "2030-02-30", "RFC3339 encoded date"),
        (bytes, "%", "base64 encoded string"),
    ],
    ids=str,
)
def test_a_text_that_does_not_fit_is_a_problem(
    form: object, text: str, expected: str
) -> None:
    """It says what belongs there, and what came."""
    place = "query.x[0]" if "list" in str(form) and "inf" not in text else "query.x"

    assert [(place, expected, ascii(text))] == problems(lambda: read(form, text))


def test_too_many_ids_that_are_alike_are_a_problem() -> None:
    """A client can choose the hash of a UUID, and a set of such takes long to make."""
    prime = 2**61 - 1
    alike = [str(UUID(int=number * prime)) for number in range(1, 2000)]

    def many(ids: Sequence[str]) -> UnacceptedWebSocket:
        return query("&".join(f"x={one}" for one in ids))

    ask = many(alike).query_params_as
    assert [("query.x", "different values", "1999 values")] == problems(
        lambda: ask(of(set[UUID]))
    )
    for ids in (alike[:64], [str(ID)] * 200):
        made = many(ids).query_params_as(of(set[UUID] | None))
        assert {UUID(one) for one in ids} == x_of(made)


def test_many_choices_are_not_all_listed() -> None:
    """What is expected is of bounded length."""
    many = subscripted(Literal, tuple(range(100)))
    ((_, expected, _),) = problems(lambda: read(many, "x"))

    assert f"{' or '.join(map(str, range(20)))} or ..." == expected


def test_a_long_expectation_is_cut() -> None:
    """A pattern may be of any length."""
    pattern = Annotated[str, msgspec.Meta(pattern="a" * 1000)]
    ((_, expected, _),) = problems(lambda: read(pattern, "x"))

    assert 203 == len(expected)
    assert expected.endswith("a...")


# --- Missing, empty, repeated, unknown -----------------------------------------------


def test_all_problems_are_told_of_at_once() -> None:
    """In the order of the fields."""
    error = refused(
        lambda: query("page=0&size=x&tags=a&size=3").query_params_as(Search)
    )

    assert "query" == error.part
    assert (
        ParameterProblem("query.page", expected="int >= 1", got="'0'"),
        ParameterProblem("query.size", expected="one value", got="2 values"),
    ) == error.problems
    assert (
        "The handshake does not fit: query.page: expected int >= 1, got '0'; "
        "query.size: expected one value, got 2 values"
    ) == str(error)


def test_what_is_missing_and_has_no_default_is_a_problem() -> None:
    """Also where None would fit: the class says that it must be there."""
    assert [("query.page", "int", "nothing")] == problems(
        lambda: query("").query_params_as(Search)
    )
    assert [("query.x", "int", "nothing")] == problems(
        lambda: query("").query_params_as(of(int | None))
    )


def test_a_repeated_name_is_a_list() -> None:
    """In the order in which the values came; a problem names the one that it is in."""
    many = of(list[int])
    wrong = query("x=1&x=two&x=3")

    assert [3, 1, 3] == x_of(query("x=3&x=1&x=3").query_params_as(many))
    assert [("query.x[1]", "int", "'two'")] == problems(
        lambda: wrong.query_params_as(many)
    )


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        pytest.param(tuple[int, int, int], "x=1&x=2", "array of length 3", id="tuple"),
        pytest.param(
            Annotated[list[int], msgspec.Meta(max_length=1)],
            "x=1&x=2",
            "array of length <= 1",
            id="list",
        ),
        pytest.param(set[float], "x=1&x=inf", "finite float", id="finite"),
    ],
)
def test_what_is_wrong_with_several_values_names_no_single_one(
    form: object, text: str, expected: str
) -> None:
    """It is about all of them."""
    assert [("query.x", expected, "2 values")] == problems(
        lambda: query(text).query_params_as(of(form))
    )


def test_a_type_with_and_without_a_list_takes_both() -> None:
    """One value is one value, several are a list."""
    both = of(list[int] | int)

    assert 1 == x_of(query("x=1").query_params_as(both))
    assert [1, 2] == x_of(query("x=1&x=2").query_params_as(both))


def test_unknown_names_are_passed_over() -> None:
    """Links get all sorts of parameters on their way."""
    assert Search(1) == query("page=1&utm_source=mail").query_params_as(Search)


def test_unknown_names_can_be_forbidden() -> None:
    """Ten of them are told of, each cut."""
    unknown = "&".join(f"%0a{n}{'a' * 100}=1" for n in range(30))
    ask = query(f"page=0&{unknown}").query_params_as
    found = problems(lambda: ask(Search, forbid_unknown_fields=True))

    assert [("query.page", "int >= 1", "'0'")] == found[10:]
    assert ("query", "no other parameters", f"'\\n0{'a' * 56}...") == found[0]
    assert {"query"} == {place for place, _, _ in found[:10]}


def test_a_struct_can_forbid_unknown_names_itself() -> None:
    """As it does in messages."""

    class Strict(msgspec.Struct, forbid_unknown_fields=True):
        page: int

    assert Strict(1) == query("page=1").query_params_as(Strict)
    assert [("query", "no other parameters", "'x'")] == problems(
        lambda: query("page=1&x=2").query_params_as(Strict)
    )
    assert Tuple(1) == query("page=1&x=2").query_params_as(Tuple)


def test_a_long_value_is_cut() -> None:
    """And shown in ASCII, on one line."""
    ((_, _, got),) = problems(lambda: read(int, "é\n" * 5000))

    assert got.isascii()
    assert got.isprintable()
    assert 63 == len(got)


def test_the_rules_of_the_class_are_kept() -> None:
    """What it does not say of a single field it may say of all of them."""

    @dataclasses.dataclass
    class Range:
        first: int
        last: int

        def __post_init__(self) -> None:
            if self.first > self.last:
                raise ValueError("the password is swordfish")

    error = refused(lambda: query("first=2&last=1").query_params_as(Range))

    assert (
        "The handshake does not fit: query: expected values that keep the rules of the "
        "application, got values that do not"
    ) == str(error)
    assert isinstance(error.__cause__, ValueError)
    assert Range(1, 2) == query("first=1&last=2").query_params_as(Range)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("color=blue", KeyError),
        ("color=red&parts=0", ZeroDivisionError),
        ("color=red&parts=3", AssertionError),
    ],
)
def test_a_rule_may_be_a_look_up_or_an_assertion(
    text: str, cause: type[Exception]
) -> None:
    """As in a message: by these a class says that it does not want the values."""

    def color_of(name: str) -> str:
        return {"red": "f00"}[name]

    @attrs.frozen
    class Paint:
        color: str = attrs.field(converter=color_of)
        parts: int = 1

        def __attrs_post_init__(self) -> None:
            assert 100 % self.parts == 0

    error = refused(lambda: query(text).query_params_as(Paint))

    assert "query" == error.problems[0].place
    assert isinstance(error.__cause__, cause)


def test_a_fault_in_the_class_is_no_problem_of_the_client() -> None:
    """A TypeError is one of the application's own."""

    @dataclasses.dataclass
    class Faulty:
        x: int

        def __post_init__(self) -> None:
            raise TypeError("a fault")

    with pytest.raises(TypeError, match="a fault"):
        query("x=1").query_params_as(Faulty)


# --- Names ---------------------------------------------------------------------------


def test_an_alias_of_attrs_is_the_name() -> None:
    """Also the one that attrs gives to a private field."""

    @attrs.frozen(order=False)
    class Aliased:
        first: int = attrs.field(alias="eins")
        _second: int = attrs.field(alias="second")
        third: int = attrs.field(init=False, default=3)

    ask = query("eins=1&second=2&third=x").query_params_as

    assert Aliased(eins=1, second=2) == ask(Aliased)


def test_a_rename_of_msgspec_is_the_name() -> None:
    """A single one, or one of all fields."""

    class Renamed(msgspec.Struct, rename="camel"):
        room_name: str
        count: int = msgspec.field(name="n", default=0)

    ask = query("roomName=a&n=2").query_params_as

    assert Renamed("a", 2) == ask(Renamed)


# --- The path ------------------------------------------------------------------------


@attrs.frozen(order=False)
class Room:
    """What a route has."""

    room: str
    number: Annotated[int, msgspec.Meta(ge=1)] = 1
    id: UUID | None = None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param({"room": "a"}, Room("a"), id="text"),
        pytest.param({"room": "a", "number": "2"}, Room("a", 2), id="texts"),
        pytest.param({"room": 7, "number": 2}, Room("7", 2), id="a number for a text"),
        pytest.param({"room": ID, "id": ID}, Room(str(ID), 1, ID), id="UUID"),
        pytest.param({"room": "a", "id": None}, Room("a"), id="None"),
        pytest.param({"room": "a", "more": object()}, Room("a"), id="more"),
    ],
)
def test_the_path_is_read(found: Mapping[str, object], expected: Room) -> None:
    """What a router has read is taken where it fits, and else its text is."""
    assert expected == reader(path_params=found).path_params_as(Room)


def test_a_path_that_does_not_fit_is_a_problem() -> None:
    """Whether the router has read it or not."""
    found = {"room": "a", "number": 0, "id": "x\ud800"}
    error = refused(lambda: reader(path_params=found).path_params_as(Room))

    assert "path" == error.part
    assert (
        ParameterProblem("path.number", expected="int >= 1", got="'0'"),
        ParameterProblem("path.id", expected="UUID", got=r"'x\ud800'"),
    ) == error.problems


def test_a_parameter_that_the_route_has_not_is_its_own_fault() -> None:
    """No client can change the route."""

    class Two(msgspec.Struct):
        room: str
        id: int

    with pytest.raises(InvalidScope) as caught:
        reader(path_params={"number": 1}).path_params_as(Two)

    assert (
        "scope['path_params']: expected 'room', 'id' for Two, got nothing; has the "
        "route got it?"
    ) == str(caught.value)


# --- Headers and cookies -------------------------------------------------------------


@attrs.frozen(order=False)
class Sent:
    """What a client may send in headers."""

    x_request_id: int
    accept: list[str] = attrs.Factory(list[str])
    upgrade: str | None = None


def headers(*pairs: tuple[bytes, bytes]) -> UnacceptedWebSocket:
    """Make a reader of a scope with headers."""
    return reader(headers=pairs)


def test_headers_are_read() -> None:
    """An underscore stands for a hyphen, and case does not count."""
    sent = headers((b"X-Request-ID", b"5"), (b"upgrade", b"websocket"), (b"x", b"y"))

    assert Sent(5, [], "websocket") == sent.headers_as(Sent)


def test_a_list_in_headers_is_what_http_takes_for_one() -> None:
    """In one field or in several, with empty elements passed over."""
    once = headers((b"x-request-id", b"5"), (b"accept", b"a,b\t, ,c"))
    twice = headers((b"x-request-id", b"5"), (b"accept", b"a"), (b"accept", b"b, c"))
    empty = headers((b"x-request-id", b"5"), (b"accept", b" ,"))

    assert Sent(5, ["a", "b", "c"]) == once.headers_as(Sent) == twice.headers_as(Sent)
    assert Sent(5) == empty.headers_as(Sent)


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        pytest.param(b'"a,b", "c"', ['"a,b"', '"c"'], id="texts"),
        pytest.param(b'W/"a,b",*', ['W/"a,b"', "*"], id="text-behind-a-name"),
        pytest.param(b'a;x="b,c";y=1, d', ['a;x="b,c";y=1', "d"], id="parameter"),
        pytest.param(rb'"a\",b", c', [r'"a\",b"', "c"], id="escaped-quote"),
        pytest.param(rb'"a,b\\",c', [r'"a,b\\"', "c"], id="escaped-backslash"),
        pytest.param(b'",", ,"",', ['","', '""'], id="empty"),
        pytest.param(b'"\xe0,\xff", \xe0', ['"\xe0,\xff"', "\xe0"], id="latin-1"),
        pytest.param(rb"a\,b", ["a\\", "b"], id="backslash-outside"),
        pytest.param(b'a, "b,c", "d, e', ["a", '"b,c"', '"d', "e"], id="unclosed"),
        pytest.param(rb'"a\", b', [r'"a\"', "b"], id="unclosed-but-for-an-escape"),
    ],
)
def test_a_comma_between_quotes_is_part_of_an_element(
    value: bytes, elements: list[str]
) -> None:
    """The quotes stay; one that is never closed is a character like any other."""
    sent = headers((b"x-request-id", b"5"), (b"accept", value))

    assert Sent(5, elements) == sent.headers_as(Sent)


@pytest.mark.parametrize("part", [b'"\\', b"\\", b'"a,b",', b'"\\",', b'"', b'a,"'])
def test_a_long_list_in_a_header_takes_bounded_time(part: bytes) -> None:
    """Whatever quotes are in it, closed or not."""
    sent = headers((b"x-request-id", b"5"), (b"accept", part * 100_000))
    start = time.process_time()
    sent.headers_as(Sent)

    assert time.process_time() - start < 2


def test_the_value_of_a_header_is_in_no_error() -> None:
    """It may be a password."""
    error = refused(lambda: headers((b"x-request-id", b"secret")).headers_as(Sent))

    assert (
        "The handshake does not fit: headers.x-request-id: expected int, got a text of "
        "length 6"
    ) == str(error)


def test_a_repeated_header_is_a_problem_where_one_is_asked_for() -> None:
    """Which of the two counts nobody can say."""
    pairs = ((b"x-request-id", b"5"), (b"x-request-id", b"6"))

    assert [("headers.x-request-id", "one value", "2 values")] == problems(
        lambda: headers(*pairs).headers_as(Sent)
    )


def test_cookies_are_read() -> None:
    """By their own names, underscores included; their values are in no error."""

    class Cookies(msgspec.Struct):
        session_id: int
        theme: Literal["dark", "light"] = "light"

    right = headers((b"cookie", b"session_id=5; theme=dark"))
    wrong = headers((b"cookie", b"session_id=secret"))

    assert Cookies(5, "dark") == right.cookies_as(Cookies)
    assert [("cookies.session_id", "int", "a text of length 6")] == problems(
        lambda: wrong.cookies_as(Cookies)
    )


# --- The state -----------------------------------------------------------------------


class Pool:
    """What no library can convert or copy."""

    @override
    def __repr__(self) -> str:
        return "Pool()"

    @override
    def __eq__(self, other: object) -> bool:
        raise AssertionError("a pool is not compared")

    @override
    def __hash__(self) -> int:
        return id(self)


class Closeable(Protocol):
    """A protocol that has no instances at run time."""

    def close(self) -> None:
        """Close it."""


PoolAlias = TypeAliasType("PoolAlias", Pool)
NewPool = NewType("NewPool", Pool)


@attrs.frozen(order=False, eq=False)
class State:
    """What a lifespan has left."""

    pool: Pool
    timeout: float = 5.0
    names: "dict[str, int] | None" = None


class StateDict(TypedDict):
    """The same as a TypedDict."""

    pool: Pool


def test_the_state_has_the_very_objects() -> None:
    """Nothing is converted or copied."""
    pool, names = Pool(), {"a": 1}
    websocket = reader(state={"pool": pool, "names": names, "more": 1})
    state = websocket.state_as(State)

    assert pool is state.pool
    assert names is state.names
    assert 5.0 == state.timeout
    assert pool is websocket.state_as(StateDict)["pool"]


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (Pool, Pool()),
        (PoolAlias, Pool()),
        (NewPool, Pool()),
        (Annotated[Pool, "the main one"], Pool()),
        (Pool | None, None),
        (float, 1),
        (int, True),
        (object, Pool()),
        (dict[str, int], {"anything": Pool()}),
        (Callable[[], None], print),
        (type[Pool], Pool),
        (Literal["a", 1], 1),
        (Closeable, 5),
        (StateDict, 5),
        (Mapping[str, int], {}),
    ],
    ids=str,
)
def test_a_state_of_the_type_is_taken(form: object, value: object) -> None:
    """As far as instances can be told."""
    kind = of(form)
    state = reader(state={"x": value}).state_as(kind)

    assert value is x_of(state)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (
            {},
            "expected 'pool' of type Pool, got nothing; has the lifespan left it?",
        ),
        (
            {"pool": "postgres://user:secret@db"},
            "expected 'pool' of type Pool, got str",
        ),
        (
            {"pool": Pool(), "timeout": "5"},
            "expected 'timeout' of type float, got str",
        ),
        (
            {"pool": Pool(), "names": [1]},
            "expected 'names' of type dict[str, int] | NoneType, got list",
        ),
    ],
    ids=["missing", "a text", "a text for a number", "a list"],
)
def test_a_state_that_does_not_fit_is_the_applications_fault(
    state: Mapping[str, object], sentence: str
) -> None:
    """The error names the key, and shows no value."""
    with pytest.raises(InvalidScope) as caught:
        reader(state=state).state_as(State)

    assert f"scope['state']: {sentence}" == str(caught.value)


@pytest.mark.parametrize("value", [2, True, "1"], ids=repr)
def test_a_literal_in_the_state_is_of_its_own_type(value: object) -> None:
    """True is not 1."""
    kind = of(Literal[1])
    with pytest.raises(InvalidScope, match=r"expected 'x' of type Literal\[1\]"):
        reader(state={"x": value}).state_as(kind)


# --- Whatever a client sends ---------------------------------------------------------


@attrs.frozen(order=False)
class Everything:
    """A field of each kind."""

    i: int = 0
    f: float = 0.0
    b: bool = False
    s: str = ""
    d: Decimal = Decimal(0)
    u: UUID | None = None
    t: dt.datetime | None = None
    c: Color | None = None
    p: dt.timedelta | None = None
    n: list[int] = attrs.Factory(list[int])
    r: Literal[1, "a"] | None = None

    @override
    def __repr__(self) -> str:
        return "Everything"


TEXTS: Final = st.one_of(
    st.text(),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["null", "true", "", "9" * 5000, "1e999999999", "-0", "nan", "P1D"]
    ),
    st.datetimes().map(str),
    st.uuids().map(str),
)
NAMES: Final = st.sampled_from("ifbsdutcpnrxyz")


@given(st.lists(st.tuples(NAMES, TEXTS)), st.booleans())
def test_a_query_is_read_or_refused(
    pairs: list[tuple[str, str]], forbid_unknown_fields: bool
) -> None:
    """By the one error, and never by another."""
    text = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in pairs)
    ask = query(text).query_params_as
    made = outcome(lambda: ask(Everything, forbid_unknown_fields=forbid_unknown_fields))

    if isinstance(made, InvalidParameters):
        assert str(made).isascii()
        assert str(made).isprintable()
        assert len(str(made)) < 400 * len(made.problems)
    else:
        assert isinstance(made, Everything)
        assert math.isfinite(made.f)
        assert made.d.is_finite()


@given(st.binary(), st.binary())
def test_raw_bytes_are_read_or_refused(raw: bytes, value: bytes) -> None:
    """In the query, in headers, in cookies and in the path."""
    websocket = reader(
        query_string=raw,
        headers=[(b"i", value), (b"n", raw), (b"cookie", b"i=" + value)],
        path_params={"i": value.decode("utf-8", "surrogateescape"), "s": raw},
    )
    made = [
        outcome(lambda: websocket.query_params_as(Everything)),
        outcome(lambda: websocket.headers_as(Everything)),
        outcome(lambda: websocket.cookies_as(Everything)),
        outcome(lambda: websocket.path_params_as(Everything)),
    ]

    assert {Everything, InvalidParameters} >= {type(it) for it in made}
    assert "".join(map(str, made)).isascii()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("i=" + "9" * 1_000_000, id="a number"),
        pytest.param("d=" + "9" * 1_000_000, id="a decimal"),
        pytest.param("n=1&" * 100_000, id="many values"),
        pytest.param("&".join(f"x{n}=1" for n in range(100_000)), id="many names"),
        pytest.param("n=x&" * 100_000, id="many wrong values"),
    ],
)
def test_a_huge_query_takes_bounded_time(text: str) -> None:
    """Far less than a second for each million of bytes."""
    websocket = query(text)
    start = time.perf_counter()
    made = outcome(
        lambda: websocket.query_params_as(Everything, forbid_unknown_fields=True)
    )
    spent = time.perf_counter() - start

    assert len(str(made)) < 2000
    assert spent < 5
