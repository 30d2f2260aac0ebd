"""
Unions: by what their members are told apart in a message, or why they can't be.

A union that can't be told apart is refused when the codec is built. So no message is
ever read as the wrong class, and none is sent that can't be read back.
"""

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias, final
from uuid import UUID

import msgspec
from attrs import frozen

from typedws.codecs.forms import (
    is_class,
    literals_of,
    name_of,
    origin_of,
    unannotated,
    unwrapped,
)
from typedws.codecs.shapes import Shape, Tag, shape_of

__all__ = [
    "Options",
    "TagNames",
    "Tagged",
    "check_kinds",
    "check_texts",
    "class_name",
    "tagged",
]

TagNames: TypeAlias = Callable[[type[object]], str]
"""Gives a class the name by which a message says that it is of that class."""

_ANYTHING: Final[tuple[object, ...]] = (object, msgspec.Raw)
_NOTHING: Final[type[object]] = type(None)

_VALUES: Final = "_value2member_map_"

_STRINGS: Final[tuple[type[object], ...]] = (
    *(str, bytes, bytearray, memoryview, UUID, Decimal),
    *(dt.date, dt.time, dt.timedelta),
)


def class_name(cls: type[object]) -> str:
    """Give the name of a class."""
    return cls.__name__


_MANY: Final = 2


@final
@frozen(order=False)
class Options:
    """
    How classes are written in a message.

    Attributes:
        tag: The field by which the members of a union are told apart.
        tag_of: Gives a class its value in that field.
        refuses_unknown: Whether a field that a class does not have is refused.
    """

    tag: str
    tag_of: TagNames
    refuses_unknown: bool = False


@final
@frozen(order=False)
class Tagged:
    """
    A member of a union, and the tags by which a message says that it is meant.

    Attributes:
        shape: The member.
        tags: The tags: one, unless a `Literal` of the class has several values.
        is_added: Whether the codec has to write the tag, since the class has none.
    """

    shape: Shape
    tags: tuple[Tag, ...]
    is_added: bool


def tagged(members: Iterable[object], options: Options) -> tuple[Tagged, ...]:
    """
    Tell those members of a union apart that are objects; none, if nobody has to.

    By the first field that has a `Literal` in all of them, with different values, or by
    a tag that is added.

    Raises:
        TypeError: They can't be told apart.
    """
    all_shapes = [shape_of(member) for member in members]
    shapes = [one for one in all_shapes if one is not None and not one.is_array]
    if len(shapes) < _MANY or _have_own_tags(shapes):
        return ()
    _check_classes(shapes)
    own = [_own_tags(shape) for shape in shapes]
    shared = [key for key in own[0] if all(key in tags for tags in own)]
    if shared:
        # One that is the same in all of them may stand before it: a version, say.
        telling = (key for key in shared if _tell_apart([tags[key] for tags in own]))
        key = next(telling, shared[0])
        found = _by_own_tags(shapes, key, [tags[key] for tags in own])
    else:
        found = _by_added_tags(shapes, own, options)
    _check_values(found)
    return found


def _have_own_tags(shapes: Sequence[Shape]) -> bool:
    # Structs that are tagged by one field msgspec tells apart itself.
    fields = {None if shape.tag is None else shape.tag[0] for shape in shapes}
    return len(fields) == 1 and None not in fields


def _tell_apart(values: Sequence[tuple[str | int, ...]]) -> bool:
    all_values = [value for mine in values for value in mine]
    kinds = {type(value) for value in all_values}
    return len(set(all_values)) == len(all_values) and len(kinds) == 1


def _by_own_tags(
    shapes: Sequence[Shape], field: str, values: Sequence[tuple[str | int, ...]]
) -> tuple[Tagged, ...]:
    found = tuple(
        Tagged(shape, tuple((field, value) for value in mine), is_added=False)
        for shape, mine in zip(shapes, values, strict=True)
    )
    for first, second, value in _clashes(found):
        raise TypeError(
            f"{first.name} and {second.name} can't be told apart: both have "
            f"{value!r} in their field {field!r}; give each a Literal of its own"
        )
    return found


def _by_added_tags(
    shapes: Sequence[Shape],
    own: Sequence[Mapping[str, tuple[str | int, ...]]],
    options: Options,
) -> tuple[Tagged, ...]:
    tag = options.tag
    found: list[Tagged] = []
    for shape, tags in zip(shapes, own, strict=True):
        _check_can_be_tagged(shape, shapes, tag, tags)
        values = tags.get(tag, (options.tag_of(shape.cls),))
        pairs = tuple((tag, value) for value in values)
        found.append(Tagged(shape, pairs, is_added=tag not in tags))
    for first, second, value in _clashes(found):
        raise TypeError(
            f"{_full_name(first)} and {_full_name(second)} can't be told apart: both "
            f"have the tag {value!r}; give each a field {tag!r} that is a Literal of "
            "its own, or pass a tag_of that names them differently"
        )
    return tuple(found)


def _check_values(members: Sequence[Tagged]) -> None:
    first = members[0]
    for member in members:
        if type(member.tags[0][1]) is not type(first.tags[0][1]):
            raise TypeError(
                f"{first.shape.name} and {member.shape.name} can't be told apart: the "
                f"field {first.tags[0][0]!r} is a text in one and a number in the "
                "other; take one of them"
            )


def _own_tags(shape: Shape) -> dict[str, tuple[str | int, ...]]:
    tags = {field.key: _tag_values(field.literals) for field in shape.fields}
    if shape.tag is not None:
        field, value = shape.tag
        tags = {field: (value,)} | tags
    return {field: values for field, values in tags.items() if values}


def _tag_values(literals: tuple[object, ...]) -> tuple[str | int, ...]:
    # True and 1 are equal in Python, and not so in a message.
    texts = tuple(value for value in literals if isinstance(value, str))
    numbers = tuple(value for value in literals if type(value) is int)
    return next((one for one in (texts, numbers) if len(one) == len(literals)), ())


def _clashes(members: Iterable[Tagged]) -> Iterable[tuple[Shape, Shape, str | int]]:
    taken: dict[Tag, Shape] = {}
    for member in members:
        for tag in member.tags:
            if tag in taken:
                yield taken[tag], member.shape, tag[1]
            taken[tag] = member.shape


def _check_classes(shapes: Sequence[Shape]) -> None:
    taken: dict[type[object], Shape] = {}
    for shape in shapes:
        if shape.cls in taken:
            raise TypeError(
                f"{taken[shape.cls].name} and {shape.name} can't be told apart: at run "
                "time both are the same class; make each a class of its own"
            )
        taken[shape.cls] = shape


def _check_can_be_tagged(
    shape: Shape,
    shapes: Sequence[Shape],
    tag: str,
    own: Mapping[str, tuple[str | int, ...]],
) -> None:
    if tag in own:
        return
    others = " and ".join(one.name for one in shapes if one is not shape)
    start = f"{shape.name} can't be told apart from {others}"
    if any(field.key == tag for field in shape.fields):
        raise TypeError(
            f"{start}: the codec would add the field {tag!r}, but {shape.name} has one "
            "that is no Literal; make it a Literal in each of them, or name another "
            "field with tag="
        )
    if shape.tag is not None:
        raise TypeError(
            f"{start}: it is tagged by the field {shape.tag[0]!r}, and the others are "
            f"not; name that field with tag="
        )
    if shape.is_dict and sum(one.is_dict for one in shapes) > 1:
        raise TypeError(
            f"{start}: at run time they are dicts, which have no class; "
            f"give each a field {tag!r} that is a Literal of its own"
        )


def _full_name(shape: Shape) -> str:
    return f"{shape.cls.__module__}.{shape.name}"


# --- Members of other kinds ----------------------------------------------------------


def check_kinds(members: Iterable[object]) -> None:
    """
    Look for two members that are of one kind in a message: strings, arrays, numbers.

    Raises:
        TypeError: There are some, so that nothing tells them apart.
    """
    found: dict[str, dict[str, object]] = defaultdict(dict)
    members = [member for member in members if member is not _NOTHING]
    _check_anything(members)
    for member in members:
        kind, subkind = _kind_of(member)
        found[kind].setdefault(subkind, member)
    for kind, same in found.items():
        if kind and len(same) > 1:
            first, second, *_ = (name_of(one) for one in same.values())
            raise TypeError(
                f"{first} and {second} can't be told apart: in a message both are "
                f"{kind}; take one of them, or put each into a class of its own"
            )


def check_texts(members: Sequence[object]) -> None:
    """
    Look for two members that are no longer told apart where all are texts.

    Raises:
        TypeError: There are some.
    """
    found: dict[object, object] = {}
    for member in members:
        for kind in _kinds_as_texts(member):
            found.setdefault(kind, member)
    if len(found) > 1:
        names = " and ".join(name_of(kind) for kind in found)
        raise TypeError(
            f"{names} can't be told apart: as the key of an object each is a text; "
            "take one of them"
        )


def _kinds_as_texts(member: object) -> Collection[object]:
    bare = unannotated(unwrapped(member))
    kinds: list[object] = [type(value) for value in literals_of(bare)]
    return kinds or [bare]


def _check_anything(members: Sequence[object]) -> None:
    for member in members:
        others = [name_of(one) for one in members if one is not member]
        bare = unannotated(unwrapped(member))
        if others and any(bare is one for one in _ANYTHING):
            raise TypeError(
                f"{name_of(member)} can't be told apart from {' and '.join(others)}: "
                "it is anything; take it alone, or name what it may be"
            )


def _kind_of(member: object) -> tuple[str, str]:
    """Say what a form is in a message, and what it is besides that msgspec knows."""
    member = unannotated(unwrapped(member))
    if literals := literals_of(member):
        # msgspec takes `str | Literal["a"]` for the str that it is.
        return _kind_of(type(literals[0]))
    shape = shape_of(member)
    if shape is not None:
        return ("an array", name_of(member)) if shape.is_array else ("an object", "")
    cls = member if is_class(member) else origin_of(member)
    return _kind_of_class(cls, name_of(member)) if is_class(cls) else ("", "")


def _kind_of_class(cls: type[object], name: str) -> tuple[str, str]:
    if issubclass(cls, enum.Enum):
        values: Iterable[object] = getattr(cls, _VALUES)
        is_number = all(isinstance(value, int) for value in values)
        return "a number" if is_number else "a string", name
    if issubclass(cls, _STRINGS):
        return "a string", name
    if issubclass(cls, Mapping):
        return "an object", name
    if issubclass(cls, Collection):
        return "an array", name
    return "a number" if cls is int else "", name
