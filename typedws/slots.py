"""
Filling the slots of a frozen object, for the few functions that make one.

A frozen class refuses to be assigned to, and some of ours refuse to be called. What
makes their objects takes them from `object.__new__` and fills each slot. To do so by
the slot itself takes two thirds of the time of `object.__setattr__`, and each message
that is received, and each handshake, waits for it.
"""

from collections.abc import Callable
from typing import Final, Protocol

__all__ = ["new", "setter"]

new: Final = object.__new__
"""Makes an object without calling its class."""


class _Slot(Protocol):
    def __set__(self, instance: object, value: object, /) -> None: ...


def setter(cls: type[object], name: str) -> Callable[[object, object], None]:
    """Return the function that fills a slot: it takes the object, and the value."""
    slot: _Slot = getattr(cls, name)
    return slot.__set__
