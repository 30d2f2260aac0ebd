"""
Every kind of type that a codec takes, with examples: for the round trips.

The classes stand at the top of a module, since some of them have themselves in them.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import (
    Annotated,
    Final,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Required,
    TypedDict,
    TypeVar,
)
from uuid import UUID

import msgspec
from attrs import Factory, define, field, frozen
from hypothesis import strategies as st
from typing_extensions import ReadOnly, TypeAliasType, TypeForm

from typedws import JSON

T = TypeVar("T")
ValueT = TypeVar("ValueT")

texts: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ints: Final = st.integers(-(2**63), 2**64 - 1)
numbers: Final = st.floats(allow_nan=False, allow_infinity=False)
zones: Final = st.integers(-12 * 60, 14 * 60).map(
    lambda minutes: dt.timezone(dt.timedelta(minutes=minutes))
)
# A MessagePack timestamp is in UTC: near the ends of the calendar it would fall off.
first: Final = dt.datetime(2, 1, 1)  # noqa: DTZ001 - Hypothesis adds the time zone
last: Final = dt.datetime(9998, 12, 31)  # noqa: DTZ001 - Hypothesis adds the time zone
moments: Final = st.datetimes(first, last) | st.datetimes(first, last, timezones=zones)
times_of_day: Final = st.times() | st.times(timezones=zones)


# --- attrs ---------------------------------------------------------------------------


@frozen
class Join:
    """A class with one field."""

    room: str


@frozen
class Say:
    """A class with defaults."""

    text: str
    loud: bool = False
    tags: list[str] = field(factory=list[str])


@frozen
class Ping:
    """A class with no field at all."""


@define(slots=False)
class Loose:
    """A class whose instances have a __dict__."""

    text: str
    count: int = 0


@define(kw_only=True)
class Keyword:
    """A class whose arguments have names."""

    text: str
    count: int = 0


@define
class Private:
    """A class with a private field, and one that is no argument."""

    _secret: int
    count: int = field(default=7, init=False)
    _cache: dict[str, int] = field(factory=dict[str, int], init=False, eq=False)


def lowered(text: str) -> str:
    """Make a text small."""
    return text.lower()


def twice_the_name(self: "Converted") -> str:
    """Make a default of the rest."""
    return self.name * 2


@frozen
class Converted:
    """A class that converts, and has a default that depends on the rest."""

    name: str = field(converter=lowered)
    twice: str = field(default=Factory(twice_the_name, takes_self=True))


@frozen(cache_hash=True)
class Hashed:
    """A class that keeps its hash."""

    number: int


@frozen
class Start:
    """A class that names itself."""

    op: Literal["start"] = "start"
    at: int = 0


@frozen
class Stop:
    """A class that has two names, and does not let them be chosen."""

    op: Literal["stop", "halt"]
    why: str = ""


@frozen
class Up:
    """A class with a field that is the same in another, before the one that tells."""

    version: Literal[1]
    op: Literal["up"]


@frozen
class Down:
    """The other one."""

    version: Literal[1]
    op: Literal["down"]


@frozen
class Fixed:
    """A class whose name is no argument."""

    why: str
    op: Literal["fixed"] = field(default="fixed", init=False)


@frozen
class Box(Generic[T]):
    """A generic class."""

    content: T
    others: list[T] = field(factory=list[T])


@frozen
class IntBox(Box[int]):
    """A class derived from a generic one."""

    label: str = ""


BoundedT = TypeVar("BoundedT", bound=Join | Say)


@frozen
class Bounded(Generic[BoundedT]):
    """A generic class with a bound."""

    content: BoundedT


@frozen
class Tree:
    """A class with itself in it, and a union at every turn."""

    leaf: "Join | Say | None" = None
    left: "Tree | None" = None
    more: "list[Tree | Join]" = field(factory=list["Tree | Join"])
    by_name: "dict[str, Join | Say]" = field(factory=dict[str, Join | Say])
    pair: "tuple[Join | Say, int] | None" = None
    both: "tuple[Tree | Join, ...]" = ()
    known: "frozenset[Join | Ping]" = frozenset()


# --- dataclasses, TypedDicts, NamedTuples, Structs -----------------------------------


@dataclasses.dataclass
class Point:
    """A dataclass with defaults, and no slots."""

    x: int
    y: int = 0
    tags: list[str] = dataclasses.field(default_factory=list[str])


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A dataclass with slots, and a class in it."""

    start: Point
    end: Point


@dataclasses.dataclass
class Counted:
    """A dataclass with a field that is no argument."""

    x: int
    count: int = dataclasses.field(default=1, init=False)
    _hidden: int = dataclasses.field(default=1, init=False)


class Options(TypedDict, total=False):
    """A TypedDict with a field that must be there."""

    name: Required[str]
    size: int


class Reading(TypedDict):
    """A TypedDict with a field that nobody changes, and one that may be missing."""

    kind: Literal["reading"]
    value: ReadOnly[float]
    unit: NotRequired[str]


class Setting(TypedDict):
    """Another one, with a union in it."""

    kind: Literal["setting"]
    value: Join | Say


class Pair(NamedTuple):
    """A NamedTuple."""

    left: int
    right: str = ""


class PairOfUnions(NamedTuple):
    """A NamedTuple with a union in it."""

    left: Join | Say
    right: int = 0


class Plain(msgspec.Struct):
    """A Struct."""

    x: int
    y: str = ""


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A Struct that forbids unknown fields of itself."""

    x: int


class Tagged(msgspec.Struct, tag=True):
    """A Struct with a tag."""

    x: int


class AlsoTagged(msgspec.Struct, tag="also", rename="camel"):
    """A Struct with a tag and a field that has another name in a message."""

    some_text: str
    inner: Join | Say | None = None


class Unset(msgspec.Struct):
    """A Struct with a field that may be missing on both sides."""

    x: int | msgspec.UnsetType = msgspec.UNSET
    y: Join | Say | msgspec.UnsetType = msgspec.UNSET


class Row(msgspec.Struct, array_like=True):
    """A Struct that is an array."""

    x: int
    y: Join | Say


# --- Names ---------------------------------------------------------------------------


class Colour(enum.StrEnum):
    """An enum of texts."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    """An enum of numbers."""

    LOW = 1
    HIGH = 2


class Letter(enum.Enum):
    """An enum of neither."""

    A = "a"
    B = "b"


class Permission(enum.Flag):
    """An enum whose members are added."""

    READ = 1
    WRITE = 2


UserId = NewType("UserId", int)
Names = TypeAliasType("Names", list[str])
Keyed = TypeAliasType("Keyed", dict[str, ValueT], type_params=(ValueT,))
Message = TypeAliasType("Message", Join | Say)
Short = Annotated[str, msgspec.Meta(max_length=8)]


@frozen
class Named:
    """A class whose fields have types with names of their own."""

    names: Names
    by_name: Keyed[int]
    user: UserId
    message: Message
    any_json: JSON


def bare(form: type[object]) -> type[object]:
    """Show a generic class without its arguments to a type checker as any other."""
    return form


# --- Strategies ----------------------------------------------------------------------

joins: Final = st.builds(Join, texts)
says: Final = st.builds(Say, texts, st.booleans(), st.lists(texts, max_size=2))
messages: Final = joins | says
points: Final = st.builds(Point, ints, ints, st.lists(texts, max_size=2))
trees: Final[st.SearchStrategy[Tree]] = st.recursive(
    st.builds(Tree, messages | st.none()),
    lambda inner: st.builds(
        Tree,
        messages | st.none(),
        inner | st.none(),
        st.lists(inner | joins, max_size=2),
        st.dictionaries(texts, messages, max_size=2),
        st.tuples(messages, ints) | st.none(),
        st.lists(inner | joins, max_size=2).map(tuple),
        st.frozensets(joins | st.just(Ping()), max_size=2),
    ),
    max_leaves=4,
)
settings_: Final = messages.map(lambda value: Setting(kind="setting", value=value))
readings: Final = st.fixed_dictionaries(
    {"kind": st.just("reading"), "value": numbers}, optional={"unit": texts}
)
any_json: Final[st.SearchStrategy[JSON]] = st.recursive(
    st.none() | st.booleans() | ints | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)


@frozen
class Kind:
    """
    A kind of type.

    Attributes:
        name: Its name, for the test.
        form: A form of the kind.
        values: Values of the form.
    """

    name: str
    form: TypeForm[object]
    values: st.SearchStrategy[object]


KINDS: Final[Sequence[Kind]] = (
    Kind("None", None, st.none()),
    Kind("bool", bool, st.booleans()),
    Kind("int", int, ints),
    Kind("float", float, numbers),
    Kind("str", str, texts),
    Kind("bytes", bytes, st.binary(max_size=8)),
    Kind("bytearray", bytearray, st.binary(max_size=8).map(bytearray)),
    Kind("datetime", dt.datetime, moments),
    Kind("date", dt.date, st.dates()),
    Kind("time", dt.time, times_of_day),
    Kind(
        "timedelta",
        dt.timedelta,
        st.timedeltas(-dt.timedelta(10**8), dt.timedelta(10**8)),
    ),
    Kind("UUID", UUID, st.uuids()),
    Kind("Decimal", Decimal, st.decimals(allow_nan=False)),
    Kind("StrEnum", Colour, st.sampled_from(Colour)),
    Kind("IntEnum", Level, st.sampled_from(Level)),
    Kind("Enum", Letter, st.sampled_from(Letter)),
    Kind(
        "Flag",
        Permission,
        st.sampled_from([*Permission, Permission.READ | Permission.WRITE]),
    ),
    Kind("Literal", Literal["a", 1] | None, st.sampled_from(["a", 1, None])),
    Kind("Optional", int | None, st.none() | ints),
    Kind(
        "scalars",
        int | str | bool | float | None,
        ints | texts | st.booleans() | numbers | st.none(),
    ),
    Kind("JSON", JSON, any_json),
    Kind("object", object, any_json),
    Kind("NewType", UserId, ints),
    Kind("alias", Names, st.lists(texts, max_size=3)),
    Kind("generic-alias", Keyed[int], st.dictionaries(texts, ints, max_size=3)),
    Kind("alias-of-a-union", Message, messages),
    Kind("Annotated", Short, texts),
    Kind("Annotated-union", Annotated[Join | Say, "which one"], messages),
    Kind("list", list[int], st.lists(ints, max_size=3)),
    Kind(
        "list-of-aliases",
        list[Names],
        st.lists(st.lists(texts, max_size=2), max_size=2),
    ),
    Kind("tuple", tuple[int, str], st.tuples(ints, texts)),
    Kind(
        "tuple-of-aliases",
        tuple[Names, ...],
        st.lists(st.lists(texts, max_size=2), max_size=2).map(tuple),
    ),
    Kind("tuple-of-any-length", tuple[int, ...], st.lists(ints, max_size=3).map(tuple)),
    Kind("set", set[str], st.sets(texts, max_size=3)),
    Kind("frozenset", frozenset[int], st.frozensets(ints, max_size=3)),
    Kind("dict", dict[str, float], st.dictionaries(texts, numbers, max_size=3)),
    Kind(
        "dict-by-int",
        dict[int, str],
        st.dictionaries(st.integers(-(2**63), 2**63 - 1), texts, max_size=3),
    ),
    Kind("Sequence", Sequence[int], st.lists(ints, max_size=3)),
    Kind("Mapping", Mapping[str, int], st.dictionaries(texts, ints, max_size=3)),
    Kind("Set", AbstractSet[int], st.sets(ints, max_size=3)),
    Kind("attrs", Say, says),
    Kind("attrs-without-fields", Ping, st.just(Ping())),
    Kind("attrs-with-dict", Loose, st.builds(Loose, texts, ints)),
    Kind("attrs-kw-only", Keyword, st.builds(Keyword, text=texts, count=ints)),
    Kind("attrs-private", Private, st.builds(Private, ints)),
    Kind("attrs-converter", Converted, st.builds(Converted, texts)),
    Kind("attrs-cache-hash", Hashed, st.builds(Hashed, ints)),
    Kind("attrs-fixed", Fixed, st.builds(Fixed, texts)),
    Kind(
        "attrs-generic", Box[int], st.builds(Box[int], ints, st.lists(ints, max_size=2))
    ),
    Kind("attrs-generic-without-arguments", bare(Box), st.builds(Box[JSON], any_json)),
    Kind(
        "attrs-generic-with-a-bound",
        bare(Bounded),
        st.builds(Bounded[Message], messages),
    ),
    Kind(
        "metadata-without-a-hash",
        list[Annotated[int, {"unit": "m"}]],
        st.lists(ints, max_size=2),
    ),
    Kind(
        "attrs-generic-of-a-union",
        Box[Join | Say],
        st.builds(Box[Join | Say], messages, st.lists(messages, max_size=2)),
    ),
    Kind(
        "attrs-from-a-generic",
        IntBox,
        st.builds(IntBox, ints, st.lists(ints, max_size=2), texts),
    ),
    Kind("attrs-recursive", Tree, trees),
    Kind(
        "attrs-with-names",
        Named,
        st.builds(
            Named,
            st.lists(texts, max_size=2),
            st.dictionaries(texts, ints, max_size=2),
            ints,
            messages,
            any_json,
        ),
    ),
    Kind("dataclass", Point, points),
    Kind("dataclass-slots", Line, st.builds(Line, points, points)),
    Kind("dataclass-no-argument", Counted, st.builds(Counted, ints)),
    Kind(
        "TypedDict",
        Options,
        st.fixed_dictionaries({"name": texts}, optional={"size": ints}),
    ),
    Kind("TypedDict-ReadOnly", Reading, readings),
    Kind("TypedDict-with-a-union", Setting, settings_),
    Kind("NamedTuple", Pair, st.builds(Pair, ints, texts)),
    Kind(
        "NamedTuple-with-a-union", PairOfUnions, st.builds(PairOfUnions, messages, ints)
    ),
    Kind("Struct", Plain, st.builds(Plain, ints, texts)),
    Kind("Struct-tagged", Tagged, st.builds(Tagged, ints)),
    Kind(
        "Struct-renamed", AlsoTagged, st.builds(AlsoTagged, texts, messages | st.none())
    ),
    Kind(
        "Struct-unset",
        Unset,
        st.builds(
            Unset, ints | st.just(msgspec.UNSET), messages | st.just(msgspec.UNSET)
        ),
    ),
    Kind("Struct-array", Row, st.builds(Row, ints, messages)),
    Kind("union-tagged", Join | Say, messages),
    Kind(
        "union-of-many",
        Join | Say | Ping | Loose | Private | Tree | None,
        messages
        | st.just(Ping())
        | st.builds(Loose, texts)
        | st.builds(Private, ints)
        | trees
        | st.none(),
    ),
    Kind(
        "union-by-Literal",
        Start | Stop | Fixed,
        st.builds(Start, at=ints)
        | st.builds(Stop, st.sampled_from(["stop", "halt"]), texts)
        | st.builds(Fixed, texts),
    ),
    Kind(
        "union-by-the-second-Literal",
        Up | Down,
        st.sampled_from([Up(1, "up"), Down(1, "down")]),
    ),
    Kind(
        "union-of-Structs",
        Tagged | AlsoTagged,
        st.builds(Tagged, ints) | st.builds(AlsoTagged, texts),
    ),
    Kind(
        "union-of-plain-Structs",
        Plain | Unset,
        st.builds(Plain, ints) | st.builds(Unset, ints),
    ),
    Kind("union-of-strict-Structs", Strict | Join, st.builds(Strict, ints) | joins),
    Kind(
        "union-of-annotated-classes",
        list[Annotated[Join, "one"] | Annotated[Say, "other"]],
        st.lists(messages, max_size=2),
    ),
    Kind("union-of-TypedDicts", Reading | Setting, readings | settings_),
    Kind(
        "union-of-all-libraries",
        Join | Point | Options | Plain | Tagged,
        joins
        | points
        | st.fixed_dictionaries({"name": texts})
        | st.builds(Plain, ints)
        | st.builds(Tagged, ints),
    ),
    Kind(
        "union-with-other-kinds",
        Join | Say | list[Join | Say] | int | str | None,
        messages | st.lists(messages, max_size=2) | ints | texts | st.none(),
    ),
    Kind(
        "union-in-a-dict",
        dict[str, Join | Say | None],
        st.dictionaries(texts, messages | st.none(), max_size=2),
    ),
    Kind(
        "union-in-a-set", set[Join | Ping], st.sets(joins | st.just(Ping()), max_size=2)
    ),
    Kind("union-in-a-Sequence", Sequence[Join | Say], st.lists(messages, max_size=2)),
)
