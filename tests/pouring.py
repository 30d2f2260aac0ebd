"""
Sending until a send is stuck, in a handler of a real server whose client reads nothing.

How much the buffers on the way hold, and how fast a machine fills them, nobody knows
beforehand: a send is stuck when it has not come back for a while.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import anyio.lowlevel
from attrs import define

__all__ = ["CHUNK", "CHUNKS", "Pouring"]

CHUNK: Final = 64 * 1024
CHUNKS: Final = 512
"""Of 32 MiB in all: more than all buffers on the way hold together."""

LOOKS: Final = 10
PAUSE: Final = 0.06
"""
How often the same send is found under way, and how many seconds lie between.

Together more than half a second. A process that gets no turn for as long does not look
meanwhile, so it takes no send for stuck.
"""


@define(eq=False)
class Pouring:
    """
    Many messages, which a client is sent that reads nothing.

    Attributes:
        begun: How many sends have begun.
        done: How many of them have come back.
    """

    begun: int = 0
    done: int = 0

    async def pour(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send them all, or as many as are taken."""
        for _ in range(CHUNKS):
            self.begun += 1
            await send(bytes(CHUNK))
            self.done += 1
            # daphne takes all, and makes nobody wait.
            await anyio.lowlevel.checkpoint()

    async def gets_stuck(self) -> bool:
        """Wait until a send is stuck, or all were taken; tell whether one is."""
        looks = 0
        while looks < LOOKS and self.done < CHUNKS:
            done = self.done
            await anyio.sleep(PAUSE)
            is_under_way = self.done == done < self.begun
            looks = looks + 1 if is_under_way else 0
        return self.done < CHUNKS
