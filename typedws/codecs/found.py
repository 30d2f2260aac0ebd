"""
What came: found by its place, where the sentence of msgspec does not say it.

Of a value that breaks a rule, msgspec says the rule and the place. It is worth one more
reading of a message that was refused anyway, and that is not too long.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeGuard

import msgspec

from typedws.codecs.building import shortened
from typedws.codecs.codec import Payload
from typedws.exceptions import DecodeError
from typedws.json_text import UNREADABLE, decode_error

__all__ = ["is_array", "is_object", "telling"]

LONGEST_READ_AGAIN: Final = 1_000_000
"""Characters or bytes. Read without types, a message takes many times its own size."""

# Not `[...]`: the key of a dict msgspec keeps to itself.
_STEP: Final = re.compile(r"\.[^.\[\]]+|\[[0-9]+\]")
_PLACE: Final = re.compile(rf"\$(?:{_STEP.pattern})*")
_MISSING: Final = "Object missing"


def telling(
    read: Callable[[Payload], object],
) -> Callable[[Exception, Payload], DecodeError]:
    """
    Make what turns the error that msgspec raised for a message into ours.

    Args:
        read: Reads a message of whatever type.
    """

    def error_of(error: Exception, data: Payload) -> DecodeError:
        ours = decode_error(error, data)
        # What a class has raised for an object says itself what it says.
        is_rule = isinstance(error, msgspec.ValidationError) and error.__cause__ is None
        if is_rule and ours.got is None and not ours.problem.startswith(_MISSING):
            ours.got = _found(read, data, ours.path)
        return ours

    return error_of


def _found(read: Callable[[Payload], object], data: Payload, place: str) -> str | None:
    if len(data) > LONGEST_READ_AGAIN or not _PLACE.fullmatch(place):
        return None
    try:
        value = read(data)
        for step in _STEP.finditer(place):
            value = _inside(value, step[0])
        return _told(value)
    except (*UNREADABLE, ValueError):
        # Behind what was wrong first, the message may be anything.
        return None


def _inside(value: object, step: str) -> object:
    if is_object(value):
        return value[step.removeprefix(".")]
    if is_array(value):
        return value[int(step.strip("[]"))]
    raise LookupError(step)


def _told(value: object) -> str:
    if is_object(value):
        return f"`object` of length {len(value)}"
    if is_array(value):
        return f"`array` of length {len(value)}"
    return shortened(ascii(value))


def is_object(value: object) -> TypeGuard[Mapping[object, object]]:
    """Tell whether a part of a message that was read without types is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[Sequence[object]]:
    """Tell whether it is an array."""
    return isinstance(value, list)
