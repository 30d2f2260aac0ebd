"""
Who runs on which core: the client has one for itself, and the servers have the others.

Else the scheduler puts a client and its server now on one core and now on two, and a
message that goes back and forth takes half or twice the time, whatever library it is.
Where cores can't be chosen, or there is only one, all of this does nothing.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TypeAlias

Cores: TypeAlias = frozenset[int]


def two_parts_of_the_cores() -> tuple[Cores, Cores]:
    """Return the core of the client, and those of the servers."""
    if sys.platform != "linux":
        return frozenset(), frozenset()
    first, *others = sorted(os.sched_getaffinity(0))
    return (frozenset({first}), frozenset(others)) if others else (Cores(), Cores())


@contextmanager
def running_on(cores: Cores) -> Generator[None]:
    """Run on these cores; what is started in the block stays on them."""
    if sys.platform != "linux" or not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
