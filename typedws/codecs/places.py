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

__all__ = ["has_no_number", "place_of", "place_of_no_number"]


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
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if _is_no_number(value):
            return True
        waiting.extend(child for _, child in _children(value))
    return False


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
