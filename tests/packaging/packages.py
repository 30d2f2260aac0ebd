"""The packages that are made of this checkout, and environments to try them in."""

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Final, final

from attrs import frozen

from tests.pages import ROOT

LONGEST_STEP: Final = 500
"""Seconds for one command: it may have to download."""


@final
@frozen(order=False)
class Packages:
    """
    What `python -m build` makes.

    Attributes:
        wheel: The wheel.
        sdist: The source distribution.
    """

    wheel: Path
    sdist: Path

    def files_of_wheel(self) -> set[str]:
        """Name the files of the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    def files_of_sdist(self) -> set[str]:
        """Name those of the source distribution, without the folder around them."""
        with tarfile.open(self.sdist) as archive:
            files = [member.name for member in archive.getmembers() if member.isfile()]
        return {name.partition("/")[2] for name in files}

    def metadata(self) -> Message:
        """Read what the wheel says of itself."""
        name = next(it for it in self.files_of_wheel() if it.endswith("/METADATA"))
        with zipfile.ZipFile(self.wheel) as archive:
            return Parser().parsestr(archive.read(name).decode())


def build(folder: Path) -> Packages:
    """Make both packages."""
    run([sys.executable, "-m", "build", "--outdir", str(folder)], ROOT)
    return Packages(next(folder.glob("*.whl")), next(folder.glob("*.tar.gz")))


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    """Run a command; return what it has printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_STEP,
        check=False,
    )
    assert 0 == done.returncode, done.stdout
    return done.stdout


def new_environment(folder: Path) -> Path:
    """Make an environment with nothing in it; return its Python."""
    run([sys.executable, "-m", "venv", str(folder)], folder.parent)
    return folder / "bin" / "python"
