"""The two event loops, with a clock that jumps: seconds of a test take none."""

import trio.testing

from typedws.testing import VirtualTimeLoop

__all__ = ["jumping"]


def jumping(backend: object) -> tuple[str, dict[str, object]]:
    """Give what anyio takes for a backend, "asyncio" or "trio", with such a clock."""
    if backend == "trio":
        return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}
    return "asyncio", {"loop_factory": VirtualTimeLoop}
