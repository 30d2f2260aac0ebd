"""
What a handler in a server's process notes, for the test that talks to it to read.

A test puts a number into the path of its connection, and asks for the notes with that
number over HTTP.
"""

import time
from collections import defaultdict
from typing import Final

from typedws import Handshake

__all__ = ["note", "note_end", "notes_of"]

_NOTES: Final = defaultdict[str, list[tuple[str, object, float]]](list)


def note(websocket: Handshake, what: str, how: object = None) -> None:
    """Note something about a connection, and when it was."""
    _note(websocket.url.path, what, how)


def note_end(path: str, how: str) -> None:
    """Note that the application of a connection has ended."""
    _note(path, "end", how)


def _note(path: str, what: str, how: object) -> None:
    # The clock of the machine, which all its processes share.
    _NOTES[path.split("/")[2]].append((what, how, time.monotonic()))


def notes_of(number: str) -> list[tuple[str, object, float]]:
    """Give what was noted so far."""
    return _NOTES[number]
