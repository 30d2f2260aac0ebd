"""
An event loop of asyncio whose clock jumps: a test of an idle time-out takes no time.

    anyio.run(main, backend_options={"loop_factory": VirtualTimeLoop})

trio has its own: `trio.testing.MockClock(autojump_threshold=0)`.
"""

import asyncio
import selectors
from typing import cast, final

from typing_extensions import override

__all__ = ["VirtualTimeLoop"]


@final
class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """
    An event loop whose time goes on only when every task waits for it.

    It then jumps to the first timer that is due. Real input wakes it as ever, but it
    does not wait for any, nor for a thread, while there is a timer to jump to.
    """

    def __init__(self) -> None:
        """Begin at zero."""
        self._now = 0.0
        selector: object = _JumpingSelector(self)
        # The door: typeshed has an Any in what a selector gives, and so no class of
        # ours can be one.
        super().__init__(cast("selectors.BaseSelector", selector))  # the door

    @override
    def time(self) -> float:
        """Return the seconds that have passed in this loop."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


@final
class _JumpingSelector:
    """Lets time pass where a selector would wait for it."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        self._selector = selectors.DefaultSelector()
        self._loop = loop

    def select(self, timeout: float | None = None) -> object:
        if timeout is None or timeout <= 0:
            return self._now_or_never(timeout)
        ready = self._now_or_never(0)
        if not ready:
            self._loop.jump(timeout)
        return ready

    def _now_or_never(self, timeout: float | None) -> object:
        ready: object = self._selector.select(timeout)
        return ready

    def __getattr__(self, name: str) -> object:
        value: object = getattr(self._selector, name)
        return value
