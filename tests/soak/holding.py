"""What the process of a server holds, as it tells it itself."""

import asyncio
import gc
import os
import sys
from pathlib import Path
from typing import Final

import msgspec
from attrs import frozen

__all__ = ["HELD", "Held", "held"]

HELD: Final = "/held"
"""The path of the question."""


@frozen
class Held:
    """
    What a process holds.

    Attributes:
        connections: Live ones.
        memory: What the system has given it, in bytes: also pages that are half free.
        blocks: Pieces of memory that are in use; each object has one at the least.
        objects: Those that the garbage collector knows.
        tasks: Of asyncio.
        files: Open ones, sockets among them.
    """

    connections: int
    memory: int
    blocks: int
    objects: int
    tasks: int
    files: int


def held(connections: int) -> bytes:
    """Tell what this process holds, when all garbage is collected."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return msgspec.json.encode(
        Held(
            connections,
            memory=pages * os.sysconf("SC_PAGE_SIZE"),
            blocks=sys.getallocatedblocks(),
            objects=len(gc.get_objects()),
            tasks=len(asyncio.all_tasks()),
            files=len(list(Path("/proc/self/fd").iterdir())),
        )
    )
