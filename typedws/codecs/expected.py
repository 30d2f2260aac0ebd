"""
What was expected: found by its place, where the sentence of msgspec does not say it.

Of a value that is none of those of a `Literal` or an enum, and of a tag that no class
has, msgspec says that it is invalid, and not what would have been valid.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from typedws.codecs.forms import (
    arguments_of,
    has_origin,
    is_enum,
    literals_of,
    makes_members,
    members_of,
    subscripted,
    unannotated,
)
from typedws.codecs.parts import is_anywhere
from typedws.codecs.shapes import Shape, Tag, shape_of
from typedws.codecs.unions import Options, tagged
from typedws.codecs.untyped import (
    index_of,
    inside,
    is_object,
    is_step,
    name_in,
    spelled,
)
from typedws.json_text import one_line

__all__ = ["are_places_clear", "expecting"]

# By these names the checkers know less of them than `Any` in a class's own signature.
_COLLECTION: Final[type[object]] = Collection
_MAPPING: Final[type[object]] = Mapping
_NOTHING: Final[type[object]] = type(None)
_TUPLE: Final[type[object]] = tuple
_UNSET: Final[type[object]] = msgspec.UnsetType


def expecting(
    form: object, options: Options
) -> Callable[[object, Sequence[str]], str | None]:
    """
    Make what says which values may be in a place of a message.

    It is called with the message, as it was read without types, and the steps to the
    place. It gives `None` where more than some few may be, and raises a `LookupError`
    or a `ValueError` where there is no such place.

    Args:
        form: The form of the message.
        options: How its classes are written.
    """

    def one_of(message: object, steps: Sequence[str]) -> str | None:
        value, inner = message, form
        for step in steps:
            inner = _form_inside(inner, options, value, step)
            value = inside(value, step)
        values = _values_of(inner)
        if any(_is_same(value, one) for one in values):
            return None  # so that was not the place
        names = [spelled(repr(one)) for one in values]
        start = "one of " if len(names) > 1 else ""
        return one_line(start + ", ".join(names)) if names else None

    return one_of


def are_places_clear(form: object) -> bool:
    """Say whether a place has but one meaning: whether no name looks like two."""
    return not is_anywhere(form, _has_odd_names)


def _has_odd_names(form: object) -> bool:
    shape = shape_of(form)
    return shape is not None and any(
        not is_step(f".{field.key}") for field in shape.fields
    )


def _is_same(one: object, other: object) -> bool:
    # True and 1 are equal in Python, and not so in a message.
    return type(one) is type(other) and one == other


# --- The values of a form ------------------------------------------------------------


def _values_of(form: object) -> Sequence[object]:
    """Give all values of a form, as a message has them; none, if they are not few."""
    values: list[object] = []
    members = [unannotated(member) for member in members_of(form)]
    # That a field may be left out says nothing of what may be in it.
    for member in (one for one in members if one is not _UNSET):
        found = _values_of_member(member)
        if not found:
            return ()
        values += found
    return values


def _values_of_member(member: object) -> Sequence[object]:
    if member is _NOTHING:
        return (None,)
    if is_enum(member):
        return () if makes_members(member) else [one.value for one in member]
    return literals_of(member)


# --- One step into a form ------------------------------------------------------------

# Of the members of a union, one is an object in a message, or several classes are that
# a tag tells apart; and one is an array. The way never leads into a dict.


def _form_inside(form: object, options: Options, value: object, step: str) -> object:
    """
    Give the form of what is one step inside; the value says of which class it is.

    Raises:
        LookupError: There is none.
        ValueError: It is not the step to an item, and the value is an array.
    """
    members = [unannotated(member) for member in members_of(form)]
    if is_object(value):
        found = _fields(_classes(members, options), value, name_in(step))
    else:
        at = index_of(step)
        found = [inner for member in members for inner in _item(member, at)]
    if not found:
        raise LookupError(step)
    return found[0]


_Classes: TypeAlias = Sequence[tuple[Shape, Sequence[Tag]]]
"""Classes that are objects in a message, and the tags that say which."""


def _fields(
    classes: _Classes, value: Mapping[object, object], name: str
) -> Sequence[object]:
    tags = [tag for _, tags in classes for key, tag in tags if key == name]
    if tags:
        return [subscripted(Literal, tuple(tags))]
    return [
        field.form
        for shape, own_tags in classes
        if not own_tags or any(value.get(key) == tag for key, tag in own_tags)
        for field in shape.fields
        if field.key == name
    ]


def _classes(members: Sequence[object], options: Options) -> _Classes:
    found = [(one.shape, one.tags) for one in tagged(members, options)]
    shapes = [shape for shape in map(shape_of, members) if shape is not None]
    return found or [
        (shape, () if shape.tag is None else (shape.tag,))
        for shape in shapes
        if not shape.is_array
    ]


def _item(member: object, at: int) -> Sequence[object]:
    """Give the form of an item, alone in a list; none if it is not that of an array."""
    shape, arguments = shape_of(member), arguments_of(member)
    if shape is not None:
        return _rows(shape)[at : at + 1] if shape.is_array else ()
    if has_origin(member, _TUPLE) and Ellipsis not in arguments:
        return arguments[at : at + 1]
    is_listed = has_origin(member, _COLLECTION) and not has_origin(member, _MAPPING)
    return arguments[:1] if is_listed else ()


def _rows(shape: Shape) -> Sequence[object]:
    tags = [] if shape.tag is None else [subscripted(Literal, (shape.tag[1],))]
    return [*tags, *(field.form for field in shape.fields)]
