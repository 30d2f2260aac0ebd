"""
Sets and keys of a peer's making: many values of one hash are refused, and at once.

The hash of an int is the int modulo 2**61 - 1, that of a Decimal or a UUID is the same,
and a tuple of -1 and -2 has the hash of every other such tuple.
"""

import itertools
import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Annotated, Final, Generic, Literal
from uuid import UUID

import msgspec
import pytest
from attrs import field, frozen
from typing_extensions import TypeAliasType, TypeForm, TypeVar

from tests.codecs.kinds import Join, Pair, Say, bare
from typedws import JsonCodec, MsgpackCodec, ValidationError

MANY: Final = 100_000
"""To put so many into one set natively takes a minute and more."""

PRIME: Final = 2**61 - 1
NUMBERS: Final = [number * PRIME for number in range(1, MANY)]
UUIDS: Final = [str(UUID(int=number)) for number in NUMBERS]
TUPLES: Final = list(itertools.islice(itertools.product((-1, -2), repeat=17), MANY))


@frozen
class Point:
    """A class whose hash is that of its values."""

    x: int
    y: int = 0


@frozen
class Measured:
    """A class with a number of any length."""

    value: Decimal


class Struct(msgspec.Struct, frozen=True):
    """A Struct of that kind."""

    x: int


@frozen
class Holder:
    """A class with a set and a dict in it."""

    known: frozenset[UUID]
    by_id: dict[UUID, Join | Say] = field(factory=dict[UUID, Join | Say])


POINTS: Final = [{"x": number} for number in NUMBERS]
TEXTS: Final = [str(number) for number in NUMBERS]
PROBLEM: Final = "Expected values, got more than 64 that have one hash"


def packed(value: object) -> bytes:
    """Write MessagePack."""
    return msgspec.msgpack.encode(value)


def keys(names: list[str]) -> dict[str, int]:
    """Make an object with these names."""
    return dict.fromkeys(names, 1)


ATTACKS: Final = [
    pytest.param(set[UUID], UUIDS, "$", id="UUIDs"),
    pytest.param(frozenset[Decimal], TEXTS, "$", id="Decimals"),
    pytest.param(AbstractSet[tuple[int, ...]], TUPLES, "$", id="tuples"),
    pytest.param(list[set[UUID | None]], [[], UUIDS], "$[1]", id="UUIDs-or-none"),
    pytest.param(
        Annotated[set[UUID], msgspec.Meta(min_length=1)], UUIDS, "$", id="annotated"
    ),
    pytest.param(dict[UUID, int], keys(UUIDS), "$", id="UUIDs-as-keys"),
    pytest.param(Mapping[Decimal, int], keys(TEXTS), "$", id="Decimals-as-keys"),
    pytest.param(Holder, {"known": UUIDS}, "$.known", id="in-a-class"),
    pytest.param(
        Holder | Join, {"type": "Holder", "known": UUIDS}, "$.known", id="in-a-union"
    ),
]
ATTACKS_OF_LONG_INTS: Final = [
    pytest.param(set[int], NUMBERS, "$", id="ints"),
    pytest.param(bare(set), NUMBERS, "$", id="anything"),
    pytest.param(set[int | str], NUMBERS, "$", id="ints-or-texts"),
    pytest.param(set[Point], POINTS, "$", id="attrs"),
    pytest.param(set[Struct], POINTS, "$", id="Structs"),
    pytest.param(set[Pair], [[number] for number in NUMBERS], "$", id="NamedTuples"),
    pytest.param(dict[int, int], keys(TEXTS), "$", id="ints-as-keys"),
]


@pytest.mark.parametrize(("form", "value", "path"), ATTACKS + ATTACKS_OF_LONG_INTS)
def test_many_values_of_one_hash_are_refused_in_json(
    form: TypeForm[object], value: object, path: str
) -> None:
    """In the time that it takes to read them into a list."""
    codec = JsonCodec(form, None, mode="binary")
    start = time.process_time()
    with pytest.raises(ValidationError) as caught:
        codec.decode(msgspec.json.encode(value))

    assert time.process_time() - start < 5
    assert (path, PROBLEM) == (caught.value.path, caught.value.problem)


@pytest.mark.parametrize(("form", "value", "path"), ATTACKS)
def test_many_values_of_one_hash_are_refused_in_messagepack(
    form: TypeForm[object], value: object, path: str
) -> None:
    """There an int has 64 bits, of which no more than some 16 have one hash."""
    codec = MsgpackCodec(form, None)
    start = time.process_time()
    with pytest.raises(ValidationError) as caught:
        codec.decode(packed(value))

    assert time.process_time() - start < 5
    assert (path, PROBLEM) == (caught.value.path, caught.value.problem)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        pytest.param(set[int], set(range(1000)), id="different"),
        pytest.param(
            set[UUID], {UUID(text) for text in UUIDS[:64]}, id="as-many-as-may-be"
        ),
        pytest.param(set[float], {float(number) for number in NUMBERS}, id="floats"),
        pytest.param(set[Literal[1, 2]], {1, 2}, id="Literals"),
        pytest.param(dict[str, int], keys(TEXTS), id="texts-as-keys"),
        pytest.param(
            dict[UUID, Join | Say], {UUID(int=1): Join("a")}, id="UUIDs-as-keys"
        ),
        pytest.param(dict[int, int], {1: 2, 2**63 - 1: 3}, id="ints-as-keys"),
        pytest.param(dict[float, int], {1.5: 2}, id="floats-as-keys"),
        pytest.param(dict[object, int], {"a": 2}, id="anything-as-keys"),
    ],
)
def test_what_is_no_attack_is_read(form: TypeForm[object], value: object) -> None:
    """As ever."""
    for codec in (JsonCodec(form, form), MsgpackCodec(form, form)):
        assert value == codec.decode(codec.encode(value))


def test_a_value_that_is_repeated_is_one() -> None:
    """However often it comes."""
    assert {5} == JsonCodec(set[int], None).decode(str([5] * 1000))
    numbers = [5, *NUMBERS[:64]] * 3

    assert set(numbers) == JsonCodec(set[int], None).decode(str(numbers))


def test_long_numbers_that_are_alike_are_refused_at_once() -> None:
    """To compare two of them takes a step for each digit."""
    size = 400_000
    one = "1" + "0" * (size - 19) + str(PRIME).zfill(19)
    other = f"1E+{size}"
    assert hash(Decimal(one)) == hash(Decimal(other))
    texts = [one] + [other] * 40_000
    attacks: list[tuple[TypeForm[object], object]] = [
        (set[Decimal], texts),
        (set[tuple[Decimal, ...]], [[text] for text in texts]),
        (set[Measured], [{"value": text} for text in texts]),
    ]
    start = time.process_time()
    for form, value in attacks:
        with pytest.raises(ValidationError) as caught:
            JsonCodec(form, None, mode="binary").decode(msgspec.json.encode(value))
        assert PROBLEM == caught.value.problem

    assert time.process_time() - start < 3
    assert {Decimal(one)} == JsonCodec(set[Decimal], None).decode(f'["{one}"]')
    repeated = JsonCodec(set[Decimal], None, mode="binary").decode(
        msgspec.json.encode(["1.5"] * 1000)
    )
    assert {Decimal("1.5")} == repeated


@pytest.mark.parametrize(
    ("form", "text", "problem"),
    [
        pytest.param(
            Annotated[set[UUID], msgspec.Meta(min_length=2)],
            f'["{UUIDS[0]}","{UUIDS[0]}"]',
            "Expected at least 2 different items, got 1",
            id="least",
        ),
        pytest.param(
            Annotated[frozenset[int], msgspec.Meta(max_length=1)],
            "[1,1,2]",
            "Expected at most 1 different items, got 2",
            id="most",
        ),
        pytest.param(
            Annotated[dict[Decimal, int], msgspec.Meta(min_length=2)],
            '{"1":1,"1.0":2}',
            "Expected at least 2 different items, got 1",
            id="keys",
        ),
    ],
)
def test_the_length_of_a_set_is_that_of_its_different_items(
    form: TypeForm[object], text: str, problem: str
) -> None:
    """As it is of a set of texts."""
    with pytest.raises(ValidationError) as caught:
        JsonCodec(form, None).decode(text)

    assert problem == caught.value.problem


def test_a_set_may_be_as_long_as_it_is_allowed_to_be() -> None:
    """Whatever is repeated in the message."""
    rules = msgspec.Meta(min_length=1, max_length=2)
    form = Annotated[set[UUID], rules, msgspec.Meta(title="ids")]
    text = msgspec.json.encode([UUIDS[0], UUIDS[1], UUIDS[0]]).decode()

    assert {UUID(it) for it in UUIDS[:2]} == JsonCodec(form, None).decode(text)


Id = TypeAliasType("Id", UUID)
IdT = TypeVar("IdT", default=UUID)


@frozen
class ById(Generic[IdT]):
    """A class whose keys are of a type with another name."""

    named: dict[Id, int]
    given: dict[IdT, int] = field(factory=dict[IdT, int])


@pytest.mark.parametrize("codec", [JsonCodec, MsgpackCodec])
def test_a_key_may_be_of_a_type_with_another_name(
    codec: type[JsonCodec[object, object]],
) -> None:
    """An alias, or a type variable with a default."""
    its_codec = codec(ById, ById)
    value = ById({UUID(int=1): 1}, {UUID(int=2): 2})

    assert value == its_codec.decode(its_codec.encode(value))


def test_of_two_names_for_one_key_the_last_counts() -> None:
    """As of a name that is there twice."""
    number = "1" * 32
    text = f'{{"{UUID(number)}":1,"{number}":2}}'

    assert {UUID(number): 2} == JsonCodec(dict[UUID, int], None).decode(text)


def test_what_has_no_hash_is_no_member_of_a_set() -> None:
    """That is the peer's mistake: a list where the set may have anything else."""
    with pytest.raises(ValidationError, match="unhashable type: 'list'"):
        JsonCodec(set[object], None).decode("[[1]]")
    with pytest.raises(ValidationError, match="unhashable type: 'list'"):
        JsonCodec(set[Say], None).decode('[{"text":"a"}]')


def test_a_decimal_that_has_no_hash_is_no_key() -> None:
    """A signaling NaN is one, and that is the peer's mistake, too."""
    errors: list[ValidationError] = []
    with pytest.raises(ValidationError) as caught:
        JsonCodec(list[dict[Decimal, int]], None).decode('[{"1":1,"sNaN":2}]')
    errors.append(caught.value)
    with pytest.raises(ValidationError) as caught:
        MsgpackCodec(list[dict[Decimal, int]], None).decode(packed([{"sNaN": 2}]))
    errors.append(caught.value)

    expected = ("key in $[0]", "Cannot hash a signaling NaN value")
    assert [expected, expected] == [(it.path, it.problem) for it in errors]


def test_a_key_that_does_not_fit_has_its_place() -> None:
    """That of the object that it is in."""
    with pytest.raises(ValidationError) as caught:
        JsonCodec(list[dict[UUID, int]], None).decode('[{"a":1}]')

    assert ("key in $[0]", "Invalid UUID") == (caught.value.path, caught.value.problem)
