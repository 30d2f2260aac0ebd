"""
One target under atheris, in a process of its own: see `tests.fuzz`.

atheris is not installed where it is not needed, and has no types. So it is looked up by
name, and so is what it is to watch, which must be imported after it.
"""

import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Final, Protocol


class Instrument(Protocol):
    """Watches what is imported meanwhile."""

    def __call__(self, *, include: list[str]) -> AbstractContextManager[object]:
        """Watch what is imported of these packages."""
        ...


ATHERIS: Final = import_module("atheris")

instrument: Final[Instrument] = getattr(ATHERIS, "instrument_imports")
set_up: Final[Callable[[list[str], Callable[[bytes], None]], object]] = getattr(
    ATHERIS, "Setup"
)
begin: Final[Callable[[], object]] = getattr(ATHERIS, "Fuzz")

with instrument(include=["typedws"]):
    run: Final[Callable[[str, bytes], None]] = getattr(
        import_module("tests.fuzz.targets"), "fuzz"
    )


def main() -> None:
    """Fuzz the target that the first argument names."""
    logging.disable(logging.CRITICAL)
    name = sys.argv.pop(1)
    set_up(sys.argv, lambda data: run(name, data))
    begin()


if __name__ == "__main__":
    main()
