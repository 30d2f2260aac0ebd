"""`PydanticCodec`: pydantic's models, with the errors and the strictness of typedws."""

import enum
import math
import subprocess
import sys
import time
from collections.abc import Sized
from dataclasses import dataclass
from typing import Annotated, Final, Generic, Literal, TypeVar

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AliasPath,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    RootModel,
    Tag,
    field_serializer,
    field_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType, TypeForm, override

from typedws import DecodeError, EncodeError, ValidationError
from typedws.codecs.pydantic import PydanticCodec

ItemT = TypeVar("ItemT")


class Colour(enum.Enum):
    """One of a few texts."""

    RED = "red"
    GREEN = "green"


class Join(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model."""

    kind: Literal["join"] = "join"
    room: str = Field(alias="roomName")


class Say(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model with a list, and one that looks at its values."""

    kind: Literal["say"] = "say"
    words: list[str] = []
    volume: float = 1.0
    tone: Literal["calm", "loud", "shrill"] = "calm"
    colour: Colour = Colour.RED

    @field_validator("volume")
    @classmethod
    def at_most_ten(cls, volume: float) -> float:
        """Refuse what is too loud."""
        if volume > 10:
            raise ValueError("too loud\n")
        return volume


class Batch(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model with a union in it."""

    messages: list[Annotated[Join | Say, Field(discriminator="kind")]]


class Room(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model that has a field of another one."""

    room: str = "a"


class SmallRoom(Room):  # type: ignore[explicit-any]  # pydantic's own
    """A model derived from it, with more."""

    seats: int = 2


class SecretRoom(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model that has its fields by chance, and nothing to do with it."""

    room: str = "a"
    password: str = "b"


class Rooms(RootModel[list[str]]):  # type: ignore[explicit-any]  # pydantic's own
    """A model that is a list."""


AnnotatedOrNone = Annotated[Room, "one"] | None
MaybeRoom = TypeAliasType("MaybeRoom", Room | None)


@pydantic_dataclass
class Place:
    """A dataclass of pydantic."""

    room: str = "a"


@dataclass
class Point(Generic[ItemT]):
    """A dataclass that is generic."""

    room: ItemT


@dataclass
class Corner(Point[str]):
    """One derived from it."""

    seats: int = 2


class Noted(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model with something else in it, which may be null."""

    note: str | None = None


class Reading(Noted):  # type: ignore[explicit-any]  # pydantic's own
    """One that says nothing of NaN, and so writes it as null."""

    value: object = 1.0
    values: list[float] = []


class ConstantReading(Noted):  # type: ignore[explicit-any]  # pydantic's own
    """One that writes it as it is, which is no JSON."""

    model_config = ConfigDict(ser_json_inf_nan="constants")

    value: float = 1.0


def nested(value: object) -> object:
    """Put a value into lists, nearly as deep as pydantic goes."""
    for _ in range(250):
        value = [value]
    return value


class TextReading(Noted):  # type: ignore[explicit-any]  # pydantic's own
    """One that writes it as a text."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    value: float = 1.0
    values: list[float] = []
    reading: Reading | None = None
    constant: ConstantReading | None = None


class KnownReading(Noted):  # type: ignore[explicit-any]  # pydantic's own
    """One with serializers that write null for what is no number."""

    value: float = 1.0
    json_value: float = 1.0

    @field_serializer("value")
    def known(self, value: float) -> float | None:
        """Do so in Python, too."""
        return value if math.isfinite(value) else None

    @field_serializer("json_value", when_used="json")
    def known_in_json(self, value: float) -> float | None:
        """Do so in JSON alone."""
        return value if math.isfinite(value) else None


class SpelledReading(Noted):  # type: ignore[explicit-any]  # pydantic's own
    """One with serializers of its own, for JSON alone."""

    value: float = 1.0
    values: list[float] = []

    @field_serializer("value", when_used="json")
    def spelled(self, value: float) -> list[str | None]:
        """Say which number it is, and in which unit, if it has one."""
        return [str(value), "m" if math.isfinite(value) else None]

    @field_serializer("values", when_used="json")
    def finite(self, values: list[float]) -> list[float]:
        """Leave out what is no number."""
        return [value for value in values if math.isfinite(value)]


class Text(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model whose tag is the name of one of its fields."""

    kind: Literal["text"]
    text: object
    size: int


class Reply(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """Another one, with a message in that field."""

    kind: Literal["reply"]
    reply: "Annotated[Text | Reply, Field(discriminator='kind')] | None" = None
    size: int
    counts: dict[int, int] = {}


class FlatName(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model whose field is in another object of the message."""

    name: str = Field(validation_alias=AliasPath("user", "name"))


class FlatItem(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """One whose field is in an array of the message."""

    first: int = Field(validation_alias=AliasPath("items", 0))


class Nod(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model whose tag has an alias."""

    kind: Literal["nod"] = Field(alias="Kind")


class Shake(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """Another one."""

    kind: Literal["shake"] = Field(alias="Kind")


class Twofold(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """A model that sees other values than those that came."""

    number: int = 1
    numbers: Annotated[list[int], Field(max_length=1)] = []

    @field_validator("number", mode="before")
    @classmethod
    def in_a_class(cls, number: object) -> object:
        """Put it into a class of its own."""
        return Number(5) if number == "five" else number

    @field_validator("numbers", mode="before")
    @classmethod
    def twice(cls, numbers: list[int]) -> list[int]:
        """Have each of them twice."""
        return numbers * 2


def length_of(value: object) -> str:
    """Tell models apart by how many fields come, as a discriminator."""
    return str(len(value)) if isinstance(value, Sized) else "none"


HASHED: Final[list[int]] = []


@frozen(eq=False)
class Number:
    """What tells when it is put into a set."""

    number: int

    @override
    def __hash__(self) -> int:
        HASHED.append(self.number)
        return 1


Counted = Annotated[Number, PlainValidator(Number)]
Letter = Annotated[
    Annotated[Text, Tag("3")] | Annotated[Reply, Tag("4")], Discriminator(length_of)
]
Message = Annotated[Join | Say, Field(discriminator="kind")]

codec: Final = PydanticCodec(Message, Message)


@settings(max_examples=50, deadline=None)
@given(
    st.builds(Join, roomName=st.text(st.characters(exclude_categories=["Cs"])))
    | st.builds(Say, words=st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
)
def test_what_was_written_is_read_back(message: Join | Say) -> None:
    """In text and in binary messages."""
    for mode in ("text", "binary"):
        its_codec = PydanticCodec(Message, Message, mode=mode)
        data = its_codec.encode(message)

        assert isinstance(data, str if mode == "text" else bytes)
        assert message == its_codec.decode(data)


def test_names_are_those_of_the_aliases() -> None:
    """Both ways, so that what was written can be read."""
    assert '{"kind":"join","roomName":"a"}' == codec.encode(Join(roomName="a"))


def test_how_strict_it_is_the_models_say_or_the_codec() -> None:
    """Pydantic itself takes a text for an int."""
    assert 1 == PydanticCodec(int, int).decode('"1"')
    with pytest.raises(ValidationError):
        PydanticCodec(int, int, strict=True).decode('"1"')


def test_it_is_shown_with_its_types() -> None:
    """As they were written."""
    assert "PydanticCodec(Join | Say, Say)" == repr(PydanticCodec(Join | Say, Say))


def test_the_mode_is_one_of_two() -> None:
    """The error names them."""
    with pytest.raises(
        ValueError, match=r"^the mode is 'text' or 'binary', not 'xml'$"
    ):
        PydanticCodec(int, int, mode="xml")  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize(
    ("text", "path", "problem", "expected", "got"),
    [
        pytest.param(
            '{"kind":"say","words":["a",5]}',
            "$.words[1]",
            "Input should be a valid string",
            "a valid string",
            "`int`",
            id="field",
        ),
        pytest.param(
            '{"kind":"join"}', "$.roomName", "Field required", None, None, id="missing"
        ),
        pytest.param(
            '{"kind":"go"}',
            "$.kind",
            "Input tag 'go' found using 'kind' does not match any of the expected "
            "tags: 'join', 'say'",
            "one of 'join', 'say'",
            "'go'",
            id="unknown-tag",
        ),
        pytest.param(
            '{"kind":"say","tone":"harsh"}',
            "$.tone",
            "Input should be 'calm', 'loud' or 'shrill'",
            "'calm', 'loud' or 'shrill'",
            "`str`",
            id="literal",
        ),
        pytest.param(
            '{"kind":"say","colour":"blue"}',
            "$.colour",
            "Input should be 'red' or 'green'",
            "'red' or 'green'",
            "`str`",
            id="enum",
        ),
        pytest.param(
            '{"kind":"say","volume":11}',
            "$.volume",
            r"Value error, too loud\n",
            None,
            "`int`",
            id="validator",
        ),
        pytest.param(
            '{"kind":"say","volume":"x","words":[1,2,3,4,5]}',
            "$.words[0]",
            "Input should be a valid string (also $.words[1]: Input should be a valid "
            "string; $.words[2]: Input should be a valid string; $.words[3]: Input "
            "should be a valid string; $.words[4]: Input should be a valid string; "
            "1 more)",
            "a valid string",
            "`int`",
            id="several",
        ),
    ],
)
def test_an_error_says_where_what_was_expected_and_what_came(
    text: str, path: str, problem: str, expected: str | None, got: str | None
) -> None:
    """The place is that in the document, without pydantic's names for types."""
    with pytest.raises(ValidationError) as caught:
        codec.decode(text)
    error = caught.value

    assert (path, problem, expected, got, text) == (
        error.path,
        error.problem,
        error.expected,
        error.got,
        error.data,
    )


def test_a_place_deep_inside_is_that_in_the_document() -> None:
    """An index is there, or it is a name of pydantic's."""
    batches = PydanticCodec(Batch | list[int], Batch)
    with pytest.raises(ValidationError) as caught:
        batches.decode('{"messages":[{"kind":"say"},{"kind":"join"}]}')

    assert "$.messages[1].roomName" == caught.value.path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param(
            '{"kind":"text","text":"a","size":"b"}', "$.size", id="beside-a-text"
        ),
        pytest.param(
            '{"kind":"text","text":{"size":"a"},"size":"b"}',
            "$.size",
            id="beside-an-object",
        ),
        pytest.param(
            '{"kind":"text","text":["a"],"size":[]}', "$.size", id="beside-an-array"
        ),
        pytest.param('{"kind":"text","text":"a"}', "$.size", id="missing"),
        pytest.param(
            '{"kind":"text","text":{}}', "$.size", id="missing-beside-an-object"
        ),
        pytest.param(
            '{"kind":"reply","size":1,"reply":{"kind":"reply"}}',
            "$.reply.size",
            id="missing-inside",
        ),
        pytest.param(
            '{"kind":"reply","reply":{"kind":"reply","reply":{"kind":"reply"}}}',
            "$.reply.reply.size",
            id="missing-everywhere",
        ),
        pytest.param(
            '{"kind":"reply","size":1,"reply":{"kind":"reply","size":"a"}}',
            "$.reply.size",
            id="inside",
        ),
        pytest.param(
            '{"kind":"reply","size":1,"reply":{"kind":"a"}}',
            "$.reply.kind",
            id="unknown-tag-inside",
        ),
        pytest.param(
            '{"kind":"reply","size":1,"counts":{"a":1}}', "$.counts.a", id="bad-key"
        ),
    ],
)
def test_a_tag_may_be_the_name_of_a_field(text: str, path: str) -> None:
    """In pydantic's words for a place it looks the same."""
    letters = PydanticCodec(Annotated[Text | Reply, Field(discriminator="kind")], None)
    with pytest.raises(ValidationError) as caught:
        letters.decode(text)

    assert path == caught.value.path


def test_each_of_several_problems_has_its_own_place() -> None:
    """Though the objects that they are in, or the values, are alike."""
    letters = PydanticCodec(Annotated[Text | Reply, Field(discriminator="kind")], None)
    with pytest.raises(ValidationError) as lacking:
        letters.decode('{"kind":"reply","reply":{"kind":"reply","reply":null}}')
    with pytest.raises(ValidationError) as wrong:
        letters.decode('{"kind":"reply","reply":{"kind":"reply","size":[]},"size":[]}')

    assert "$.reply.size" == lacking.value.path == wrong.value.path
    assert "Field required (also $.size: Field required)" == lacking.value.problem
    assert "(also $.size: Input should" in wrong.value.problem


@pytest.mark.parametrize(
    ("form", "text", "path"),
    [
        pytest.param(FlatName, '{"user":{}}', "$.user.name", id="path-of-names"),
        pytest.param(FlatName, '{"user":{"name":5}}', "$.user.name", id="wrong"),
        pytest.param(FlatItem, '{"items":[]}', "$.items[0]", id="path-to-an-item"),
        pytest.param(Nod, "{}", "$.Kind", id="alias"),
        pytest.param(list[int], '[1,"a"]', "$[1]", id="item"),
        pytest.param(list[int], "5", "$", id="whole"),
        pytest.param(Twofold, '{"number":"five"}', "$.number", id="another-class"),
        pytest.param(Twofold, '{"numbers":[1]}', "$.numbers", id="another-length"),
        pytest.param(
            Annotated[Nod | Shake, Field(discriminator="kind")],
            '{"Kind":"a"}',
            "$.Kind",
            id="alias-of-the-tag",
        ),
    ],
)
def test_a_place_is_written_with_the_names_in_the_message(
    form: TypeForm[object], text: str, path: str
) -> None:
    """Be they aliases, or paths of them."""
    with pytest.raises(ValidationError) as caught:
        PydanticCodec(form, None).decode(text)

    assert path == caught.value.path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param('[{"length()":"a"}]', "$[0]", id="unknown"),
        pytest.param(
            '[{"kind":"text","text":"a","size":"b"}]', "$[0].size", id="known"
        ),
    ],
)
def test_a_function_that_finds_the_tag_is_no_place(text: str, path: str) -> None:
    """The tag may be anywhere."""
    letters = PydanticCodec(list[Letter], None)
    with pytest.raises(ValidationError) as caught:
        letters.decode(text)

    assert path == caught.value.path


def test_a_place_may_be_deep_inside() -> None:
    """Where the tag of each object that it is in is the name of its field."""
    letters = PydanticCodec(Annotated[Text | Reply, Field(discriminator="kind")], None)
    begin = '{"size":1,"kind":"reply","reply":' * 50
    with pytest.raises(ValidationError) as caught:
        letters.decode(f'{begin}{{"kind":"a"}}{"}" * 50}')

    assert "$" + ".reply" * 50 + ".kind" == caught.value.path


@pytest.mark.parametrize(
    "innermost", ['{"kind":"a"}', '{"kind":"reply","size":[' + "{}," * 100_000 + "1]}"]
)
def test_a_place_is_found_in_bounded_time(innermost: str) -> None:
    """Though there are many ways to it, and all that is on them looks alike."""
    letters = PydanticCodec(Annotated[Text | Reply, Field(discriminator="kind")], None)
    begin = '{"size":"a","kind":"reply","reply":' * 90
    start = time.process_time()
    with pytest.raises(ValidationError) as caught:
        letters.decode(begin + innermost + "}" * 90)

    assert time.process_time() - start < 2
    assert caught.value.path.startswith("$.reply.reply")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("{", "Invalid JSON: EOF while parsing an object", id="truncated"),
        pytest.param("x", "Invalid JSON: expected value", id="no-JSON"),
        pytest.param("[" * 1_000_000, "Invalid JSON: recursion limit", id="deep"),
        pytest.param('"\ud800"', "Input should be a valid string", id="surrogate"),
        pytest.param('"\\ud800"', "Invalid JSON", id="escaped-surrogate"),
    ],
)
def test_what_is_not_json_is_a_decode_error(text: str, problem: str) -> None:
    """And no `ValidationError`."""
    with pytest.raises(DecodeError) as caught:
        codec.decode(text)

    assert type(caught.value) is DecodeError
    assert caught.value.problem.startswith(problem)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_json(number: str) -> None:
    """Though pydantic reads it; in a text it may stand."""
    with pytest.raises(DecodeError):
        codec.decode(f'{{"kind":"say","volume":{number}}}')
    with pytest.raises(DecodeError):
        PydanticCodec(float, float, mode="binary").decode(number.encode())
    with pytest.raises(DecodeError) as caught:
        PydanticCodec(list[float | str], None).decode(f"[{number}, {{}}]")

    assert "$" in caught.value.path
    assert Say(words=[number]) == codec.decode(f'{{"kind":"say","words":["{number}"]}}')


@pytest.mark.parametrize(
    "number",
    [
        *("1e999", "-1E+309", "1.5e+00400", "1" * 400, "1" * 250 + ".0e99"),
        *("1" * 310 + ".5", "0.0001e400"),
    ],
)
def test_a_number_that_is_too_large_for_a_float_is_refused(number: str) -> None:
    """Pydantic reads it as an infinity, which could not be sent again."""
    for mode in ("text", "binary"):
        floats = PydanticCodec(list[float], None, mode=mode)
        text = f"[1, {number}]"
        with pytest.raises(DecodeError) as caught:
            floats.decode(text if mode == "text" else text.encode())

        assert "Number out of range" == caught.value.problem


@pytest.mark.parametrize(
    "number", ["1e308", "1e-999", "1" * 300, "1" * 210 + "e50", "0." + "1" * 400]
)
def test_a_number_that_is_large_is_read(number: str) -> None:
    """As Python reads it."""
    assert float(number) == PydanticCodec(float, None).decode(number)


def test_a_long_int_is_no_float() -> None:
    """It has as many digits as Python reads."""
    assert 10**4000 == PydanticCodec(int, None).decode("1" + "0" * 4000)


def test_a_set_with_a_bound_ends_at_the_item_that_is_one_too_many() -> None:
    """So a peer can't have it filled with values of one hash, one after the other."""
    few = PydanticCodec(Annotated[set[Counted], Field(max_length=3)], None)
    before = len(HASHED)
    with pytest.raises(ValidationError, match="at most 3 items"):
        few.decode(str(list(range(1000))))

    assert [0, 1, 2, 3] == HASHED[before:]


def test_a_message_of_the_other_kind_is_a_decode_error() -> None:
    """It says which kind is spoken."""
    with pytest.raises(DecodeError) as caught:
        codec.decode(b"{}")

    assert (
        "PydanticCodec speaks text messages here, and a binary message came"
    ) == caught.value.problem


def test_a_great_many_problems_are_counted_only() -> None:
    """To list them all would take longer than to send them."""
    with pytest.raises(ValidationError) as caught:
        PydanticCodec(list[int], None).decode("[" + '"x",' * 100_000 + "1]")

    assert "The message can't be decoded, at $: 100000 fields do not fit" == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("value", "path", "problem"),
    [
        pytest.param(5, "$", "int is not Join or Say", id="another-class"),
        pytest.param(Say(words=["\ud800"]), "$", "Error serializing", id="surrogate"),
        pytest.param(
            Say.model_construct(volume=math.nan),
            "$['volume']",
            "NaN and infinities are no JSON numbers (RFC 8259)",
            id="NaN",
        ),
    ],
)
def test_a_value_that_has_no_form_is_refused(
    value: Say, path: str, problem: str
) -> None:
    """As far as pydantic looks."""
    with pytest.raises(EncodeError) as caught:
        codec.encode(value)

    assert problem in caught.value.problem
    assert path == caught.value.path


def test_a_model_derived_from_one_is_one() -> None:
    """It is written as pydantic writes it."""

    class LoudSay(Say):  # type: ignore[explicit-any]  # pydantic's own
        """A model with more."""

    assert codec.encode(Say()) == codec.encode(LoudSay())


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        pytest.param(Room, "SecretRoom is not Room", id="model"),
        pytest.param(Room | None, "SecretRoom is not Room or None", id="or-None"),
        pytest.param(
            AnnotatedOrNone,
            "SecretRoom is not Room or None",
            id="annotated-or-None",
        ),
        pytest.param(
            Annotated[Room | None, "one"],
            "SecretRoom is not Room or None",
            id="annotated",
        ),
        pytest.param(
            MaybeRoom,
            "SecretRoom is not Room or None",
            id="alias",
        ),
        pytest.param(Rooms | None, "SecretRoom is not Rooms or None", id="root-model"),
        pytest.param(Place, "SecretRoom is not Place", id="dataclass-of-pydantic"),
        pytest.param(
            Place | None, "SecretRoom is not Place or None", id="dataclass-or-None"
        ),
        pytest.param(
            Room | Place, "SecretRoom is not Room or Place", id="model-or-dataclass"
        ),
        pytest.param(Point[str], "SecretRoom is not Point", id="generic-dataclass"),
        pytest.param(Room | int, "Expected `Room`", id="model-or-int"),
        pytest.param(Room | int | None, "Expected `Room`", id="model-int-or-None"),
    ],
)
def test_a_value_of_another_class_is_not_sent(
    form: TypeForm[object], problem: str
) -> None:
    """Though pydantic would write those of its fields that have the right names."""
    with pytest.raises(EncodeError) as caught:
        PydanticCodec(None, form).encode(SecretRoom())

    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("form", "value"),
    [
        pytest.param(Place, Corner("a"), id="dataclass"),
        pytest.param(Place | None, Corner("a"), id="dataclass-or-None"),
        pytest.param(Room | None, Place(), id="model-or-None"),
        pytest.param(Point[str] | None, Place(), id="generic-dataclass-or-None"),
    ],
)
def test_a_dataclass_with_the_same_fields_is_another_class(
    form: TypeForm[object], value: object
) -> None:
    """And a dataclass is no model."""
    with pytest.raises(EncodeError, match=f"{type(value).__name__} is not "):
        PydanticCodec(None, form).encode(value)


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        pytest.param(Room | None, None, "null", id="None"),
        pytest.param(Room | None, Room(), '{"room":"a"}', id="model"),
        pytest.param(Room | None, SmallRoom(), '{"room":"a"}', id="derived-model"),
        pytest.param(Rooms | None, Rooms(["a"]), '["a"]', id="root-model"),
        pytest.param(Place | None, Place(), '{"room":"a"}', id="dataclass"),
        pytest.param(Room | Place, Place(), '{"room":"a"}', id="dataclass-or-model"),
        pytest.param(Point[str], Point("a"), '{"room":"a"}', id="generic"),
        pytest.param(Point[str], Corner("a"), '{"room":"a"}', id="derived-dataclass"),
        pytest.param(Room | int, 5, "5", id="model-or-int"),
    ],
)
def test_a_value_of_one_of_the_classes_is_sent(
    form: TypeForm[object], value: object, text: str
) -> None:
    """Of what a derived class has more, nothing is."""
    assert text == PydanticCodec(None, form).encode(value)


def test_a_field_of_a_model_that_may_be_none_is_looked_at() -> None:
    """By pydantic's warnings, as it is in a union."""
    wrong = Room.model_construct(room=5)
    with pytest.raises(EncodeError, match="Expected `str`"):
        PydanticCodec(None, Room | None).encode(wrong)


def test_what_is_no_model_is_looked_at_by_pydantic() -> None:
    """By its warnings, which are made errors."""
    with pytest.raises(EncodeError, match="Expected `int`"):
        PydanticCodec(None, list[int]).encode(["a"])  # type: ignore[list-item]  # ty: ignore[invalid-argument-type]


def test_null_is_not_taken_for_nan() -> None:
    """It only asks for a second look."""
    assert "null" == PydanticCodec(None, float | None).encode(None)


@pytest.mark.parametrize("note", [None, "null", "NaN, Infinity", "a"])
@pytest.mark.parametrize(
    ("value", "path"),
    [
        pytest.param(Reading(value=math.nan), "$['value']", id="null"),
        pytest.param(
            Reading(value=[1.0, {"a": -math.inf}]), "$['value'][1]['a']", id="object"
        ),
        pytest.param(Reading(value={2.0, math.nan}), "$['value'][", id="set"),
        pytest.param(Reading(value=nested(math.nan)), "$['value'][0][0]", id="deepest"),
        pytest.param(ConstantReading(value=math.nan), "$['value']", id="constant"),
        pytest.param(ConstantReading(value=math.inf), "$['value']", id="infinity"),
        pytest.param(
            TextReading(value=math.nan, reading=Reading(values=[1.0, math.nan])),
            "$['reading']['values'][1]",
            id="null-beside-a-text",
        ),
        pytest.param(
            TextReading(values=[math.nan], constant=ConstantReading(value=math.inf)),
            "$['constant']['value']",
            id="constant-beside-a-text",
        ),
    ],
)
def test_what_is_no_number_is_refused(
    value: Noted, path: str, note: str | None
) -> None:
    """Be it null or a constant that is written, and whatever stands beside it."""
    value.note = note
    with pytest.raises(EncodeError) as caught:
        PydanticCodec(None, type(value)).encode(value)

    assert caught.value.path.startswith(path)
    assert "NaN and infinities are no JSON numbers (RFC 8259)" == caught.value.problem


@pytest.mark.parametrize("note", [None, "null", "NaN, Infinity", "a"])
@pytest.mark.parametrize(
    ("value", "part"),
    [
        pytest.param(TextReading(value=math.nan), '"value":"NaN"', id="NaN"),
        pytest.param(TextReading(value=-math.inf), '"value":"-Infinity"', id="inf"),
        pytest.param(
            TextReading(values=[1.0, math.inf]), '"values":[1.0,"Infinity"]', id="list"
        ),
    ],
)
def test_a_model_may_ask_for_texts_in_place_of_what_is_no_number(
    value: TextReading, part: str, note: str | None
) -> None:
    """They are JSON, and sent whatever stands beside them; the model reads them."""
    value.note = note
    texts = PydanticCodec(TextReading, TextReading)
    written = texts.encode(value)

    assert part in str(written)
    assert written == texts.encode(texts.decode(written))


def test_a_serializer_may_write_something_else_for_what_is_no_number() -> None:
    """Of any shape: it is not taken for null, whatever stands beside it."""
    value = SpelledReading(value=math.nan, values=[math.inf, 2.0])

    assert ('{"note":null,"value":["nan",null],"values":[2.0]}') == PydanticCodec(
        None, SpelledReading
    ).encode(value)


def test_a_serializer_may_write_null_for_what_is_no_number() -> None:
    """But one for JSON alone may not: it can't be told from pydantic's own null."""
    known = PydanticCodec(None, KnownReading)

    assert ('{"note":null,"value":null,"json_value":1.0}') == known.encode(
        KnownReading(value=math.nan)
    )

    with pytest.raises(EncodeError):
        known.encode(KnownReading(json_value=math.nan))


def test_in_a_union_what_is_no_number_is_refused() -> None:
    """There pydantic writes null, and texts that a model asks for are none."""
    several = PydanticCodec(None, TextReading | Reading)
    with pytest.raises(EncodeError, match="at \\$\\['value'\\]: NaN"):
        several.encode(TextReading(value=math.nan))


def test_a_second_look_says_nothing_of_its_own() -> None:
    """Of a model that nobody has looked at, a warning would be in the log."""
    message = Say.model_construct(volume=None, words="many")

    assert "null" in str(codec.encode(message))


def test_nothing_but_its_own_module_imports_pydantic() -> None:
    """It is an extra."""
    program = "import sys, typedws; sys.exit('pydantic' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", program], check=False).returncode
