"""
What the type checkers find, compared with the marks, line by line.

    $ python -m tests.typing.compare

runs all of them over all files and prints the differences. What a checker says is not
compared, since it changes; where it says something is.
"""

import functools
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, final

from attrs import frozen

from tests.pages import BLOCKS, ROOT, mistakes_in, reuses_in
from tests.typing.checkers import (
    CHECKERS,
    MYPY,
    PLUGIN,
    PYRIGHT,
    CheckerFailedError,
    Finding,
    Runs,
    make_project,
    run,
)
from tests.typing.marks import Marks, Place, marks_of

_HERE: Final = Path(__file__).parent
MISTAKES: Final = sorted((_HERE / "cases" / "mistakes").glob("*.py"))
PROGRAMS: Final = sorted((_HERE / "cases" / "programs").glob("*.py"))
PEERS: Final = sorted((_HERE / "cases" / "peers").glob("*.py"))
PLUGIN_CASES: Final = sorted((_HERE / "plugin_cases").glob("*.py"))
EXAMPLES: Final = sorted((ROOT / "docs" / "examples").glob("*.py"))

PEER_CHECKERS: Final = (MYPY.name, PYRIGHT.name)
"""What the same mistakes in other libraries are shown to."""

PEER_PACKAGES: Final = (
    *("starlette", "litestar", "falcon", "quart", "aiohttp", "websockets"),
)


@final
@frozen(order=False)
class Differences:
    """
    In what a checker differs from the marks.

    Attributes:
        missing: Marked lines in which it has found nothing.
        unexpected: What it has found in other lines.
    """

    missing: frozenset[Place]
    unexpected: tuple[Finding, ...]

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.missing or self.unexpected)

    def lines(self) -> list[str]:
        """Say them, one a line."""
        missing = [f"{file}:{line}: not found" for file, line in sorted(self.missing)]
        unexpected = [f"{it.file}:{it.line}: {it.message}" for it in self.unexpected]
        return missing + unexpected


def differences(checker: str, marks: Marks, findings: Iterable[Finding]) -> Differences:
    """Compare what a checker has found with the marks."""
    expected = {place for place, names in marks.items() if checker in names}
    found = {(finding.file, finding.line): finding for finding in findings}
    return Differences(
        frozenset(expected - found.keys()),
        tuple(finding for place, finding in found.items() if place not in expected),
    )


def has_peers() -> bool:
    """Tell whether the other libraries are here."""
    return all(find_spec(package) is not None for package in PEER_PACKAGES)


def all_files(project: Path) -> Mapping[str, Sequence[Path]]:
    """Put all files into a project; return which of them each checker is shown."""
    blocks = [block.write(project) for block in BLOCKS if block.is_typed]
    files = [*MISTAKES, *PROGRAMS, *PLUGIN_CASES, *EXAMPLES, *blocks]
    ours = make_project(project, files)
    peers = make_project(project, PEERS) if has_peers() else []
    return {
        name: [*ours, *peers] if name in PEER_CHECKERS else ours for name in CHECKERS
    }


@functools.cache
def all_marks() -> Marks:
    """Read all marks."""
    marks: dict[Place, frozenset[str]] = {}
    for file in (*MISTAKES, *PROGRAMS, *PLUGIN_CASES):
        marks |= marks_of(file, CHECKERS)
    for file in PEERS if has_peers() else []:
        marks |= marks_of(file, PEER_CHECKERS)
    for block in BLOCKS:
        marks |= dict.fromkeys(mistakes_in(block), frozenset(CHECKERS))
        marks |= dict.fromkeys(reuses_in(block), frozenset({PLUGIN.name}))
    return marks


def run_all(project: Path) -> Runs:
    """Let all checkers look at all of their files, once."""
    return run(project, all_files(project))


def main() -> int:
    """Print what differs; return how many checkers differ, or could not look."""
    with tempfile.TemporaryDirectory() as folder:
        runs = run_all(Path(folder).resolve())
    marks = all_marks()
    failures = 0
    for name in CHECKERS:
        if name not in runs:
            sys.stdout.write(f"{name}: not installed\n")
            continue
        lines = _report(name, marks, runs)
        sys.stdout.write("\n".join([*lines, ""]))
        failures += len(lines) > 1
    return failures


def _report(name: str, marks: Marks, runs: Runs) -> list[str]:
    try:
        one = runs[name].result()
    except CheckerFailedError as error:
        return [f"{name}: failed", repr(error)]
    found = differences(name, marks, one.findings)
    title = f"{name}: {len(one.findings)} findings, {one.seconds:.1f} s"
    return [title, *(f"  {line}" for line in found.lines())]


if __name__ == "__main__":
    sys.exit(main())
