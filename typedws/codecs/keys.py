"""
Keys: what keeps a map of a peer's making from taking hours, in MessagePack.

There an array may be a key, which is read as a tuple, and a peer can choose the hash of
a tuple: see `hashes`. Where a type says what a key is, that is no array. Where it says
`object`, msgspec reads what comes, and has made the dict before anyone can look at it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, final

from attrs import frozen

from typedws.codecs.building import Misfit
from typedws.codecs.codec import Payload
from typedws.codecs.hashes import MOST_ALIKE
from typedws.codecs.parts import has_anything_inside, is_anywhere

__all__ = ["Guarded", "takes_any_key"]


def takes_any_key(form: object) -> bool:
    """Say whether a map with any keys may be somewhere in a form."""
    return is_anywhere(form, has_anything_inside)


@final
@frozen(eq=False, order=False)
class Guarded:
    """
    What reads a message, unless a map in it has too many arrays as keys.

    Attributes:
        decode: Reads the message.
    """

    # A method and no function: kept on the class of a `Glance` it must not be bound.
    decode: Callable[[Payload], object]

    def read(self, data: Payload) -> object:
        """
        Read a message.

        Raises:
            msgspec.ValidationError: A map in it has too many arrays as keys.
        """
        if isinstance(data, bytes) and _may_have_too_many(data):
            _check(data)
        return self.decode(data)


# --- A look at the bytes -------------------------------------------------------------


def _starts(first: int, last: int) -> frozenset[int]:
    return frozenset(range(first, last + 1))


# What a value begins with, by the specification of MessagePack ("Formats").
_MAPS: Final = _starts(0x80, 0x8F) | {0xDE, 0xDF}
_ARRAYS: Final = _starts(0x90, 0x9F) | {0xDC, 0xDD}
_LARGE_MAPS: Final = (b"\xde", b"\xdf")
"""A map of 16 items or more begins with one of these."""

_NO_ARRAYS: Final = bytes(_starts(0x00, 0xFF) - _ARRAYS)


def _may_have_too_many(data: bytes) -> bool:
    # By this nearly every message is told to be harmless, in next to no time.
    if all(data.find(start) < 0 for start in _LARGE_MAPS):
        return False
    return len(data.translate(None, _NO_ARRAYS)) > MOST_ALIKE


def _by_start(firsts_of: Mapping[int, Iterable[int]]) -> dict[int, int]:
    return {first: number for number, firsts in firsts_of.items() for first in firsts}


_SIZES: Final = _by_start(
    {
        # With nothing in it an array is one key, however often it comes.
        1: _starts(0x00, 0x80) | {0x90} | _starts(0xC0, 0xC3) | _starts(0xE0, 0xFF),
        2: (0xCC, 0xD0),
        3: (0xCD, 0xD1, 0xD4),
        4: (0xD5,),
        5: (0xCA, 0xCE, 0xD2),
        6: (0xD6,),
        9: (0xCB, 0xCF, 0xD3),
        10: (0xD7,),
        18: (0xD8,),
    }
) | {0xA0 + length: 1 + length for length in range(0x20)}
"""Of how many bytes a value is, if its first byte says so."""

_VALUES: Final = {0x80 + length: 2 * length for length in range(1, 0x10)} | {
    0x90 + length: length for length in range(1, 0x10)
}
"""How many values there are in a container, if its first byte says so."""

_LENGTHS: Final = _by_start(
    {
        1: (0xC4, 0xC7, 0xD9),
        2: (0xC5, 0xC8, 0xDA, 0xDC, 0xDE),
        4: (0xC6, 0xC9, 0xDB, 0xDD, 0xDF),
    }
)
"""Of how many bytes the length is that stands behind the first byte."""

_EXTENSIONS: Final = _starts(0xC7, 0xC9)
_DEEPEST: Final = 10_000
"""Levels. Long before that msgspec stops, as Python does."""


def _check(data: bytes) -> None:
    """
    Look for a map with more arrays as keys than may be alike.

    Raises:
        msgspec.ValidationError: There is one.
        RecursionError: It is nested too deep.
    """
    outer: list[tuple[int, bool, int]] = []
    # Of the container that is read: its values that are left, and its keys so far.
    left, is_map, arrays = 1, False, 0
    at = 0
    while at < len(data):
        first = data[at]
        left -= 1
        if first in _SIZES:
            at += _SIZES[first]
        else:
            # Keys and values take turns, and the last one is a value.
            if is_map and left % 2 and first in _ARRAYS:
                arrays += 1
                _check_count(arrays)
            values = _VALUES.get(first, 0)
            at, values = (at + 1, values) if values else _behind(data, at)
            outer.append((left, is_map, arrays))
            left, is_map, arrays = values, first in _MAPS, 0
            if len(outer) > _DEEPEST:
                raise RecursionError
        while not left and outer:
            left, is_map, arrays = outer.pop()


def _behind(data: bytes, at: int) -> tuple[int, int]:
    """Give where the next value begins, and how many of them are in this one."""
    first = data[at]
    behind = at + 1 + _LENGTHS[first]
    length = int.from_bytes(data[at + 1 : behind], "big")
    if first in _ARRAYS:
        return behind, length
    if first in _MAPS:
        return behind, 2 * length
    return behind + length + (first in _EXTENSIONS), 0


def _check_count(arrays: int) -> None:
    if arrays > MOST_ALIKE:
        problem = f"Expected a map, got one with more than {MOST_ALIKE} arrays as keys"
        raise Misfit(problem).as_validation_error()
