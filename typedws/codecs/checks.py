"""
Checks: whether a type form can be read and written at all, asked once, with a reason.

msgspec would find out itself about the most, when the first message comes.
"""

import datetime as dt
import enum
from collections.abc import (
    Collection,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
)
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Annotated, Final, final
from uuid import UUID

import msgspec
from attrs import field, frozen
from msgspec.msgpack import Ext

from typedws.codecs.forms import (
    arguments_of,
    has_origin,
    is_alias,
    is_class,
    is_union,
    literals_of,
    members_of,
    name_of,
    one_layer_off,
    origin_of,
    unannotated,
)
from typedws.codecs.hashes import needs_a_look
from typedws.codecs.libraries import has_hash
from typedws.codecs.parts import parts_of
from typedws.codecs.shapes import shape_of
from typedws.codecs.unions import Options, check_kinds, check_texts, tagged

__all__ = ["check_form"]

_SCALARS: Final = frozenset[object](
    {
        *(object, type(None), bool, int, float, str, bytes, bytearray, memoryview),
        *(dt.datetime, dt.date, dt.time, dt.timedelta, UUID, Decimal),
        *(msgspec.Raw, msgspec.UnsetType, Ext),
    }
)
_CONTAINERS: Final = frozenset[object](
    {
        *(list, tuple, set, frozenset, dict),
        *(Collection, Sequence, MutableSequence, AbstractSet, MutableSet),
        *(Mapping, MutableMapping),
    }
)


# A tuple has a hash if all that is in it has one, which is seen when it comes.
_WITH_A_HASH: Final = frozenset[object]({tuple, frozenset})

# A key of JSON is a text, and msgspec reads none as one of these.
_NO_TEXTS: Final = frozenset[object]({bool, type(None)})
_NO_KEYS: Final = frozenset[object](
    {bytearray, memoryview, msgspec.Raw, msgspec.UnsetType, Ext}
)


def check_form(form: object, options: Options, *, has_json_only: bool) -> None:
    """
    Look through a form for what can't be in a message, or can't be told apart there.

    Args:
        form: The form.
        options: How classes are written.
        has_json_only: Whether a message can't hold what is no JSON.

    Raises:
        TypeError: There is some of it.
    """
    _Check(options, has_json_only).check(form, ())


@final
@frozen(eq=False, order=False)
class _Check:
    options: Options
    has_json_only: bool
    _classes: set[object] = field(factory=set[object], init=False)

    def check(self, form: object, aliases: tuple[object, ...]) -> None:
        if is_alias(form) and form in aliases:
            raise TypeError(
                f"{name_of(form)} is an alias that has itself in it, which msgspec "
                "can't read; make it a class"
            )
        if shape_of(form) is not None:
            if form in self._classes:
                return
            self._classes.add(form)
            aliases = ()
        elif is_union(form):
            check_kinds(members_of(form))
            tagged(members_of(form), self.options)
        elif not _is_known(form) or (self.has_json_only and form is Ext):
            raise TypeError(f"{name_of(form)} is not a type that a message can hold")
        for inner in arguments_of(form)[:1]:
            if has_origin(form, Mapping):
                self._check_key(inner)
            elif has_origin(form, AbstractSet):
                _check_hash(inner)
        for part in parts_of(form):
            self.check(part, (*aliases, form))

    def _check_key(self, form: object) -> None:
        members = tuple(members_of(form))
        for member in members:
            bare = unannotated(member)
            if (
                shape_of(member) is not None
                or origin_of(member) in _CONTAINERS
                or bare in _NO_KEYS
                or (self.has_json_only and bare in _NO_TEXTS)
            ):
                raise TypeError(
                    f"{name_of(member)} can't be the key of an object in a message; "
                    "take a text or a number"
                )
        if self.has_json_only:
            check_texts(members)
        elif len(members) > 1 and needs_a_look(form, has_long_ints=False):
            raise TypeError(
                f"{name_of(form)} can't be the key of a map in a message, where "
                "what is read as a text is no other key; take one of them"
            )


def _check_hash(form: object) -> None:
    """Refuse as an item of a set what has no hash, so that no set could be made."""
    for member in map(unannotated, members_of(form)):
        if _has_no_hash(member):
            raise TypeError(
                f"{name_of(member)} can't be in a set, since it has no hash; take a "
                "list, or make the class frozen"
            )


def _has_no_hash(member: object) -> bool:
    shape = shape_of(member)
    if shape is not None:
        return not has_hash(shape.cls)
    origin = origin_of(member) or member
    return origin in _CONTAINERS and origin not in _WITH_A_HASH


def _is_known(form: object) -> bool:
    origin = origin_of(form)
    return (
        one_layer_off(form) is not form
        or bool(literals_of(form))
        or origin is Annotated
        or origin in _CONTAINERS
        or form in _CONTAINERS
        or form in _SCALARS
        or (is_class(form) and issubclass(form, enum.Enum))
    )
