"""A signal between two sides of one event loop: something has changed, look again."""

from typing import final

import anyio
from attrs import define, field

__all__ = ["Signal"]


@final
@define(eq=False, order=False)
class Signal:
    """
    Wakes all who wait for it, each time that it is fired.

    One that nobody waits for costs nothing: an `anyio.Event` is made by who waits.
    """

    _event: anyio.Event | None = field(default=None, init=False)

    def fire(self) -> None:
        """Wake all who wait."""
        if self._event is not None:
            self._event.set()
            self._event = None

    async def wait(self) -> None:
        """Wait until it is fired the next time."""
        if self._event is None:
            self._event = anyio.Event()
        await self._event.wait()
