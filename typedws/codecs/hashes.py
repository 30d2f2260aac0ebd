"""
Hashes: what keeps a set of a peer's making from taking hours.

Python's hashes of numbers are no secret: a peer can send any number of ints, Decimals
or UUIDs that have the same one, and of tuples, too. To put n such values into a set, or
into a dict as keys, takes n * n steps.
"""

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final, TypeGuard

from typedws.codecs.forms import (
    arguments_of,
    is_class,
    literals_of,
    members_of,
    origin_of,
    unannotated,
    unwrapped,
)
from typedws.codecs.libraries import field_names_of

__all__ = [
    "MOST_ALIKE",
    "TooManyAlike",
    "check_hashes",
    "hashed_form",
    "needs_a_look",
]

_MOST_DIGITS: Final = 4300
"""Of a Decimal; as many as Python reads of an int."""

MOST_ALIKE: Final = 64
"""Different values that may have one hash. By chance there are not even two."""

# Texts and bytes are hashed with a secret. Of the others too few have the same hash: of
# floats some 30, of ints of 64 bits some 16, of times two.
_SAFE: Final[tuple[type[object], ...]] = (
    *(str, bytes, bool, float, type(None)),
    *(date, time, timedelta, enum.Enum),
)
_INT: Final[type[object]] = int


class TooManyAlike(Exception):
    """Too many different values have one hash, and that is no accident."""


def hashed_form(form: object, *, has_long_ints: bool) -> object | None:
    """
    Give what a set or a dict hashes, if a peer can choose the hashes; else `None`.

    Args:
        form: Any form.
        has_long_ints: Whether an int may have more than 64 bits.
    """
    form = unannotated(unwrapped(form))
    origin = origin_of(form) or form
    if not is_class(origin) or not issubclass(origin, (AbstractSet, Mapping)):
        return None
    (item, *_) = arguments_of(form) or (object,)
    if issubclass(origin, Mapping) and unannotated(unwrapped(item)) is object:
        # In JSON that is always a text, and in MessagePack `keys` has looked.
        return None
    return item if needs_a_look(item, has_long_ints=has_long_ints) else None


def needs_a_look(form: object, *, has_long_ints: bool) -> bool:
    """Say whether a peer can choose the hashes of the values of a form."""
    safe = _SAFE if has_long_ints else (*_SAFE, _INT)
    return not all(_is_safe(member, safe) for member in members_of(form))


def _is_safe(member: object, safe: tuple[type[object], ...]) -> bool:
    member = unannotated(unwrapped(member))
    return bool(literals_of(member)) or (is_class(member) and issubclass(member, safe))


def check_hashes(values: Collection[object]) -> None:
    """
    Look for too many values that are alike.

    Raises:
        TooManyAlike: There are.
        TypeError: There is one that has no hash.
    """
    counts = Counter(map(hash, values))
    if max(counts.values(), default=0) <= MOST_ALIKE:
        return
    groups: dict[int, list[object]] = {}
    for value in (one for one in values if counts[hash(one)] > MOST_ALIKE):
        # Here a value that is repeated is one.
        group = groups.setdefault(hash(value), [])
        if value not in group:
            group.append(value)
            # To compare others with a long number may take a step for each digit.
            if len(group) > MOST_ALIKE or _has_long_number(value):
                raise TooManyAlike


def _has_long_number(value: object) -> bool:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Decimal):
            if len(value.as_tuple().digits) > _MOST_DIGITS:
                return True
        elif _is_listed(value):
            waiting.extend(value)
        else:
            waiting.extend(_fields_of(value))
    return False


def _fields_of(value: object) -> Iterator[object]:
    for name in field_names_of(type(value)):
        item: object = getattr(value, name, None)
        yield item


def _is_listed(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, (tuple, frozenset))
