"""
What came: found by its place, where the sentence of msgspec does not say it.

Of a value that breaks a rule, msgspec says the rule and the place; of one that is none
of those that it may be, the value and the place. It is worth one more reading of a
message that was refused anyway, and that is not too long.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from typedws.codecs.codec import Payload
from typedws.codecs.untyped import inside, is_array, is_object, spelled, steps_to
from typedws.exceptions import DecodeError
from typedws.json_text import UNREADABLE, decode_error, one_line, shortened

__all__ = ["telling"]

LONGEST_READ_AGAIN: Final = 1_000_000
"""Characters or bytes. Read without types, a message takes many times its own size."""

_MISSING: Final = "Object missing"
_INVALID: Final = "Invalid "
_NONE_OF_SOME: Final = ("Invalid value ", "Invalid enum value ")


def telling(
    read: Callable[[Payload], object],
    one_of: Callable[[object, Sequence[str]], str | None],
    *,
    are_places_clear: bool,
) -> Callable[[Exception, Payload], DecodeError]:
    """
    Make what turns the error that msgspec raised for a message into ours.

    Args:
        read: Reads a message of whatever type.
        one_of: Says which values may be in a place of a message: see `expecting()`.
        are_places_clear: Whether a place has but one meaning.
    """

    def found(data: Payload, place: str) -> str | None:
        value = read(data)
        for step in steps_to(place):
            value = inside(value, step)
        return _told(value)

    def expected(data: Payload, place: str) -> str | None:
        return one_of(read(data), steps_to(place))

    def error_of(error: Exception, data: Payload) -> DecodeError:
        ours = decode_error(error, data)
        if len(data) > LONGEST_READ_AGAIN or not are_places_clear:
            return ours
        # What a class has raised for an object says itself what it says.
        is_rule = isinstance(error, msgspec.ValidationError) and error.__cause__ is None
        if not is_rule:
            return ours
        if ours.got is not None and ours.problem.startswith(_NONE_OF_SOME):
            return _said_with(ours, _if_it_is_there(expected, data, ours.path))
        if ours.got is None and not ours.problem.startswith(_MISSING):
            ours.got = _if_it_is_there(found, data, ours.path)
            ours.expected = ours.expected or _valid(ours.problem)
        return ours

    return error_of


def _said_with(error: DecodeError, expected: str | None) -> DecodeError:
    """Say in the sentence, too, what was expected."""
    if expected is None or error.got is None:
        return error
    got = spelled(error.got)
    problem = one_line(f"Expected {expected}, got {got}")
    kind = type(error)
    return kind(problem, error.data, error.path, expected=expected, got=got)


def _if_it_is_there(
    look: Callable[[Payload, str], str | None], data: Payload, place: str
) -> str | None:
    try:
        return look(data, place)
    except (*UNREADABLE, ValueError):
        # Behind what was wrong first, the message may be anything; and a dict keeps the
        # key to itself.
        return None


def _valid(problem: str) -> str | None:
    """Name what a text should have been: a UUID, say."""
    # Some say what is wrong behind a colon.
    is_named = problem.startswith(_INVALID) and ":" not in problem
    return problem.removeprefix(_INVALID) if is_named else None


def _told(value: object) -> str:
    if is_object(value):
        return f"`object` of length {len(value)}"
    if is_array(value):
        return f"`array` of length {len(value)}"
    return shortened(spelled(ascii(value)))
