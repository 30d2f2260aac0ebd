"""
The record on disk: one file for each Python, and what the page is made of.

A record is of one machine and one set of versions. A part of the suite may be measured
anew and put into it, but only where both are the same.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs
import msgspec
from attrs import frozen

from tests.benchmarks.machine import Machine
from tests.benchmarks.results import Result
from tests.servers.plain_data import is_dict

FOLDER: Final = Path(__file__).parent / "measured"


class OtherCircumstances(Exception):
    """A part can't be put into a record that was made under other circumstances."""


@final
@frozen(order=False)
class Record:
    """
    What was measured on one Python.

    Attributes:
        machine: The machine, with its Python.
        packages: The versions of the packages.
        results: By the keys of the groups.
    """

    machine: Machine
    packages: dict[str, str]
    results: dict[str, Result]

    def with_part(self, part: "Record") -> "Record":
        """
        Put in what was measured anew.

        Raises:
            OtherCircumstances: The machine or a version is another one.
        """
        if self.machine != part.machine:
            raise OtherCircumstances(f"{part.machine} is not {self.machine}")
        for name, version in part.packages.items():
            if self.packages.get(name, version) != version:
                before = self.packages[name]
                raise OtherCircumstances(f"{name} {version} is not {name} {before}")
        return attrs.evolve(
            self,
            packages=dict(sorted({**self.packages, **part.packages}.items())),
            results={**self.results, **part.results},
        )


def file_of(machine: Machine) -> Path:
    """Name the file of a Python: `cpython-3.11.json`."""
    name, version = machine.python.lower().split()
    return FOLDER / f"{name}-{'.'.join(version.split('.')[:2])}.json"


def read(file: Path) -> Record | None:
    """Read a record, if there is one."""
    if not file.exists():
        return None
    return msgspec.json.decode(file.read_bytes(), type=Record)


def records() -> Mapping[str, Record]:
    """Read all records, by the name of their Python; the oldest Python comes first."""
    found = [record for file in FOLDER.glob("*.json") if (record := read(file))]
    found.sort(key=lambda record: _version(record.machine))
    return {record.machine.python: record for record in found}


def _version(machine: Machine) -> tuple[int, ...]:
    _, version = machine.python.split()
    return tuple(int(part) for part in version.split(".")[:2])


def write(record: Record) -> None:
    """Write a record, with as many digits as mean something."""
    plain = _rounded(msgspec.to_builtins(record))
    FOLDER.mkdir(exist_ok=True)
    encoded = msgspec.json.format(msgspec.json.encode(plain), indent=1)
    file_of(record.machine).write_bytes(encoded + b"\n")


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if is_dict(value):
        return {key: _rounded(item) for key, item in value.items()}
    return value
