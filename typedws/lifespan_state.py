"""
From what the lifespan has left for each connection to a record, without a copy.

The values are whatever the application put there: a pool of connections, a settings
object. So nothing is converted. A value is there and is an instance, or it is not.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeVar

from typing_extensions import TypeForm

from typedws.codecs.forms import (
    arguments_of,
    is_union,
    literals_of,
    name_of,
    origin_of,
    unwrapped,
)
from typedws.exceptions import InvalidScope
from typedws.records import fields_of, make, shape_for

__all__ = ["read_state"]

RecordT = TypeVar("RecordT")

_CLASS: Final[type[type]] = type


def read_state(state: Mapping[str, object], form: TypeForm[RecordT]) -> RecordT:
    """
    Read the state.

    Raises:
        InvalidScope: A value is missing, or not an instance of its type.
        TypeError: It is no class with fields.
    """
    shape = shape_for(form, "state_as")
    values: dict[str, object] = {}
    for field in fields_of(shape):
        if field.key in state:
            values[field.argument] = value = state[field.key]
            got = "" if _fits(value, field.form) else type(value).__name__
        else:
            got = "nothing; has the lifespan left it?" if field.is_required else ""
        if got:
            expected = f"{field.key!r} of type {name_of(field.form)}"
            raise InvalidScope("state", expected, got)
    return make(form, shape, values)


def _fits(value: object, form: object) -> bool:
    """Tell whether a value is an instance of a type, as far as that can be told."""
    form = unwrapped(form)
    origin = origin_of(form)
    if is_union(form):
        return any(_fits(value, member) for member in arguments_of(form))
    if origin is Annotated:
        return _fits(value, arguments_of(form)[0])
    if origin is Literal:
        return any(type(value) is type(it) and value == it for it in literals_of(form))
    if form is float and type(value) is int:
        return True  # as type checkers have it
    kind = form if origin is None else origin
    try:
        return not isinstance(kind, _CLASS) or isinstance(value, kind)
    except TypeError:
        return True  # most Protocols and a TypedDict can't be asked
