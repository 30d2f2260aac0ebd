"""What is said where the plugin can do nothing: one line. mypy goes on without it."""

import sys
from collections.abc import Callable

from mypy.plugin import Plugin
from mypy.version import __version__

__all__ = ["complain", "refusal"]


def complain(problem: str, version: str = __version__) -> None:
    """Say in one line that the plugin does nothing, and why."""
    line = (
        f"typedws.mypy_plugin does nothing with mypy {version}: {problem}; "
        "the use of a state that was left is not reported"
    )
    sys.stderr.write(f"{line}\n")


def refusal(problem: str) -> Callable[[str], type[Plugin]]:
    """Make an entry point that hands out a plugin which does nothing."""

    def plugin(version: str) -> type[Plugin]:
        complain(problem, version)
        return Plugin

    return plugin
