"""What the process of a server holds, as it tells it itself."""

import asyncio
import ctypes
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
        unanswered: How many have ended before their handshakes were answered, so far.
        memory: What the system has given it, in bytes: also pages that are half free.
        heap: Bytes of it that are in use, in pieces of more than 512.
        blocks: Pieces of at most 512 bytes that are in use, and all others; each object
            has one at the least.
        objects: Those that the garbage collector knows.
        tasks: Of asyncio.
        files: Open ones, sockets among them.
    """

    connections: int
    unanswered: int
    memory: int
    heap: int
    blocks: int
    objects: int
    tasks: int
    files: int


class _Mallinfo(ctypes.Structure):
    """
    What the allocator of glibc tells of itself: see mallinfo(3).

    It is in glibc since long before `mallinfo2()`, and an int holds less than 2 GiB.
    """

    hblkhd: int
    uordblks: int


# Not in the class, where mypy would have it be of the exact type that the base says.
_Mallinfo._fields_ = [
    (name, ctypes.c_int)
    for name in (
        *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
        *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
    )
]


def _in_use() -> int:
    """Tell how much the allocator has given away, in maps of their own and not."""
    mallinfo = ctypes.CDLL(None).mallinfo
    mallinfo.restype = _Mallinfo
    told: object = mallinfo()
    assert isinstance(told, _Mallinfo)
    return told.hblkhd + told.uordblks


def held(connections: int, unanswered: int) -> bytes:
    """Tell what this process holds, when all garbage is collected."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return msgspec.json.encode(
        Held(
            connections,
            unanswered=unanswered,
            memory=pages * os.sysconf("SC_PAGE_SIZE"),
            heap=_in_use(),
            blocks=sys.getallocatedblocks(),
            objects=len(gc.get_objects()),
            tasks=len(asyncio.all_tasks()),
            files=len(list(Path("/proc/self/fd").iterdir())),
        )
    )
