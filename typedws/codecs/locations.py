"""
Where in a message a problem is, by what pydantic says of it.

Its `loc` has the keys and indices that lead there, and between them names of its own:
those of tags and types. Nothing here knows pydantic; its codec imports this.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias, final

from attrs import field, frozen

from typedws.codecs.untyped import is_array, is_object

__all__ = ["Location", "child_of", "place_of_missing", "place_of_value"]

Location: TypeAlias = tuple[int | str, ...]
"""Keys and indices, one after the other."""

_MOST_WAYS: Final = 256
"""Ways to follow at once. A peer makes them, and pydantic goes no deeper than that."""

_MOST_COMPARED: Final = 100
"""Parts to compare; a peer makes values that are alike, too, at any length."""


@final
@frozen(eq=False, order=False)
class _Way:
    """
    Where some steps of a `loc` may lead to.

    Attributes:
        place: Those of them that are keys or indices.
        part: What is in that place.
        is_named: Whether the last step was a name for it.
    """

    place: Location
    part: object
    is_named: bool = field(default=False, kw_only=True)


def place_of_value(value: object, loc: Location, document: object) -> Location:
    """
    Find the place of a value.

    Args:
        value: The value, as pydantic has got it.
        loc: What it says of the place.
        document: The message, read without types.
    """
    return _leading_to(value, _ways(loc, document))


def place_of_missing(parent: object, loc: Location, document: object) -> Location:
    """
    Find the place where a value is missing.

    Args:
        parent: The object or array that lacks it.
        loc: What pydantic says of the place.
        document: The message, read without types.
    """
    within, step, name = loc[:-1], loc[-2:-1], loc[-1:]
    ways = _ways(within, document)
    place, by_keys = _leading_to(parent, ways), ways[0].place
    # An alias may be a path, and then it begins at the parent. A tag is in the parent.
    is_path = place[-1:] != step == by_keys[-1:] and not _has_tag(parent, step)
    return (by_keys if is_path else place) + name


def child_of(document: object, step: int | str) -> tuple[object, ...]:
    """Give what is in a place, alone in a tuple; an empty one if nothing is."""
    if isinstance(step, str):
        return (document[step],) if is_object(document) and step in document else ()
    is_there = is_array(document) and 0 <= step < len(document)
    return (document[step],) if is_there and is_array(document) else ()


def _leading_to(value: object, ways: Sequence[_Way]) -> Location:
    fitting = (way.place for way in ways if _are_alike(way.part, value))
    # It may be none that came: the key of a dict, or what a validator has made of one.
    return next(fitting, ways[0].place)


def _ways(loc: Location, document: object) -> Sequence[_Way]:
    """Take each step for a key, or for a name; first comes what is most likely."""
    ways: dict[int, _Way] = {id(document): _Way((), document)}
    for step in loc:
        further: dict[int, _Way] = {}
        for way in ways.values():
            for next_way in _next(way, step):
                # Two ways to one part are the same; of equal texts one is enough.
                further.setdefault(id(next_way.part), next_way)
        ways = dict(islice(further.items(), _MOST_WAYS))
    return tuple(ways.values())


def _next(way: _Way, step: int | str) -> Iterator[_Way]:
    place, part = (*way.place, step), way.part
    by_key = [_Way(place, child) for child in child_of(part, step)]
    by_name = _Way(way.place, part, is_named=True)
    # Of a tag the name comes once, and before the keys in its object.
    is_tag = by_key and not way.is_named and _has_tag(part, (step,))
    return iter([by_name, *by_key] if is_tag else [*by_key, by_name])


def _has_tag(part: object, names: Location) -> bool:
    values = islice(part.values(), _MOST_COMPARED) if is_object(part) else ()
    # What a validator has made of a message may not like to be compared.
    return any(isinstance(value, (int, str)) and value in names for value in values)


def _are_alike(part: object, value: object) -> bool:
    """Compare a part of the message with a value, as far as their first parts."""
    waiting = [(part, value)]
    # It grows under way.
    for one, other in islice(waiting, _MOST_COMPARED):
        if is_object(one) and is_object(other):
            if one.keys() != other.keys():
                return False
            names = islice(one, _MOST_COMPARED)
            waiting.extend((one[name], other[name]) for name in names)
        elif is_array(one) and is_array(other):
            if len(one) != len(other):
                return False
            waiting.extend(islice(zip(one, other, strict=True), _MOST_COMPARED))
        elif type(one) is not type(other) or one != other:
            return False
    return True
