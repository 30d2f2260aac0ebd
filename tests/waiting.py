"""Waiting for what another thread or process does, in a test that is not async."""

import time
from collections.abc import Callable
from typing import Final

__all__ = ["comes_true", "eventually"]

SECONDS: Final = 10.0
"""Far more than a machine under load needs."""

_PAUSE: Final = 0.01


def comes_true(is_so: Callable[[], bool], seconds: float = SECONDS) -> bool:
    """Wait until something is so, but not for ever; tell whether it is."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; that it never is fails the test."""
    assert comes_true(is_so), "it never came about"
