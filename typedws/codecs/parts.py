"""Parts: what a form is made of, through names, containers and classes."""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from typedws.codecs.forms import (
    arguments_of,
    is_class,
    literals_of,
    members_of,
    one_layer_off,
    unwrapped,
)
from typedws.codecs.shapes import shape_of

__all__ = [
    "has_anything_inside",
    "is_anywhere",
    "may_hold_no_number",
    "open_classes_inside",
    "parts_of",
]

# What `typing.final` leaves on a class.
_FINAL: Final = "__final__"
_BLOBS: Final[tuple[type[object], ...]] = (str, bytes, bytearray, memoryview)


def parts_of(form: object) -> Iterator[object]:
    """Give what a form is made of: what it stands for, its arguments, or its fields."""
    if (inner := one_layer_off(form)) is not form:
        yield inner
    elif (shape := shape_of(form)) is not None:
        yield from (field.form for field in shape.fields)
    elif not literals_of(form):
        is_annotated = hasattr(form, "__metadata__")
        arguments = arguments_of(form)[:1] if is_annotated else arguments_of(form)
        yield from (one for one in arguments if one is not Ellipsis)


def is_anywhere(form: object, is_it: Callable[[object], bool]) -> bool:
    """Say whether a form, or anything that it is made of, is of some kind."""
    seen: set[object] = set()
    waiting = [form]
    while waiting:
        form = waiting.pop()
        if is_it(form):
            return True
        if shape_of(form) is not None:
            # Only by way of a class can a form have itself in it.
            if form in seen:
                continue
            seen.add(form)
        waiting.extend(parts_of(form))
    return False


def has_anything_inside(form: object) -> bool:
    """Say whether a form is anything, or a container that does not say of what."""
    form = unwrapped(form)
    if form is object:
        return True
    if not is_class(form) or shape_of(form) is not None:
        return False
    return issubclass(form, Collection) and not issubclass(form, _BLOBS)


def may_hold_no_number(form: object) -> bool:
    """Say whether NaN or an infinity may be in a value."""
    return is_anywhere(form, _may_be_no_number)


def _may_be_no_number(form: object) -> bool:
    # A TypedDict may have more keys, at run time.
    shape = shape_of(form)
    is_dict = shape is not None and shape.is_dict
    return form is float or is_dict or has_anything_inside(form)


def open_classes_inside(form: object) -> Collection[type[object]]:
    """Give the classes inside others, of which there may be derived ones."""
    found: set[type[object]] = set()

    def note(inner: object) -> bool:
        shape = shape_of(inner)
        if shape is not None and not shape.is_dict and not _is_final(shape.cls):
            found.add(shape.cls)
        return False

    for member in members_of(form):
        for part in parts_of(member):
            is_anywhere(part, note)
    return found


def _is_final(cls: type[object]) -> bool:
    is_final: bool = getattr(cls, _FINAL, False)
    return is_final
