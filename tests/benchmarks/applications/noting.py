"""
What an application has read of a handshake, so that a measurement can look at it.

An application that reads less than the others would be faster, and nobody would know.
"""

from collections import deque
from typing import Final, TypeAlias

Note: TypeAlias = tuple[object, ...]

_NOTES: Final[deque[Note]] = deque(maxlen=1)


def note(*values: object) -> None:
    """Note what was read."""
    _NOTES.append(values)


def last_note() -> Note:
    """Take the last note, or an empty one."""
    return _NOTES.pop() if _NOTES else ()
