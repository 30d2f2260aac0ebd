"""Types that a codec refuses when it is built, and the sentence that says why."""

import dataclasses
import enum
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import (
    Annotated,
    Final,
    Generic,
    Literal,
    TypedDict,
    TypeVar,
)
from uuid import UUID

import msgspec
import pytest
import typing_extensions
from attrs import define, frozen
from typing_extensions import TypeForm

from tests.codecs.kinds import Box, Colour, Join, Level, Pair, PairOfUnions
from typedws import JsonCodec, MsgpackCodec
from typedws.codecs.forms import subscripted, unwrapped

T = TypeVar("T")


@frozen
class Typed:
    """A class with a field that is called as the tag is."""

    type: str


@frozen
class One:
    """A class that says it is `a`."""

    kind: Literal["a", "one"]


@frozen
class Two:
    """Another class that says so."""

    kind: Literal["two", "a"]


@frozen
class Three:
    """A class that says it by a number."""

    kind: Literal[3]


@frozen
class Holder:
    """A class with something in it that can't be told apart."""

    inside: "list[Typed | Join]"


def another(name: str) -> type[object]:
    """Make a class of the same name."""

    @frozen
    class Another:
        field: int

    Another.__name__ = name
    return Another


class First(TypedDict):
    """A TypedDict that does not say what it is."""

    x: int


class Second(TypedDict):
    """Another one."""

    x: int


class OtherTag(msgspec.Struct, tag_field="kind", tag="other"):
    """A Struct with a tag of another name."""

    x: int


class Empty(enum.Enum):
    """An enum without members."""


class Fractions(enum.Enum):
    """An enum of what is neither text nor int."""

    HALF = 0.5


@define(init=False)
class OwnInit:
    """A class whose `__init__` takes something else than its fields."""

    x: int
    y: int

    def __init__(self, both: int) -> None:
        self.x = self.y = both


@dataclasses.dataclass
class Needy:
    """A dataclass that takes something else, too."""

    x: int
    extra: dataclasses.InitVar[int]


@frozen
class Unresolved:
    """A class with an annotation that names nothing."""

    x: "Nowhere"  # type: ignore[name-defined]  # ty: ignore[unresolved-reference]  # noqa: F821


@frozen
class Growing(Generic[T]):
    """A class that has itself in it, each time with more around its argument."""

    inside: "Growing[list[T]] | None"


# Called so, no type checker looks into them.
KIND: Final = "TypeAliasType"
alias: Callable[[str, object], object] = getattr(typing_extensions, KIND)

Endless = alias("Endless", "dict[str, Endless] | int")
Loop = alias("Loop", "Loop")
There = alias("There", "Back")
Back = alias("Back", "There")
Lost = alias("Lost", "Nowhere | int")
Torn = alias("Torn", "list[")
NoSuchPart = alias("NoSuchPart", "enum.Nothing")


def form_of(form: object) -> TypeForm[object]:
    """Show what is a type form at run time to a type checker as one."""
    # Not as a key: metadata of Annotated need have no hash.
    (shown,) = _shown(form)
    return shown


def _shown(*forms: object) -> tuple[TypeForm[object], ...]:
    return forms  # type: ignore[return-value]  # ty: ignore[invalid-explicit-return]


JOIN: Final = "tests.codecs.kinds.Join"

REFUSED: Final = (
    pytest.param(
        Typed | Join,
        "Typed can't be told apart from Join: the codec would add the field 'type', "
        "but Typed has one that is no Literal; make it a Literal in each of them, or "
        "name another field with tag=",
        id="the-tag-is-a-field",
    ),
    pytest.param(
        Holder,
        "Typed can't be told apart from Join: the codec would add the field 'type', "
        "but Typed has one that is no Literal; make it a Literal in each of them, or "
        "name another field with tag=",
        id="the-tag-is-a-field-deep-inside",
    ),
    pytest.param(
        One | Two,
        "One and Two can't be told apart: both have 'a' in their field 'kind'; give "
        "each a Literal of its own",
        id="the-same-Literal",
    ),
    pytest.param(
        One | Three,
        "One and Three can't be told apart: the field 'kind' is a text in one and a "
        "number in the other; take one of them",
        id="a-text-and-a-number",
    ),
    pytest.param(
        Join | another("Join"),  # ty: ignore[unsupported-operator]
        f"{JOIN} and tests.codecs.test_refusals.Another can't be told apart: both have "
        "the tag 'Join'; give each a field 'type' that is a Literal of its own, or "
        "pass a tag_of that names them differently",
        id="the-same-name",
    ),
    pytest.param(
        Box[int] | Box[str],
        "Box[int] and Box[str] can't be told apart: at run time both are the same "
        "class; make each a class of its own",
        id="the-same-class",
    ),
    pytest.param(
        First | Second,
        "First can't be told apart from Second: at run time they are dicts, which have "
        "no class; give each a field 'type' that is a Literal of its own",
        id="TypedDicts",
    ),
    pytest.param(
        OtherTag | Join,
        "OtherTag can't be told apart from Join: it is tagged by the field 'kind', and "
        "the others are not; name that field with tag=",
        id="a-tag-of-another-name",
    ),
    pytest.param(
        int | str | bytes,
        "str and bytes can't be told apart: in a message both are a string; take one "
        "of them, or put each into a class of its own",
        id="strings",
    ),
    pytest.param(
        Colour | str,
        "Colour and str can't be told apart: in a message both are a string; take one "
        "of them, or put each into a class of its own",
        id="an-enum-and-a-text",
    ),
    pytest.param(
        int | Level,
        "int and Level can't be told apart: in a message both are a number; take one "
        "of them, or put each into a class of its own",
        id="an-enum-and-a-number",
    ),
    pytest.param(
        list[int] | tuple[str, ...],
        "list[int] and tuple[str, ...] can't be told apart: in a message both are an "
        "array; take one of them, or put each into a class of its own",
        id="arrays",
    ),
    pytest.param(
        Pair | PairOfUnions,
        "Pair and PairOfUnions can't be told apart: in a message both are an array; "
        "take one of them, or put each into a class of its own",
        id="NamedTuples",
    ),
    pytest.param(
        Join | dict[str, int],
        "Join and dict[str, int] can't be told apart: in a message both are an object; "
        "take one of them, or put each into a class of its own",
        id="an-object-and-a-dict",
    ),
    pytest.param(
        Join | object,
        "object can't be told apart from Join: it is anything; take it alone, or name "
        "what it may be",
        id="a-class-or-anything",
    ),
    pytest.param(
        list[Annotated[object, "anything"] | int | None],
        "Annotated[object, 'anything'] can't be told apart from int: it is anything; "
        "take it alone, or name what it may be",
        id="anything-or-a-number",
    ),
    pytest.param(
        Join | msgspec.Raw,
        "Raw can't be told apart from Join: it is anything; take it alone, or name "
        "what it may be",
        id="a-class-or-what-is-not-read",
    ),
    pytest.param(
        complex,
        "complex is not a type that a message can hold",
        id="no-type-of-a-message",
    ),
    pytest.param(
        list[deque[int]],
        "deque[int] is not a type that a message can hold",
        id="no-container-of-a-message",
    ),
    pytest.param(
        Callable[[], int] | None,
        "Callable[[], int] is not a type that a message can hold",
        id="a-callable",
    ),
    pytest.param(
        Endless,
        "Endless is an alias that has itself in it, which msgspec can't read; make it "
        "a class",
        id="a-recursive-alias",
    ),
    pytest.param(
        OwnInit,
        "OwnInit can't be built from its fields (x, y): its __init__ says: missing a "
        "required argument: 'both'",
        id="an-init-that-takes-other-arguments",
    ),
    pytest.param(
        Needy,
        "Needy can't be built from its fields (x): its __init__ says: missing a "
        "required argument: 'extra'",
        id="an-InitVar",
    ),
    pytest.param(
        dict[Pair | Join, int],
        "Pair can't be the key of an object in a message; take a text or a number",
        id="an-array-as-a-key",
    ),
    pytest.param(
        dict[tuple[int, int], int],
        "tuple[int, int] can't be the key of an object in a message; take a text or a "
        "number",
        id="a-tuple-as-a-key",
    ),
    pytest.param(
        Lost,
        "name 'Nowhere' is not defined",
        id="an-alias-that-names-nothing",
    ),
    pytest.param(
        Torn,
        "Forward reference must be an expression -- got 'list['",
        id="an-alias-with-bad-syntax",
    ),
    pytest.param(
        NoSuchPart,
        "module 'enum' has no attribute 'Nothing'",
        id="an-alias-that-names-what-a-module-has-not",
    ),
    pytest.param(
        Growing[int],
        "it is nested too deep, or has no end; a class may have itself in it, but not "
        "each time with other arguments",
        id="a-class-without-end",
    ),
    pytest.param(
        form_of(Generic),
        "Generic is not a type that a message can hold",
        id="what-makes-a-class-generic",
    ),
    pytest.param(
        Unresolved,
        "the annotations of Unresolved can't be read: name 'Nowhere' is not defined",
        id="an-annotation-that-names-nothing",
    ),
    pytest.param(
        Empty,
        "Enum types must have at least one item, {} is invalid",
        id="an-enum-without-members",
    ),
    pytest.param(
        Fractions,
        "Enums must contain either all str or all int values - type "
        "`<enum 'Fractions'>` is not supported",
        id="an-enum-of-floats",
    ),
)


@pytest.mark.parametrize(("form", "reason"), REFUSED)
@pytest.mark.parametrize("codec", [JsonCodec, MsgpackCodec])
def test_what_can_not_be_told_or_read_is_refused_at_once(
    codec: type[JsonCodec[object, object]], form: TypeForm[object], reason: str
) -> None:
    """With the members, the reason, and what to do."""
    with pytest.raises(TypeError) as caught:
        codec(form, None)

    assert str(caught.value).startswith(f"{codec.__name__} can't take ")
    assert str(caught.value).endswith(f": {reason}")


@pytest.mark.parametrize("codec", [JsonCodec, MsgpackCodec])
def test_what_goes_out_is_looked_at_too(codec: type[JsonCodec[object, object]]) -> None:
    """What can't be told apart could not be read by a peer."""
    with pytest.raises(
        TypeError, match=r"can't take Typed \| Join: Typed can't be told"
    ):
        codec(None, Typed | Join)


@pytest.mark.parametrize("key", [bool, None, str | None, Annotated[bool, "a"]], ids=str)
def test_a_key_of_json_is_a_text(key: object) -> None:
    """No text is read as a bool or as None, whatever MessagePack does."""
    form = form_of(subscripted(dict, (key, int)))
    with pytest.raises(TypeError, match="can't be the key of an object"):
        JsonCodec(form, None)
    with pytest.raises(TypeError, match="can't be the key of an object"):
        JsonCodec(None, form)

    assert {True: 1} == MsgpackCodec(dict[bool, int], None).decode(b"\x81\xc3\x01")


@pytest.mark.parametrize(
    ("key", "names"),
    [
        pytest.param(int | str, "int and str", id="numbers-and-texts"),
        pytest.param(Literal[1, "1"], "int and str", id="literals"),
        pytest.param(Literal["a"] | Colour, "str and Colour", id="enum"),
        pytest.param(float | Decimal, "float and Decimal", id="two-numbers"),
    ],
)
def test_keys_of_json_that_are_one_text_can_not_be_told_apart(
    key: object, names: str
) -> None:
    """One would come back as the other, or two as one."""
    form = form_of(subscripted(dict, (key, int)))
    with pytest.raises(
        TypeError,
        match=f"{names} can't be told apart: as the key of an object each is a text; "
        "take one of them",
    ):
        JsonCodec(form, None)


def test_keys_of_json_that_are_told_apart_are_taken() -> None:
    """They are of one type."""
    form = dict[Literal["a", "b"], dict[Colour, int]]
    codec = JsonCodec(form, form)

    assert {"b": {Colour.RED: 1}} == codec.decode(codec.encode({"b": {Colour.RED: 1}}))


@pytest.mark.parametrize(
    "key", [int | UUID, Decimal | None, Literal[1] | UUID, bool | Decimal], ids=str
)
def test_what_is_read_as_a_text_is_the_only_key_of_messagepack(key: object) -> None:
    """So that the codec can look at the hashes before there is a dict."""
    form = form_of(subscripted(dict, (key, int)))
    with pytest.raises(TypeError, match="can't be the key of a map in a message"):
        MsgpackCodec(form, None)


@pytest.mark.parametrize("codec", [JsonCodec, MsgpackCodec])
@pytest.mark.parametrize(
    "key", [bytearray, memoryview, msgspec.Raw, msgspec.UnsetType], ids=str
)
def test_what_has_no_text_or_no_hash_is_no_key(
    codec: type[JsonCodec[object, object]], key: object
) -> None:
    """Of an object in either format."""
    form = form_of(subscripted(dict, (key, int)))
    with pytest.raises(TypeError, match="can't be the key of an object"):
        codec(form, None)


class Mutable(msgspec.Struct):
    """A Struct without a hash."""

    x: int


class ByIdentity(msgspec.Struct, eq=False):
    """A Struct that is what it is."""

    x: int


@pytest.mark.parametrize("codec", [JsonCodec, MsgpackCodec])
@pytest.mark.parametrize(
    ("item", "name"),
    [
        pytest.param(list[int], r"list\[int\]", id="list"),
        pytest.param(set, "set", id="set"),
        pytest.param(OwnInit | None, "OwnInit", id="attrs"),
        pytest.param(Mutable, "Mutable", id="Struct"),
        pytest.param(Annotated[dict[str, int], "a"], r".*", id="dict"),
    ],
)
def test_what_has_no_hash_is_no_item_of_a_set(
    codec: type[JsonCodec[object, object]], item: object, name: str
) -> None:
    """No such set could ever be made."""
    form = form_of(subscripted(frozenset, (item,)))
    with pytest.raises(
        TypeError, match=f"{name} can't be in a set, since it has no hash; take a list"
    ):
        codec(form, None)


def test_what_has_a_hash_is() -> None:
    """A frozen class, or one whose instances are what they are."""
    form = frozenset[ByIdentity | Colour | tuple[int, frozenset[str]]]

    assert frozenset() == JsonCodec(form, None).decode("[]")


def test_an_extension_of_messagepack_is_none_of_json() -> None:
    """There is no way to write it."""
    with pytest.raises(TypeError, match="Ext is not a type that a message can hold"):
        JsonCodec(msgspec.msgpack.Ext | None, None)

    assert MsgpackCodec(msgspec.msgpack.Ext | None, None).decode(b"\xc0") is None


def test_what_only_goes_out_need_not_be_built() -> None:
    """So its `__init__` may take whatever it likes."""
    assert '{"x":1,"y":1}' == JsonCodec(None, OwnInit).encode(OwnInit(1))
    assert '{"x":1}' == JsonCodec(None, Needy).encode(Needy(1, 2))


def test_an_alias_that_stands_for_another_that_stands_for_it_has_no_end() -> None:
    """It is refused, and not followed for ever."""
    with pytest.raises(TypeError, match=r"^There stands for itself$"):
        unwrapped(There)
    with pytest.raises(TypeError, match="has itself in it"):
        JsonCodec(form_of(There), None)
    with pytest.raises(TypeError, match="Loop is not a type that a message can hold"):
        JsonCodec(form_of(Loop), None)
