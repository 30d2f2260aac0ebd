"""
Messages that were read without types, and the places in them, as msgspec writes them.

A place is the way there: `$.tags[2]` for the third item of what is in the field `tags`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard

__all__ = [
    "index_of",
    "inside",
    "is_array",
    "is_object",
    "is_step",
    "name_in",
    "spelled",
    "steps_to",
]

# Not `[...]`: the key of a dict msgspec keeps to itself.
_STEP: Final = re.compile(r"\.[^.\[\]]+|\[[0-9]+\]")
_CONSTANTS: Final = {"None": "null", "True": "true", "False": "false"}
_PLACE: Final = re.compile(rf"\$(?:{_STEP.pattern})*")


def steps_to(place: str) -> Sequence[str]:
    """
    Give the steps to a place, each a name or an index as it is written there.

    Raises:
        LookupError: There is no way to follow.
    """
    if not _PLACE.fullmatch(place):
        raise LookupError(place)
    return [step[0] for step in _STEP.finditer(place)]


def is_step(text: str) -> bool:
    """Tell whether a text is one step, and can't be taken for two."""
    return _STEP.fullmatch(text) is not None


def name_in(step: str) -> str:
    """Give the name of a field from the step to it."""
    return step.removeprefix(".")


def index_of(step: str) -> int:
    """
    Give the index of an item from the step to it.

    Raises:
        ValueError: It is the step to a field.
    """
    return int(step.strip("[]"))


def inside(value: object, step: str) -> object:
    """
    Take one step into a value.

    Raises:
        LookupError: There is nothing.
        ValueError: It is an array, and the step a name.
    """
    if is_object(value):
        return value[name_in(step)]
    if is_array(value):
        return value[index_of(step)]
    raise LookupError(step)


def spelled(written: str) -> str:
    """Spell what Python calls True, False and None as its author has."""
    return _CONSTANTS.get(written, written)


def is_object(value: object) -> TypeGuard[Mapping[object, object]]:
    """Tell whether a part of a message is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[Sequence[object]]:
    """Tell whether it is an array."""
    return isinstance(value, list)
