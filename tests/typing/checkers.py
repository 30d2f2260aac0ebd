"""
The type checkers, as functions from files to what is wrong in them.

Each runs once over all its files, with the strictness that users can be expected to
have. Where one is not installed, the tests that need it are skipped.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import pytest
from attrs import frozen

ROOT: Final = Path(__file__).parents[2]
"""The repository."""

LONGEST_RUN: Final = 150
"""Seconds that a checker may take on a machine under load, with nothing cached."""


@frozen(order=False)
class Finding:
    """
    An error that a type checker has found.

    Attributes:
        file: The name of the file.
        line: The number of the line, from 1.
        message: What is wrong.
    """

    file: str
    line: int
    message: str


Checker = Callable[[Sequence[Path], Path], list[Finding]]
"""From files and a folder for what it writes to what is wrong in the files."""


@frozen(order=False)
class _MypyFinding:
    file: str
    line: int
    message: str
    severity: str


def mypy(files: Sequence[Path], scratch: Path) -> list[Finding]:
    """Run mypy with `--strict` and no other option that finds more."""
    pytest.importorskip("mypy")
    output = _run(
        *("mypy", "--config-file=", "--strict", "--explicit-package-bases"),
        *("--output=json", f"--cache-dir={scratch / 'mypy'}"),
        *map(str, files),
    )
    found = [
        msgspec.json.decode(line, type=_MypyFinding) for line in output.splitlines()
    ]
    return [
        Finding(Path(finding.file).name, finding.line, finding.message)
        for finding in found
        if finding.severity == "error"
    ]


@frozen(order=False)
class _PyrightPosition:
    line: int


@frozen(order=False)
class _PyrightRange:
    start: _PyrightPosition


@frozen(order=False)
class _PyrightFinding:
    file: str
    severity: str
    message: str
    range: _PyrightRange


@frozen(order=False)
class _PyrightReport:
    generalDiagnostics: list[_PyrightFinding]  # noqa: N815 - pyright's name for it


def pyright(files: Sequence[Path], scratch: Path) -> list[Finding]:
    """Run pyright in its strict mode."""
    pytest.importorskip("pyright")
    configuration = scratch / "pyrightconfig.json"
    configuration.write_bytes(
        msgspec.json.encode(
            {
                "typeCheckingMode": "strict",
                # It takes no absolute paths.
                "include": [os.path.relpath(file, scratch) for file in files],
                "exclude": [],
            }
        )
    )
    output = _run(
        *("pyright", f"--project={configuration}", f"--pythonpath={sys.executable}"),
        "--outputjson",
    )
    report = msgspec.json.decode(output, type=_PyrightReport)
    return [
        Finding(Path(finding.file).name, finding.range.start.line + 1, finding.message)
        for finding in report.generalDiagnostics
        if finding.severity == "error"
    ]


CHECKERS: Final[Mapping[str, Checker]] = {"mypy": mypy, "pyright": pyright}
"""Each by the name that a mark gives to it."""


def _run(*command: str) -> bytes:
    # Where coverage measures subprocesses, it need not measure these.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("COVERAGE_")
    }
    completed = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    # Both say 1 when they have found something, and more when they could not look.
    assert completed.returncode in {0, 1}, completed
    return completed.stdout
