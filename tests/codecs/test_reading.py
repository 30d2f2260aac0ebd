"""Reading: how messages become instances, and what an error says if one does not."""

import dataclasses
import enum
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Generic, Literal
from uuid import UUID

import attrs
import msgspec
import pytest
from attrs import field, frozen, validators
from typing_extensions import TypedDict, TypeForm, TypeVar, override

from tests.codecs.kinds import (
    AlsoTagged,
    Box,
    Converted,
    Counted,
    Fixed,
    Hashed,
    Join,
    Keyword,
    Pair,
    PairOfUnions,
    Plain,
    Point,
    Private,
    Row,
    Say,
    Setting,
    Start,
    Stop,
    Tagged,
    Tree,
    Unset,
)
from typedws import JSON, JsonCodec, MsgpackCodec, ValidationError
from typedws.codecs.forms import arguments_of, origin_of


def decode(form: TypeForm[object], text: str, **options: object) -> object:
    """Read a JSON text."""
    return JsonCodec(form, None, **options).decode(text)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


def refusal(form: TypeForm[object], text: str, **options: object) -> ValidationError:
    """Read a JSON text that is not of the type."""
    with pytest.raises(ValidationError) as caught:
        decode(form, text, **options)
    return caught.value


def packed(text: str) -> bytes:
    """Write a JSON text as MessagePack."""
    return msgspec.msgpack.encode(msgspec.json.decode(text))


@frozen
class Checked:
    """A class that looks at its values."""

    name: str = field(validator=validators.in_(["ann", "bob"]))
    age: int = field(default=0, validator=validators.ge(0))

    def __attrs_post_init__(self) -> None:
        if self.age == 13:
            raise ValueError


@frozen
class Holder:
    """A class with one that looks at its values, and a union."""

    checked: list[Checked]
    message: Join | Say | None = None


NumberT = TypeVar("NumberT", default=int)


@frozen
class Series(Generic[NumberT]):
    """A generic class that is one of ints, unless it is told otherwise."""

    first: NumberT
    more: list[NumberT] = field(factory=list[NumberT])


@frozen
class Ruled:
    """A class whose fields have rules."""

    number: Annotated[int, msgspec.Meta(ge=0)] = 0
    name: Annotated[str, msgspec.Meta(max_length=3)] = ""
    items: Annotated[tuple[int, ...], msgspec.Meta(max_length=1)] = ()
    by_name: Annotated[
        dict[str, Annotated[int, msgspec.Meta(ge=0)]], msgspec.Meta(min_length=1)
    ] = field(factory=dict[str, int])
    inside: "tuple[Ruled, ...]" = ()


@frozen
class Broken:
    """A class with a mistake in it."""

    name: str

    def __attrs_post_init__(self) -> None:
        raise OSError(self.name)


# --- Instances -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        pytest.param(Converted, '{"name":"Ann"}', Converted("ann"), id="converter"),
        pytest.param(
            Converted,
            '{"name":"a","twice":"b"}',
            attrs.evolve(Converted("a"), twice="b"),
            id="default-of-the-rest",
        ),
        pytest.param(Keyword, '{"text":"a"}', Keyword(text="a"), id="keyword-only"),
        pytest.param(Private, '{"_secret":1}', Private(1), id="private"),
        pytest.param(Point, '{"x":1}', Point(1), id="dataclass-defaults"),
        pytest.param(
            Private,
            '{"_secret":1,"count":9,"_cache":{"a":1}}',
            Private(1),
            id="no-argument-is-not-taken",
        ),
        pytest.param(Counted, '{"x":1,"count":9}', Counted(1), id="nor-of-a-dataclass"),
        pytest.param(Fixed, '{"why":"a","op":"fixed"}', Fixed("a"), id="fixed"),
        pytest.param(Fixed, '{"why":"a"}', Fixed("a"), id="fixed-and-missing"),
        pytest.param(
            AlsoTagged, '{"type":"also","someText":"a"}', AlsoTagged("a"), id="renamed"
        ),
        pytest.param(Unset, "{}", Unset(), id="unset"),
        pytest.param(
            PairOfUnions,
            '[{"type":"Join","room":"a"}]',
            PairOfUnions(Join("a")),
            id="array-with-a-default",
        ),
        pytest.param(
            Row,
            '[1,{"type":"Join","room":"a"}]',
            Row(1, Join("a")),
            id="array-like-Struct",
        ),
        pytest.param(
            Join | Say, '{"room":"a","type":"Join"}', Join("a"), id="tag-at-the-end"
        ),
        pytest.param(
            Join | Say,
            '{"type":"Join","room":"a","type":"Join"}',
            Join("a"),
            id="repeated-tag",
        ),
        pytest.param(
            Join,
            '{"room":"a","room":"b"}',
            Join("b"),
            id="repeated-name-keeps-the-last",
        ),
        pytest.param(
            Join | Say,
            '{"type":"Join","room":"a","more":[1]}',
            Join("a"),
            id="unknown-field",
        ),
        pytest.param(
            Tree,
            '{"more":[{"type":"Tree"},{"type":"Join","room":"a"}],"what":1}',
            Tree(more=[Tree(), Join("a")]),
            id="stand-in-with-an-unknown-field",
        ),
        pytest.param(
            Start | Stop, '{"op":"halt"}', Stop("halt"), id="second-of-two-literals"
        ),
        pytest.param(float, "1", 1.0, id="int-for-float"),
        pytest.param(
            Annotated[Join, "a"] | Annotated[Say, "b"],
            '{"type":"Join","room":"a"}',
            Join("a"),
            id="annotated-members",
        ),
    ],
)
def test_a_class_makes_its_instances_itself(
    form: TypeForm[object], text: str, value: object
) -> None:
    """With all that attrs and dataclasses let it say."""
    decoded = decode(form, text)

    assert value == decoded
    assert type(value) is type(decoded)
    if "repeated" not in text:
        assert value == MsgpackCodec(form, None).decode(packed(text))


def test_a_dataclass_with_an_init_of_its_own_is_made_by_it() -> None:
    """Though `@dataclass` was not told of it."""

    @dataclasses.dataclass
    class Even:
        number: int

        def __init__(self, number: int) -> None:
            if number % 2:
                raise ValueError("it is odd")
            self.number = number

    assert Even(2) == decode(Even, '{"number":2}')
    assert "it is odd" == refusal(Even, '{"number":1}').problem
    assert Even(2) == decode(Even | Join, '{"type":"Even","number":2}')


def test_a_class_that_keeps_its_hash_has_one_when_it_was_read() -> None:
    """As `__init__` leaves it."""
    assert hash(Hashed(1)) == hash(decode(Hashed, '{"number":1}'))


def test_what_was_left_out_of_a_dataclass_is_in_the_instance() -> None:
    """And so in what is written of it."""
    codec = JsonCodec(Point, Point)

    assert '{"x":1,"y":0,"tags":[]}' == codec.encode(codec.decode('{"x":1}'))


def test_a_default_is_made_for_each_instance() -> None:
    """By its factory."""
    codec = JsonCodec(Tree, Tree)

    assert codec.decode("{}").more is not codec.decode("{}").more


# --- Options -------------------------------------------------------------------------


def test_the_tag_can_have_another_name_and_other_values() -> None:
    """For a protocol that there is."""
    codec = JsonCodec(
        Join | Say, Join | Say, tag="op", tag_of=lambda cls: cls.__name__.lower()
    )

    assert Join("a") == codec.decode('{"op":"join","room":"a"}')
    assert '{"op":"join","room":"a"}' == codec.encode(Join("a"))


def test_a_class_may_have_the_tag_of_itself_and_another_not() -> None:
    """Then the codec adds it to the other only."""
    codec = JsonCodec(Start | Join, Start | Join, tag="op")

    assert '{"at":1,"op":"start"}' == codec.encode(Start(at=1))
    assert '{"op":"Join","room":"a"}' == codec.encode(Join("a"))
    for value in (Start(at=1), Join("a")):
        assert value == codec.decode(codec.encode(value))


@pytest.mark.parametrize(
    ("form", "text", "path"),
    [
        pytest.param(Join, '{"room":"a","more":1}', "$", id="attrs"),
        pytest.param(
            Join | Say, '{"type":"Join","room":"a","more":1}', "$", id="union"
        ),
        pytest.param(Tree, '{"left":{"left":{"more_":1}}}', "$.left.left", id="inside"),
        pytest.param(Point, '{"x":1,"more":1}', "$", id="dataclass"),
        pytest.param(Plain, '{"x":1,"more":1}', "$", id="Struct"),
        pytest.param(
            Tagged | AlsoTagged, '{"type":"Tagged","x":1,"more":1}', "$", id="Structs"
        ),
        pytest.param(
            Setting,
            '{"kind":"setting","value":{"type":"Join","room":"a"},"more":1}',
            "$",
            id="TypedDict",
        ),
    ],
)
def test_an_unknown_field_is_refused_if_that_is_asked_for(
    form: TypeForm[object], text: str, path: str
) -> None:
    """By default it is ignored."""
    decode(form, text)
    error = refusal(form, text, unknown_fields="refuse")

    assert path == error.path
    assert error.problem.startswith("Object contains unknown field `more")
    assert (None, "field `more") == (error.expected, (error.got or "")[:11])


def test_an_array_takes_no_items_but_its_own() -> None:
    """A Struct only if that is asked for."""
    text = '[1,{"type":"Join","room":"a"},3]'

    assert "$" == refusal(PairOfUnions, '[{"type":"Join","room":"a"},2,3]').path
    assert Row(1, Join("a")) == decode(Row, text)
    assert "$" == refusal(Row, text, unknown_fields="refuse").path


def test_a_class_may_refuse_unknown_fields_of_itself() -> None:
    """Then it always does."""

    class Strict(msgspec.Struct, forbid_unknown_fields=True):
        message: Join | Say

    text = '{"message":{"type":"Join","room":"a","more":1}}'

    assert Strict(Join("a")) == decode(Strict, text)
    assert "$" == refusal(Strict, text[:-1] + ',"more":1}').path


@pytest.mark.parametrize("codec", [JsonCodec, MsgpackCodec])
def test_an_option_has_certain_values(codec: type) -> None:
    """The error names them."""
    with pytest.raises(
        ValueError, match=r"^unknown_fields is 'ignore' or 'refuse', not 'no'$"
    ):
        codec(int, int, unknown_fields="no")
    with pytest.raises(
        ValueError, match=r"^the mode is 'text' or 'binary', not 'xml'$"
    ):
        JsonCodec(int, int, mode="xml")  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


def test_a_codec_is_shown_with_its_types() -> None:
    """As they were written."""
    assert "JsonCodec(Join | Say, list[int])" == repr(JsonCodec(Join | Say, list[int]))
    assert "MsgpackCodec(Box[int], None)" == repr(MsgpackCodec(Box[int], None))


# --- What does not fit ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "text", "path", "problem", "expected", "got"),
    [
        pytest.param(
            Join,
            '{"room":5}',
            "$.room",
            "Expected `str`, got `int`",
            "`str`",
            "`int`",
            id="field",
        ),
        pytest.param(
            Say,
            '{"text":"","tags":["a",5]}',
            "$.tags[1]",
            "Expected `str`, got `int`",
            "`str`",
            "`int`",
            id="item",
        ),
        pytest.param(
            dict[str, int],
            '{"a":"b"}',
            "$[...]",
            "Expected `int`, got `str`",
            "`int`",
            "`str`",
            id="value",
        ),
        pytest.param(
            dict[int, int],
            '{"a":1}',
            "key in $",
            "Expected `int`, got `str`",
            "`int`",
            "`str`",
            id="key",
        ),
        pytest.param(
            int,
            '"1"',
            "$",
            "Expected `int`, got `str`",
            "`int`",
            "`str`",
            id="text-for-int",
        ),
        pytest.param(
            bool,
            "1",
            "$",
            "Expected `bool`, got `int`",
            "`bool`",
            "`int`",
            id="int-for-bool",
        ),
        pytest.param(
            int,
            "1.5",
            "$",
            "Expected `int`, got `float`",
            "`int`",
            "`float`",
            id="float-for-int",
        ),
        pytest.param(
            Join,
            "{}",
            "$",
            "Object missing required field `room`",
            "field `room`",
            None,
            id="missing",
        ),
        pytest.param(
            Literal["a", "b"],
            '"c"',
            "$",
            "Expected one of 'a', 'b', got 'c'",
            "one of 'a', 'b'",
            "'c'",
            id="literal",
        ),
        pytest.param(UUID, '"x"', "$", "Invalid UUID", "UUID", "'x'", id="uuid"),
        pytest.param(
            list[datetime],
            '["now"]',
            "$[0]",
            "Invalid RFC3339 encoded datetime",
            "RFC3339 encoded datetime",
            "'now'",
            id="datetime",
        ),
        pytest.param(
            Annotated[int, msgspec.Meta(ge=1)],
            "0",
            "$",
            "Expected `int` >= 1",
            "`int` >= 1",
            "0",
            id="constraint",
        ),
        pytest.param(
            Pair,
            "[]",
            "$",
            "Expected `array` of length 1 to 2",
            "`array` of length 1 to 2",
            "`array` of length 0",
            id="NamedTuple",
        ),
        pytest.param(
            Join | Say,
            "[]",
            "$",
            "Expected `object`, got `array`",
            "`object`",
            "`array`",
            id="union",
        ),
        pytest.param(
            Join | Say,
            '{"type":"Go"}',
            "$.type",
            "Expected one of 'Join', 'Say', got 'Go'",
            "one of 'Join', 'Say'",
            "'Go'",
            id="unknown-tag",
        ),
        pytest.param(
            Join | Say,
            '{"type":"Join","room":"a","type":"Say"}',
            "$.type",
            "Expected one tag, got another that is 'Say'",
            "one tag",
            "another that is 'Say'",
            id="second-tag",
        ),
        pytest.param(
            Start | Stop,
            '{"op":"stop","op":"halt"}',
            "$.op",
            "Expected one tag, got another that is 'halt'",
            "one tag",
            "another that is 'halt'",
            id="second-tag-of-the-same-class",
        ),
        pytest.param(
            Tree,
            '{"leaf":{"type":"Join","room":"a","type":"Say"}}',
            "$.leaf.type",
            "Invalid value 'Say'",
            None,
            "'Say'",
            id="second-tag-inside",
        ),
        pytest.param(
            Join | Say,
            '{"type":5}',
            "$.type",
            "Expected `str`, got `int`",
            "`str`",
            "`int`",
            id="tag-of-another-type",
        ),
        pytest.param(
            Join | Say,
            '{"room":"a"}',
            "$",
            "Object missing required field `type`",
            "field `type`",
            None,
            id="missing-tag",
        ),
        pytest.param(
            Tree,
            '{"leaf":{"type":"Go"}}',
            "$.leaf.type",
            "Expected one of 'Join', 'Say', got 'Go'",
            "one of 'Join', 'Say'",
            "'Go'",
            id="unknown-tag-inside",
        ),
        pytest.param(
            Tree,
            '{"leaf":{"room":"a"}}',
            "$.leaf",
            "Object missing required field `type`",
            "field `type`",
            None,
            id="missing-tag-inside",
        ),
        pytest.param(
            Tree,
            '{"left":{"more":[{"type":"Join","room":1}]}}',
            "$.left.more[0].room",
            "Expected `str`, got `int`",
            "`str`",
            "`int`",
            id="deep-inside",
        ),
        pytest.param(
            Checked,
            '{"name":"eve"}',
            "$",
            "'name' must be in ['ann', 'bob'] (got 'eve')",
            None,
            None,
            id="validator",
        ),
        pytest.param(
            Checked,
            '{"name":"ann","age":13}',
            "$",
            "ValueError",
            None,
            None,
            id="error-without-a-sentence",
        ),
        pytest.param(
            Holder,
            '{"checked":[{"name":"ann"},{"name":"eve"}]}',
            "$.checked[1]",
            "'name' must be in ['ann', 'bob'] (got 'eve')",
            None,
            None,
            id="validator-inside",
        ),
        pytest.param(
            list[Checked | Join],
            '[{"type":"Checked","name":"eve"}]',
            "$[0]",
            "'name' must be in ['ann', 'bob'] (got 'eve')",
            None,
            None,
            id="validator-in-a-union",
        ),
        pytest.param(
            dict[str, Checked | Join],
            '{"a":{"type":"Checked","name":"eve"}}',
            "$[...]",
            "'name' must be in ['ann', 'bob'] (got 'eve')",
            None,
            None,
            id="validator-in-a-dict",
        ),
        pytest.param(
            tuple[int, Checked | Join],
            '[1,{"type":"Checked","name":"eve"}]',
            "$[1]",
            "'name' must be in ['ann', 'bob'] (got 'eve')",
            None,
            None,
            id="validator-in-a-tuple",
        ),
        pytest.param(
            Box[Checked | Join],
            '{"content":{"type":"Checked","name":"eve"}}',
            "$.content",
            "'name' must be in ['ann', 'bob'] (got 'eve')",
            None,
            None,
            id="validator-in-a-generic",
        ),
        pytest.param(
            Series,
            '{"first":1,"more":["a"]}',
            "$.more[0]",
            "Expected `int`, got `str`",
            "`int`",
            "`str`",
            id="default-of-a-generic",
        ),
        pytest.param(
            Series | Join,
            '{"type":"Series","first":"a"}',
            "$.first",
            "Expected `int`, got `str`",
            "`int`",
            "`str`",
            id="default-of-a-generic-in-a-union",
        ),
    ],
)
def test_an_error_says_where_what_was_expected_and_what_came(  # noqa: PLR0917 - a table
    form: TypeForm[object],
    text: str,
    path: str,
    problem: str,
    expected: str | None,
    got: str | None,
) -> None:
    """And has the message."""
    error = refusal(form, text)

    assert (path, problem, expected, got) == (
        error.path,
        error.problem,
        error.expected,
        error.got,
    )
    assert f"The message can't be decoded, at {path}: {problem}" == str(error)
    assert text == error.data


def test_an_error_in_messagepack_says_the_same() -> None:
    """The sentences are msgspec's, or those of the codec."""
    codec = MsgpackCodec(Join | Say, None)
    for text in ('{"type":"Go"}', '{"type":"Join","room":5}', "{}"):
        with pytest.raises(ValidationError) as caught:
            codec.decode(packed(text))

        assert str(refusal(Join | Say, text)) == str(caught.value)


@pytest.mark.parametrize("form", [Ruled, Ruled | Join], ids=["class", "union"])
@pytest.mark.parametrize(
    ("field", "got"),
    [
        pytest.param('"number":-1', "-1", id="number"),
        pytest.param('"name":"\u00e9\u2028ab"', r"'\xe9\u2028ab'", id="text"),
        pytest.param(
            f'"name":"{"x" * 100}"', f"'{'x' * 59}... (102 characters)", id="long-text"
        ),
        pytest.param('"items":[1,2]', "`array` of length 2", id="array"),
        pytest.param('"by_name":{}', "`object` of length 0", id="object"),
        pytest.param('"inside":[{},{"number":-5}]', "-5", id="inside"),
        pytest.param('"by_name":{"a":-1}', None, id="in-a-dict"),
    ],
)
def test_an_error_says_what_came_where_a_rule_is_broken(
    form: TypeForm[object], field: str, got: str | None
) -> None:
    """Though msgspec says but the rule and the place."""
    text = f'{{"type":"Ruled",{field}}}'
    with pytest.raises(ValidationError) as caught:
        MsgpackCodec(form, None).decode(packed(text))

    assert (got, got) == (refusal(form, text).got, caught.value.got)


class Colour(enum.Enum):
    """One of a few texts."""

    RED = "red"
    GREEN = "green"


class Right(enum.Flag):
    """An enum that has more members than it lists."""

    READ = 1
    WRITE = 2


class AnyCase(enum.Enum):
    """An enum that takes its values in capitals, too."""

    RED = "red"

    @classmethod
    @override
    def _missing_(cls, value: object) -> "AnyCase | None":
        return cls.RED if value == "RED" else None


class Circle(msgspec.Struct, tag="circle"):
    """A Struct with a tag, which msgspec reads itself."""

    colour: Colour


class Ring(msgspec.Struct, tag="ring"):
    """Another one."""

    width: int


class Square(msgspec.Struct, tag="square", array_like=True):
    """A Struct that is an array, with its tag in front."""

    colour: Colour


class Style(TypedDict, total=False):
    """What has few values, without a class."""

    weight: Literal[400, 700] | None


@frozen
class Choosy:
    """A class whose fields may be but a few values."""

    kind: Literal["choosy"] = "choosy"
    colour: Colour = Colour.RED
    shape: Circle | Ring | None = None
    inside: "list[Choosy | Join]" = field(factory=list["Choosy | Join"])
    pair: tuple[int, Colour] = (0, Colour.RED)
    many: tuple[Colour, ...] = ()
    style: Style = field(factory=Style)
    by_name: dict[str, dict[str, Colour]] = field(factory=dict[str, dict[str, Colour]])
    size: Literal["s", "m"] | int = 0
    rights: Right = Right.READ
    any_case: AnyCase = AnyCase.RED
    is_on: Literal[True] | None = None
    unset: Colour | msgspec.UnsetType = msgspec.UNSET
    by_key: dict[Literal["k"], int] | list[Colour] = field(factory=list[Colour])
    mixed: Literal["s", "m"] | list[Colour] | dict[str, int] | None = None


@pytest.mark.parametrize("form", [Choosy, Choosy | Join], ids=["class", "union"])
@pytest.mark.parametrize(
    ("field", "expected", "got"),
    [
        pytest.param('"colour":"blue"', "one of 'red', 'green'", "'blue'", id="enum"),
        pytest.param('"kind":"calm"', "'choosy'", "'calm'", id="literal"),
        pytest.param(
            '"style":{"weight":500}', "one of 400, 700, null", "500", id="TypedDict"
        ),
        pytest.param(
            '"shape":{"type":"oval"}', "one of 'circle', 'ring'", "'oval'", id="tag"
        ),
        pytest.param(
            '"shape":{"type":"circle","colour":"blue"}',
            "one of 'red', 'green'",
            "'blue'",
            id="Struct",
        ),
        pytest.param(
            '"inside":[{"type":"Join","room":"a"},{"type":"Choosy","colour":"blue"}]',
            "one of 'red', 'green'",
            "'blue'",
            id="inside",
        ),
        pytest.param('"pair":[1,"blue"]', "one of 'red', 'green'", "'blue'", id="pair"),
        pytest.param(
            '"many":["red","blue"]', "one of 'red', 'green'", "'blue'", id="many"
        ),
        pytest.param(
            f'"colour":"{"x" * 100}"',
            "one of 'red', 'green'",
            f"'{'x' * 59}... (102 characters)",
            id="long",
        ),
        pytest.param('"by_name":{"a":{"b":"blue"}}', None, "'blue'", id="in-a-dict"),
        pytest.param(
            '"mixed":["red","blue"]', "one of 'red', 'green'", "'blue'", id="mixed"
        ),
        pytest.param('"is_on":false', "one of true, null", "false", id="bool"),
        pytest.param(
            '"unset":"blue"', "one of 'red', 'green'", "'blue'", id="may-be-left-out"
        ),
        pytest.param(
            '"by_key":["k"]', "one of 'red', 'green'", "'k'", id="dict-or-list"
        ),
        pytest.param('"rights":4', None, "4", id="flags"),
        pytest.param('"any_case":"blue"', None, "'blue'", id="enum-with-others"),
        pytest.param('"size":"l"', None, "'l'", id="one-of-many"),
        pytest.param(
            '"shape":{"type":"circle","colour":"blue","type":"ring"}',
            None,
            "'blue'",
            id="another-tag-behind-it",
        ),
        pytest.param(
            '"colour":"blue","colour":"red"', None, "'blue'", id="overwritten"
        ),
        pytest.param('"colour":"blue"!', None, "'blue'", id="no-JSON-behind-it"),
        pytest.param(
            f'"colour":"blue","more":"{"x" * 1_000_000}"', None, "'blue'", id="huge"
        ),
    ],
)
def test_an_error_says_which_values_would_have_been_right(
    form: TypeForm[object], field: str, expected: str | None, got: str
) -> None:
    """Where they are a few, though msgspec says but that it was none of them."""
    error = refusal(form, f'{{"type":"Choosy",{field}}}')

    assert (expected, got) == (error.expected, error.got)
    if expected is not None:
        assert f"Expected {expected}, got {got}" == error.problem


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        pytest.param(Colour, '"blue"', "one of 'red', 'green'", id="enum"),
        pytest.param(Circle, '{"type":"oval"}', "'circle'", id="tag"),
        pytest.param(Square, '["oval","red"]', "'square'", id="tag-of-an-array"),
        pytest.param(Square, '["square","blue"]', "one of 'red', 'green'", id="array"),
        pytest.param(
            dict[Colour, int],
            '{"blue":1}',
            None,
            id="key",
        ),
        pytest.param(frozenset[Colour], '["blue"]', "one of 'red', 'green'", id="set"),
    ],
)
def test_they_are_said_of_messages_of_all_kinds(
    form: TypeForm[object], text: str, expected: str | None
) -> None:
    """In MessagePack as in JSON."""
    with pytest.raises(ValidationError) as caught:
        MsgpackCodec(form, None).decode(packed(text))

    assert (expected, expected) == (
        refusal(form, text).expected,
        caught.value.expected,
    )


class Dotted(
    msgspec.Struct, rename={"other": "inside.colour", "least": "inside.least"}
):
    """A class with names that look like two."""

    inside: dict[str, object]
    other: Literal["a", "b"] = "a"
    least: Annotated[int, msgspec.Meta(ge=0)] = 0


@pytest.mark.parametrize(
    ("text", "path", "expected", "got"),
    [
        pytest.param(
            '{"inside":{"colour":"red"},"inside.colour":"c"}',
            "$.inside.colour",
            None,
            "'c'",
            id="literal",
        ),
        pytest.param(
            '{"inside":{"least":5},"inside.least":-1}',
            "$.inside.least",
            "`int` >= 0",
            None,
            id="rule",
        ),
    ],
)
def test_nothing_is_told_of_another_place_with_the_same_name(
    text: str, path: str, expected: str | None, got: str | None
) -> None:
    """Where a name in a class may be taken for two steps."""
    error = refusal(Dotted, text)

    assert (path, expected, got) == (error.path, error.expected, error.got)


def test_what_came_is_not_told_where_the_place_leads_nowhere() -> None:
    """What was wrong was overwritten."""
    error = refusal(Ruled, '{"inside":[{"number":-1}],"inside":5}')

    assert ("$.inside[0].number", None) == (error.path, error.got)


class TaggedRow(msgspec.Struct, tag="row", array_like=True):
    """A Struct that is an array, with one that looks at its values."""

    number: int
    checked: Checked


def test_the_tag_of_an_array_counts_as_an_item() -> None:
    """It is the first."""
    error = refusal(TaggedRow, '["row",1,{"name":"eve"}]')

    assert "$[2]" == error.path


@frozen
class Quoting:
    """A class that says what came."""

    name: str

    def __attrs_post_init__(self) -> None:
        raise ValueError(f"there is no {self.name}")


@pytest.mark.parametrize(
    ("form", "text", "path"),
    [
        pytest.param(Quoting, '{{"name":"{}"}}', "$", id="class"),
        pytest.param(
            Quoting | Join, '{{"type":"Quoting","name":"{}"}}', "$", id="union"
        ),
        pytest.param(list[Quoting], '[{{"name":"{}"}}]', "$[0]", id="inside"),
    ],
)
def test_a_peer_has_no_say_in_the_place(
    form: TypeForm[object], text: str, path: str
) -> None:
    """Though a class may quote what it has sent."""
    error = refusal(form, text.format("room - at `$.admin`"))

    assert (path, "there is no room - at `$.admin`") == (error.path, error.problem)


@pytest.mark.parametrize(
    ("form", "text", "problem", "expected", "got"),
    [
        pytest.param(
            Colour,
            f'"{"x" * 500}"',
            f"Expected one of 'red', 'green', got '{'x' * 59}... (502 characters)",
            "one of 'red', 'green'",
            f"'{'x' * 59}... (502 characters)",
            id="value",
        ),
        pytest.param(
            Literal["a"] | int,
            f'"{"x" * 500}"',
            f"Invalid enum value '{'x' * 380}...",
            None,
            f"'{'x' * 59}... (502 characters)",
            id="value-alone",
        ),
    ],
)
def test_what_came_is_cut_and_counted(
    form: TypeForm[object], text: str, problem: str, expected: str | None, got: str
) -> None:
    """At any length a sentence stays a sentence."""
    error = refusal(form, text)

    assert (problem, expected, got) == (error.problem, error.expected, error.got)


def test_a_long_name_of_a_field_is_cut_and_counted() -> None:
    """Nothing else is said to have come."""
    error = refusal(Join, f'{{"room":"a","{"x" * 500}":1}}', unknown_fields="refuse")

    assert f"field `{'x' * 53}... (508 characters)" == error.got


def test_the_error_of_a_class_is_the_cause() -> None:
    """For whoever looks for the mistake."""
    for form in (Checked, Holder):
        text = '{"name":"eve"}'
        text = text if form is Checked else f'{{"checked":[{text}]}}'

        assert isinstance(refusal(form, text).__cause__, ValueError)


@pytest.mark.parametrize("form", [Broken, Broken | Join])
def test_a_mistake_in_a_class_is_no_mistake_of_the_peer(form: TypeForm[object]) -> None:
    """It comes out as it is."""
    with pytest.raises(OSError, match="a"):
        decode(form, '{"type":"Broken","name":"a"}')


COLOURS: Final = {"red": "#f00"}


def code_of(colour: str) -> str:
    """Look a colour up."""
    return COLOURS[colour]


@frozen
class Looked:
    """A class with a converter that looks something up."""

    colour: str = field(converter=code_of)


@frozen
class Priced:
    """A class with a converter of the standard library."""

    price: object = field(converter=Decimal)


@frozen
class Asserted:
    """A class that asserts."""

    size: int

    def __attrs_post_init__(self) -> None:
        if self.size <= 0:
            raise AssertionError("too small")
        if 100 // (self.size - 5) > 99:
            raise AssertionError


@pytest.mark.parametrize(
    ("form", "text", "path", "problem"),
    [
        pytest.param(
            list[Looked],
            '[{"colour":"red"},{"colour":"grey"}]',
            "$[1]",
            "KeyError: grey",
            id="lookup",
        ),
        pytest.param(
            Priced, '{"price":"dear"}', "$", "InvalidOperation: ", id="Decimal"
        ),
        pytest.param(
            Asserted, '{"size":0}', "$", "AssertionError: too small", id="assert"
        ),
        pytest.param(Asserted, '{"size":6}', "$", "AssertionError", id="bare-assert"),
        pytest.param(
            Asserted | Join,
            '{"type":"Asserted","size":5}',
            "$",
            "ZeroDivisionError: integer division or modulo by zero",
            id="arithmetic",
        ),
    ],
)
def test_what_a_class_does_not_want_is_the_mistake_of_the_peer(
    form: TypeForm[object], text: str, path: str, problem: str
) -> None:
    """Whichever of the usual errors it raises."""
    error = refusal(form, text)

    assert path == error.path
    assert error.problem.startswith(problem)


def test_what_a_peer_sent_is_quoted_in_part_only() -> None:
    """And in one line."""
    long = "x\\n" * 100_000
    errors = [
        refusal(Join | Say, f'{{"type":"{long}"}}'),
        refusal(list[Join | Say], f'[{{"type":"{long}"}}]'),
        refusal(Literal["a"], f'"{long}"'),
        refusal(Join, f'{{"room":"a","{long}":1}}', unknown_fields="refuse"),
    ]

    for error in errors:
        assert len(str(error)) < 1000
        assert str(error).isprintable()
        assert len(error.data) > 100_000


def test_an_extension_type_is_read_where_the_type_asks_for_one() -> None:
    """It is MessagePack's own."""
    extension = msgspec.msgpack.Ext(5, b"abc")
    codec = MsgpackCodec(list[msgspec.msgpack.Ext], list[msgspec.msgpack.Ext])

    assert [extension] == codec.decode(codec.encode([extension]))
    with pytest.raises(ValidationError):
        MsgpackCodec(list[int], None).decode(codec.encode([extension]))


@pytest.mark.parametrize("part", arguments_of(JSON)[:2], ids=["object", "array"])
def test_a_part_of_json_holds_any_json(part: TypeForm[object]) -> None:
    """The name in quotes that is left in it means what it meant in the whole."""
    text = '{"a":[{"b":null}]}' if origin_of(part) is dict else '[{"a":[1,"b"]}]'

    codec = JsonCodec(part, part)

    assert text == codec.encode(codec.decode(text))
