"""Where a process of a benchmark keeps what Python has compiled."""

import os
from collections.abc import Mapping

__all__ = ["compiling_into"]


def compiling_into(folder: str) -> Mapping[str, str]:
    """
    Return the environment of a process that keeps what it compiles in a folder.

    Whoever installs a library has it compiled: pip does so for all modules. A process
    that may not keep what it compiles would do it again in each run.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
    }
    return kept | {"PYTHONPYCACHEPREFIX": folder}
