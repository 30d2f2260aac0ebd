"""
Values made of bytes: what a fuzzer changes, and what typedws is given.

Each byte decides something small, so that a fuzzer that changes one sees what comes of
it. When there are no more bytes, all that follows is empty.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar, final

ItemT = TypeVar("ItemT")

_DEEPEST: Final = 3


@final
class Bites:
    """Bytes, taken one after the other."""

    def __init__(self, data: bytes) -> None:
        """Begin at the front."""
        self._data = data
        self._at = 0

    def byte(self) -> int:
        """Take a byte; 0 if there is none."""
        if self._at >= len(self._data):
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def is_empty(self) -> bool:
        """Tell whether there are no more."""
        return self._at >= len(self._data)

    def pick(self, items: Sequence[ItemT]) -> ItemT:
        """Choose one of several."""
        return items[self.byte() % len(items)]

    def some(self) -> bytes:
        """Take a number of bytes; what is long is so often enough."""
        count = self.byte()
        taken = self._data[self._at : self._at + count]
        self._at += len(taken)
        return taken

    def rest(self) -> bytes:
        """Take all that is left."""
        taken, self._at = self._data[self._at :], len(self._data)
        return taken

    def text(self) -> str:
        """Take a text: any that Python can hold, or one that a client can send."""
        return self.some().decode(self.pick(["latin-1", "utf-8"]), "surrogateescape")

    def items(self, make: Callable[[], ItemT]) -> list[ItemT]:
        """Make some values."""
        return [make() for _ in range(self.byte() % 8) if not self.is_empty()]

    def pair(self) -> tuple[bytes, bytes]:
        """Make a header."""
        names = (b"host", b"origin", b"cookie", b"sec-websocket-protocol", b"x-token")
        return self.pick([*names, self.some()]), self.some()

    def value(self, depth: int = 0) -> object:
        """Make any value that may stand in a scope or in an event."""
        if depth > _DEEPEST:
            return None
        makers: list[Callable[[], object]] = [
            lambda: None,
            self.byte,
            self.text,
            self.some,
            lambda: float(self.byte()) or float("nan"),
            lambda: bool(self.byte() % 2),
            lambda: self.items(lambda: self.value(depth + 1)),
            lambda: self.items(self.pair),
            lambda: dict(self.items(lambda: (self.text(), self.value(depth + 1)))),
            lambda: (self.text(), self.byte()),
            lambda: self.items(self.text),
            lambda: -(10 ** self.byte()),
            object,
        ]
        return self.pick(makers)()
