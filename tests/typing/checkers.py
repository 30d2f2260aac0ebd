"""
The type checkers, as functions from files to what is wrong in them.

Each runs as a user runs it: in a folder with a `pyproject.toml`, which is the one that
docs/type-safety.md recommends. A checker that could not look at every file is an error
of its own, and never taken for one that has found nothing.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias, final

import msgspec
from attrs import frozen

SETTINGS: Final = Path(__file__).with_name("settings") / "pyproject.toml"
"""What is recommended to users, for all of the checkers."""

LONGEST_RUN: Final = 300
"""Seconds that a checker may take on a machine under load, with nothing cached."""

LONGEST_CHECK: Final = 3 * LONGEST_RUN
"""Seconds that all of them may take, two at a time."""

PLUGIN_LINE: Final = 'plugins = ["typedws.mypy_plugin"]\n'

_AT_ONCE: Final = 2
_LOOKED: Final = {0, 1}
"""What each of them exits with when it has found nothing, or something."""


@final
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


class CheckerFailedError(Exception):
    """A checker could not look."""


@final
@frozen(order=False)
class Output:
    """
    What a checker has printed.

    Attributes:
        text: To its output.
        errors: To its standard error.
        files: How many files it was given.
    """

    text: bytes
    errors: bytes
    files: int


@final
@frozen(eq=False, order=False)
class Checker:
    """
    A type checker, and how to run it.

    Attributes:
        name: By which a mark names it.
        title: By which a reader knows it.
        package: The package that it comes in.
        arguments: How it is called, without the files.
        findings: What it has found, read from what it has printed.
    """

    name: str
    title: str
    package: str
    arguments: Sequence[str]
    findings: Callable[[Output], list[Finding]]

    @property
    def is_installed(self) -> bool:
        """Tell whether it is here."""
        return find_spec(self.package) is not None

    def check(self, project: Path, files: Sequence[Path]) -> list[Finding]:
        """
        Check files of a project.

        Raises:
            CheckerFailedError: It could not look.
        """
        names = [file.relative_to(project).as_posix() for file in files]
        try:
            completed = subprocess.run(
                [sys.executable, "-m", self.package, *self.arguments, *names],
                cwd=project,
                env=_environment(),
                capture_output=True,
                timeout=LONGEST_RUN,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CheckerFailedError(self.name, "took too long") from error
        output = Output(completed.stdout, completed.stderr, len(names))
        if completed.returncode not in _LOOKED:
            raise CheckerFailedError(self.name, completed.returncode, output)
        try:
            return self.findings(output)
        except msgspec.DecodeError as error:
            raise CheckerFailedError(self.name, str(error), output) from error


def _environment() -> dict[str, str]:
    # Where coverage measures subprocesses, it need not measure these; and no setting of
    # the machine may come in between.
    ours = ("COVERAGE_", "MYPY", "PYREFLY_", "TY_")
    kept = {name: it for name, it in os.environ.items() if not name.startswith(ours)}
    return kept | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}


# --- What each of them prints --------------------------------------------------------


@final
@frozen(order=False)
class _MypyFinding:
    file: str
    line: int
    message: str
    severity: str


def _mypy_findings(output: Output) -> list[Finding]:
    # The plugin says there that it does nothing, and mypy that it can't go on.
    if output.errors:
        raise CheckerFailedError("mypy", output.errors.decode(), output)
    found = [
        msgspec.json.decode(line, type=_MypyFinding)
        for line in output.text.splitlines()
    ]
    return [
        Finding(Path(one.file).name, one.line, one.message)
        for one in found
        if one.severity == "error"
    ]


@final
@frozen(order=False)
class _PyrightPosition:
    line: int


@final
@frozen(order=False)
class _PyrightRange:
    start: _PyrightPosition


@final
@frozen(order=False)
class _PyrightFinding:
    file: str
    severity: str
    message: str
    range: _PyrightRange


@final
@frozen(order=False)
class _PyrightSummary:
    filesAnalyzed: int  # noqa: N815 - pyright's name for it


@final
@frozen(order=False)
class _PyrightReport:
    generalDiagnostics: list[_PyrightFinding]  # noqa: N815 - pyright's name for it
    summary: _PyrightSummary


def _pyright_findings(output: Output) -> list[Finding]:
    report = msgspec.json.decode(output.text, type=_PyrightReport)
    if report.summary.filesAnalyzed != output.files:
        raise CheckerFailedError("pyright", "did not look at every file", output)
    return [
        Finding(Path(one.file).name, one.range.start.line + 1, one.message)
        for one in report.generalDiagnostics
        if one.severity == "error"
    ]


@final
@frozen(order=False)
class _PyreflyFinding:
    path: str
    line: int
    description: str
    severity: str


@final
@frozen(order=False)
class _PyreflyReport:
    errors: list[_PyreflyFinding]


def _pyrefly_findings(output: Output) -> list[Finding]:
    report = msgspec.json.decode(output.text, type=_PyreflyReport)
    # A file that is not there it leaves out, without a word.
    checked = re.search(rb"(\d+) modules? \(", output.errors)
    if checked is None or int(checked[1]) != output.files:
        raise CheckerFailedError("pyrefly", "did not look at every file", output)
    return [
        Finding(Path(one.path).name, one.line, one.description)
        for one in report.errors
        if one.severity == "error"
    ]


@final
@frozen(order=False)
class _TyLine:
    line: int


@final
@frozen(order=False)
class _TyPositions:
    begin: _TyLine


@final
@frozen(order=False)
class _TyLocation:
    path: str
    positions: _TyPositions


@final
@frozen(order=False)
class _TyFinding:
    description: str
    severity: str
    location: _TyLocation


def _ty_findings(output: Output) -> list[Finding]:
    # Its words for a warning and for a hint, in the format of GitLab.
    harmless = {"info", "minor"}
    return [
        Finding(
            Path(one.location.path).name,
            one.location.positions.begin.line,
            one.description,
        )
        for one in msgspec.json.decode(output.text, type=list[_TyFinding])
        if one.severity not in harmless
    ]


# --- The five ------------------------------------------------------------------------

_MYPY: Final = ("--output=json", "--no-error-summary")

PLUGIN: Final = Checker(
    "plugin",
    "mypy + plugin",
    "mypy",
    (*_MYPY, "--config-file=pyproject.toml", "--cache-dir=.mypy_cache/plugin"),
    _mypy_findings,
)
MYPY: Final = Checker(
    "mypy",
    "mypy",
    "mypy",
    (*_MYPY, "--config-file=no_plugin.toml", "--cache-dir=.mypy_cache/no_plugin"),
    _mypy_findings,
)
PYRIGHT: Final = Checker(
    "pyright",
    "pyright",
    "pyright",
    ("--outputjson", f"--pythonpath={sys.executable}"),
    _pyright_findings,
)
PYREFLY: Final = Checker(
    "pyrefly",
    "pyrefly",
    "pyrefly",
    (
        *("check", "--output-format=json", "--summary=full"),
        f"--python-interpreter-path={sys.executable}",
    ),
    _pyrefly_findings,
)
TY: Final = Checker(
    "ty",
    "ty",
    "ty",
    ("check", "--output-format=gitlab", f"--python={sys.executable}"),
    _ty_findings,
)

CHECKERS: Final[Mapping[str, Checker]] = {
    checker.name: checker for checker in (PLUGIN, MYPY, PYRIGHT, PYREFLY, TY)
}
"""Each by the name that a mark gives to it."""


# --- A run of several ----------------------------------------------------------------


@final
@frozen(order=False)
class Run:
    """
    What a checker has found in all files.

    Attributes:
        findings: What it has found.
        seconds: How long it took.
    """

    findings: list[Finding]
    seconds: float


Runs: TypeAlias = Mapping[str, Future[Run]]
"""Runs that are over, by the checker; that of one that failed raises its error."""


def make_project(folder: Path, files: Iterable[Path]) -> list[Path]:
    """
    Copy files into a project of a user, beside the settings that are recommended.

    Raises:
        ValueError: Two files have the same name, so a finding would say too little.
    """
    shutil.copy(SETTINGS, folder)
    settings = SETTINGS.read_text()
    (folder / "no_plugin.toml").write_text(settings.replace(PLUGIN_LINE, ""))
    copies: list[Path] = []
    for file in files:
        copy = folder / file.name
        if copy in copies:
            message = f"there are two files of the name {file.name}"
            raise ValueError(message)
        if copy != file:
            shutil.copy(file, copy)
        copies.append(copy)
    return copies


def run(project: Path, files: Mapping[str, Sequence[Path]]) -> Runs:
    """Let several checkers look at their files, and wait for them all."""

    def timed(name: str) -> Run:
        begun = time.monotonic()
        findings = CHECKERS[name].check(project, files[name])
        return Run(findings, time.monotonic() - begun)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return {
            name: pool.submit(timed, name)
            for name in files
            if CHECKERS[name].is_installed
        }
