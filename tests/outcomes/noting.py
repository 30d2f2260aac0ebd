"""
What a handler in a server's process has seen, for the test that talks to it to read.

It goes to a file for each visit, line by line, so that it outlives the process.
"""

import os
from pathlib import Path
from typing import Final

from tests.servers.launching import FOLDER
from typedws import ClosedWebSocket, DeniedWebSocket, Ended, Handshake

__all__ = [
    "BEGINS",
    "DRAIN",
    "ENDS",
    "HOST",
    "name_of",
    "notes_of",
    "number_of",
    "tell",
    "tell_end",
    "write",
]

BEGINS: Final = "begins"
ENDS: Final = "ends: "
"""The lines that are written around each connection."""

HOST: Final = "other.example"
"""The host of those targets that have one."""

DRAIN: Final = "/drain/"
"""Behind it stands the number of the visit whose application is to be drained."""


def tell(websocket: Handshake, line: str) -> None:
    """Write down what was seen."""
    write(number_of(websocket["path"]), line)


def tell_end(websocket: Handshake, ended: Ended) -> None:
    """Write down how a connection has ended."""
    match ended:
        case ClosedWebSocket():
            reason = f" {ended.reason!a}" if ended.reason else ""
            tell(websocket, f"over: {ended.code}{reason} by {ended.closed_by}")
        case DeniedWebSocket():
            tell(websocket, f"denied: {ended.status}")


def name_of(path: str) -> str:
    """Read the name of the scenario from a path, `/its-scenario/its-number/...`."""
    return _segments(path)[0]


def number_of(path: str) -> str:
    """Read the number of the visit from a path."""
    return _segments(path)[1]


def _segments(path: str) -> list[str]:
    # Where a target has a host, servers do not agree on whether the path has it.
    return path.rpartition(f"{HOST}/")[2].lstrip("/").split("/")


def write(number: str, line: str) -> None:
    """Add a line to the notes of a visit."""
    with _file_of(Path(os.environ[FOLDER]), number).open("a") as notes:
        notes.write(f"{line}\n")


def notes_of(folder: Path, number: str) -> list[str]:
    """Read what was written so far."""
    file = _file_of(folder, number)
    # The last line is being written, or is empty.
    return file.read_text().split("\n")[:-1] if file.exists() else []


def _file_of(folder: Path, number: str) -> Path:
    return folder / f"{number}.notes"
