"""What each event loop has one of: there may be several, in threads or in turn."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar, final

from anyio.lowlevel import RunVar

__all__ = ["PerLoop"]

ValueT = TypeVar("ValueT")


@final
class PerLoop(Generic[ValueT]):
    """
    A value for each event loop, made when it is first asked for there.

    Args:
        name: What it is.
        make: Makes one.
    """

    def __init__(self, name: str, make: Callable[[], ValueT]) -> None:
        """Make none yet."""
        self._make: Final = make
        self._kept: Final[RunVar[ValueT | None]] = RunVar(name, default=None)

    def here(self) -> ValueT:
        """Give that of the event loop that is running."""
        value = self._kept.get()
        if value is None:
            value = self._make()
            self._kept.set(value)
        return value
