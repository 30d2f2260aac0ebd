"""
Unions of many message classes, made at run time.

What is made at run time has no form that a type checker could see, hence the cast.
"""

import typing
from collections.abc import Callable, Mapping
from typing import Final, cast

import attrs
import msgspec
from typing_extensions import TypeForm

FIELDS: Final = {"room": str, "name": str, "text": str}


def name_of(number: int) -> str:
    """Name a class, and its tag."""
    return f"Message{number}"


def messages(count: int) -> list[Mapping[str, object]]:
    """Make a message of each class."""
    texts = {name: f"a {name}" for name in FIELDS}
    return [{"type": name_of(number), **texts} for number in range(count)]


def union_of(make: Callable[[str], type], count: int) -> TypeForm[object]:
    """Make classes, and the union of them."""
    classes = tuple(make(name_of(number)) for number in range(count))
    return form_of("Union", classes)


def form_of(name: str, parts: object) -> TypeForm[object]:
    """Make a type form of parts that are only known at run time."""
    special: Mapping[object, object] = vars(typing)[name]
    return cast("TypeForm[object]", special[parts])


def attrs_class(name: str) -> type:
    """Make an attrs class."""
    fields = {name: attrs.field(type=form) for name, form in FIELDS.items()}
    return attrs.make_class(name, fields, slots=True, frozen=True)


def struct(name: str) -> type:
    """Make a Struct."""
    return msgspec.defstruct(name, list(FIELDS.items()), tag=True)
