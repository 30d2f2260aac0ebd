"""What a figure is true of: the Python, the machine, and the versions of packages."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final, final

from attrs import frozen

from tests.benchmarks.group import Group

TOOLS: Final = ("picows", "uvicorn", "granian", "uvloop", "websockets", "httptools")
"""Packages of which no row says that it needs them, but which take part."""

_NAME: Final = re.compile(r"[\w.-]+")


@final
@frozen(order=False)
class Machine:
    """
    The machine, without its name.

    Attributes:
        python: The Python, with its version.
        system: The operating system, with its version.
        processor: The model of the processor.
        cores: How many cores may be used.
    """

    python: str
    system: str
    processor: str
    cores: int


def this_machine() -> Machine:
    """Describe the machine that this runs on."""
    implementation = platform.python_implementation()
    return Machine(
        python=f"{implementation} {platform.python_version()}",
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_processor(),
        cores=os.cpu_count() or 1,
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"^model name\s*: (.*)$", cpuinfo.read_text(), re.MULTILINE)
        if found is not None:
            return found[1]
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        return ended.stdout.strip()
    return platform.processor() or "unknown"


def packages_of(groups: Iterable[Group]) -> dict[str, str]:
    """Tell the version of every package that takes part, and of what those need."""
    versions: dict[str, str] = {}
    wanted = [package for group in groups for package in _packages(group)]
    while wanted:
        name = _normal(wanted.pop())
        if name in versions:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # left out, or needed on other systems only
        versions[name] = found.version
        wanted += _requirements(found.requires or [])
    return dict(sorted(versions.items()))


def _packages(group: Group) -> Iterator[str]:
    yield from group.needs
    for row in group.rows:
        yield from row.library.packages
    if "picows" in group.needs:
        yield from TOOLS


def _requirements(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        name = _NAME.match(line)
        if name is not None and "extra ==" not in line:
            yield name[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
