"""
Maps of a peer's making in MessagePack: too many arrays as keys are refused, unread.

A tuple of -1 and -2 has the hash of every other such tuple: to put n of them into a
dict takes n * n steps.
"""

import itertools
import typing
from collections.abc import Mapping
from typing import Final, TypedDict

import msgspec
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import TypeForm

from tests.codecs.kinds import Join, Pair, Say, bare
from typedws import JSON, DecodeError, MsgpackCodec, Payload, ValidationError
from typedws.codecs.keys import Guarded, takes_any_key

PROBLEM: Final = "Expected a map, got one with more than 64 arrays as keys"
MOST: Final = 64


@frozen
class Holder:
    """A class with something in it."""

    content: object


class Dict(TypedDict):
    """A dict that says what is in it."""

    text: str


def of_typing(name: str) -> type[object]:
    """Give a container by the name that typing has for it, without arguments."""
    found: type[object] = getattr(typing, name)
    return found


def packed(value: object) -> bytes:
    """Write MessagePack."""
    return msgspec.msgpack.encode(value)


def alike(count: int) -> dict[tuple[int, ...], int]:
    """Make a dict with so many keys of one hash."""
    keys = itertools.islice(itertools.product((-1, -2), repeat=10), count)
    return dict.fromkeys(keys, 1)


EMPTY: Final[list[int]] = []
ATTACK: Final = alike(MOST + 1)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        pytest.param(object, ATTACK, id="anything"),
        pytest.param(JSON, ATTACK, id="JSON"),
        pytest.param(bare(dict), ATTACK, id="dict"),
        pytest.param(bare(list), [ATTACK], id="list"),
        pytest.param(bare(set), [ATTACK], id="set"),
        pytest.param(of_typing("Dict"), ATTACK, id="Dict"),
        pytest.param(of_typing("List"), [ATTACK], id="List"),
        pytest.param(dict[object, int], ATTACK, id="dict-of-int"),
        pytest.param(Mapping[object, int] | None, ATTACK, id="or-none"),
        pytest.param(list[object], [1, ATTACK], id="in-a-list"),
        pytest.param(dict[str, object], {"a": [ATTACK]}, id="in-a-dict"),
        pytest.param(Holder, {"content": ATTACK}, id="in-a-class"),
        pytest.param(
            Holder | Join, {"type": "Holder", "content": ATTACK}, id="in-a-union"
        ),
    ],
)
def test_many_arrays_as_keys_of_one_map_are_refused(
    form: TypeForm[object], value: object
) -> None:
    """Wherever a type does not say what the keys are."""
    with pytest.raises(ValidationError) as caught:
        MsgpackCodec(form, None).decode(packed(value))

    assert ("$", PROBLEM) == (caught.value.path, caught.value.problem)


@pytest.mark.parametrize("count", [MOST + 1, 1000])
def test_what_is_refused_was_not_read(count: int) -> None:
    """No dict was begun, so no two keys were compared."""
    read: list[Payload] = []
    with pytest.raises(msgspec.ValidationError):
        Guarded(read.append).read(packed(alike(count)))

    assert [] == read


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(alike(MOST), id="as-many-as-may-be"),
        pytest.param([alike(MOST)] * 3, id="in-several-maps"),
        pytest.param(dict.fromkeys(range(20), alike(MOST)), id="within-a-map"),
        pytest.param(dict.fromkeys(range(1000), (1,)), id="as-values"),
        pytest.param({number: [EMPTY] for number in range(99)}, id="in-values"),
        pytest.param({(1, ((2,) * 99,)): dict.fromkeys("ab")}, id="in-a-key"),
        pytest.param([dict.fromkeys(range(70_000)), alike(MOST)], id="large"),
        pytest.param([[1] * 70_000, alike(MOST)], id="long"),
        pytest.param({"a": b"\xdf" * 99 + b"\x91" * 99}, id="in-bytes"),
    ],
)
def test_what_is_no_attack_is_read(value: object) -> None:
    """As ever."""
    codec = MsgpackCodec(object, object)

    assert msgspec.msgpack.decode(packed(value)) == codec.decode(codec.encode(value))


@pytest.mark.parametrize(
    "form", [str, bytes, list[int], dict[str, list[bytes]], Join | Say, Pair, Dict]
)
def test_a_type_that_says_what_its_keys_are_is_not_looked_at(
    form: TypeForm[object],
) -> None:
    """For there it costs time, and does no good."""
    assert not takes_any_key(form)


def test_what_is_nested_without_end_is_not_looked_through() -> None:
    """It is refused as msgspec refuses it, and takes no more memory."""
    bomb = packed(dict.fromkeys(range(99))) + b"\x91" * 1_000_000
    for data in (bomb, b"\xdf\x00\x00\xff\xff\x01" + bomb, b"\xde\x00\x01\x91" + bomb):
        with pytest.raises(DecodeError):
            MsgpackCodec(object, None).decode(data)
    with pytest.raises(DecodeError, match="nested too deep"):
        MsgpackCodec(object, None).decode(b"\xde\x00\x01\x01" + b"\x91" * 1_000_000)


# --- Any message ---------------------------------------------------------------------

leaves: Final[st.SearchStrategy[object]] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.sampled_from([0, 31, 32, 255, 256, 65_535, 65_536]).map(lambda size: "x" * size),
    st.sampled_from([0, 255, 256, 65_535, 65_536]).map(bytes),
    st.builds(
        msgspec.msgpack.Ext,
        st.integers(0, 127),
        st.sampled_from([0, 1, 2, 3, 4, 8, 16, 255, 256, 65_536]).map(bytes),
    ),
)


def collected(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Put values into containers of all sizes."""
    sizes = st.sampled_from([0, 1, 15, 16, 300])
    return (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=5), inner, max_size=20)
        | sizes.map(lambda size: [None] * size)
        | sizes.map(lambda size: dict.fromkeys(range(size)))
    )


@settings(max_examples=60, deadline=None)
@given(st.recursive(leaves, collected, max_leaves=8))
def test_an_attack_is_found_behind_any_other_value(value: object) -> None:
    """For each kind of value it is known where it ends."""
    codec = MsgpackCodec(object, None)
    harmless = packed([value, alike(MOST)])

    assert packed(msgspec.msgpack.decode(harmless)) == packed(codec.decode(harmless))
    with pytest.raises(ValidationError, match=PROBLEM):
        codec.decode(packed([value, ATTACK]))


def is_read_or_refused(data: bytes) -> bool:
    """Read what may be a message; an error is to have the data."""
    try:
        MsgpackCodec(object, None).decode(data)
    except DecodeError as error:
        return data == error.data
    return True


@settings(max_examples=100, deadline=None)
@given(st.binary())
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    """Though it breaks off anywhere."""
    start = packed(dict.fromkeys(range(20), [EMPTY] * 20))

    assert is_read_or_refused(start[:-1] + data)
    assert is_read_or_refused(b"\xdd\x00\x01\x00\x00" + start + data)
