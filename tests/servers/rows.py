"""Rows: what came of a scenario, and the files of what was measured."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from tests.servers.observing import Record

Row: TypeAlias = dict[str, Record]
"""The records of the application and of the client; `server`, if it has ended."""

Rows: TypeAlias = dict[str, Row]

MEASURED: Final = Path(__file__).parent / "measured"


@functools.cache
def measured(name: str) -> Rows:
    """Read what was measured on a server."""
    content: dict[str, Rows] = json.loads(file_of(name).read_text())
    return content["rows"]


def measured_version(name: str) -> str:
    """Read which version of a server was measured."""
    content: dict[str, str] = json.loads(file_of(name).read_text())
    return content["version"]


def write(name: str, version: str, rows: Mapping[str, Row]) -> None:
    """Write down what was measured on a server."""
    content = {"version": version, "rows": rows}
    file_of(name).write_text(json.dumps(content, indent=1) + "\n")


def file_of(name: str) -> Path:
    """Name the file of a server."""
    return MEASURED / f"{name}.json"
