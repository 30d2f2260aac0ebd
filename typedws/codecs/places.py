"""Places in a value, found when it could not be written: for the error to name."""

import math
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from collections.abc import Set as AbstractSet
from typing import Final, TypeGuard

from typedws.codecs.libraries import field_names_of
from typedws.codecs.shapes import shape_of

__all__ = ["has_no_number", "place_of", "place_of_no_number", "place_of_null"]


_BLOBS: Final = (str, bytes, bytearray, memoryview)


def place_of(value: object, is_bad: Callable[[object], bool]) -> str:
    """Find the innermost place of which something holds that holds of the whole."""
    steps = ["$"]
    while True:
        inner = next(((s, it) for s, it in _children(value) if is_bad(it)), None)
        if inner is None:
            return "".join(steps)
        step, value = inner
        steps.append(step)


def has_no_number(value: object) -> bool:
    """Say whether NaN or an infinity is anywhere in a value."""
    return _has(value, _is_no_number)


def place_of_no_number(value: object) -> str:
    """
    Find the first NaN or infinity in a value that has one.

    Each part is looked at once, and not once for each level that it is within.
    """
    steps = ["$"]
    inside = [_children(value)]
    while inside and not _is_no_number(value):
        step, value = next(inside[-1], ("", None))
        if step:
            steps.append(step)
            inside.append(_children(value))
        else:
            del steps[-1], inside[-1]
    return "".join(steps)


def place_of_null(value: object, written: object) -> str | None:
    """
    Find a NaN or an infinity that was written as null.

    Args:
        value: What was to be written.
        written: What was, read without types.
    """
    steps: list[str] = []
    inside = [iter([("$", value, written)])]
    while inside:
        found = next(inside[-1], None)
        if found is None:
            del inside[-1], steps[-1:]
            continue
        step, value, written = found
        rest = _rest_to_null(value, written)
        if rest is not None:
            return "".join([*steps, step, rest])
        steps.append(step)
        inside.append(_pairs(value, written))
    return None


def _rest_to_null(value: object, written: object) -> str | None:
    if _is_no_number(value):
        return "" if written is None else None
    # Which part has become which one can't be told of what is not alike.
    is_lost = (
        not _are_alike(value, written)
        and has_no_number(value)
        and _has(written, _is_null)
    )
    return place_of_no_number(value).removeprefix("$") if is_lost else None


def _pairs(value: object, written: object) -> Iterator[tuple[str, object, object]]:
    if _are_alike(value, written):
        parts = zip(_children(value), _children(written), strict=True)
        yield from ((step, part, other) for (step, part), (_, other) in parts)


def _are_alike(value: object, written: object) -> bool:
    # The copy of a set may have another order.
    is_ordered = not isinstance(value, AbstractSet)
    return is_ordered and _count(value) == _count(written)


def _count(value: object) -> int:
    return sum(1 for _ in _children(value))


def _has(value: object, is_wanted: Callable[[object], bool]) -> bool:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if is_wanted(value):
            return True
        waiting.extend(child for _, child in _children(value))
    return False


def _is_null(value: object) -> bool:
    return value is None


def _is_no_number(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _children(value: object) -> Iterator[tuple[str, object]]:
    if _is_mapping(value):
        yield from ((f"[{key!a}]", item) for key, item in value.items())
    elif _is_array(value):
        yield from ((f"[{at}]", item) for at, item in enumerate(value))
    else:
        for name in _names_of(type(value)):
            item: object = getattr(value, name, None)
            yield f".{name}", item


def _names_of(cls: type[object]) -> Sequence[str]:
    try:
        shape = shape_of(cls)
    except TypeError:
        # Its annotations name what is not there, which msgspec does not ask.
        return field_names_of(cls)
    fields = () if shape is None else shape.fields
    return [field.name for field in fields if field.is_written]


def _is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[Iterable[object]]:
    if isinstance(value, (list, tuple, AbstractSet)):
        return True
    # Any other collection `plain` writes as a list, if it is no class with fields.
    cls = type(value)
    is_collection = issubclass(cls, Collection) and not issubclass(cls, _BLOBS)
    return is_collection and not _names_of(type(value))
