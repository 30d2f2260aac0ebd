"""
The pages that name tests: each fault, and each promise, has some, and they are there.

So whoever reads `docs/faults.md` or `SECURITY.md` can trust it, and nobody can rename a
test away.
"""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, final

import pytest
from attrs import frozen

from tests.outcomes.scenarios.catalogue import SCENARIOS
from tests.pages import ROOT

FAULTS_PAGE: Final = ROOT / "docs" / "faults.md"
SECURITY_PAGE: Final = ROOT / "SECURITY.md"
_TEST: Final = re.compile(
    r"^- `(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)`(?P<loop> \(asyncio\))?$"
)
_LIVE: Final = "On real servers: "
_NAMES: Final = ("- ", _LIVE)
_NAME: Final = re.compile(r"`([^`]+)`")
_LIVE_TEST: Final = re.compile(r"(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)")


@final
@frozen(order=False)
class Fault:
    """
    A fault, or a promise.

    Attributes:
        name: Its heading.
        lines: What stands below it.
    """

    name: str
    lines: tuple[str, ...]

    def named(self) -> list[re.Match[str]]:
        """Find the tests that it names."""
        matches = [_TEST.match(line) for line in self.lines if line.startswith("- ")]
        return [match for match in matches if match is not None]

    def live(self) -> list[str]:
        """Find the scenarios, and the tests, with real servers that it names."""
        lines = [line for line in self.lines if line.startswith(_LIVE)]
        return [name for line in lines for name in _NAME.findall(line)]


def sections_of(content: str, heading: str) -> Iterator[Fault]:
    """Read the sections of a page."""
    for section in content.split(f"\n{heading} ")[1:]:
        name, *lines = section.split("\n## ")[0].splitlines()
        yield Fault(name, tuple(lines))


FAULTS: Final = {
    section.name: section
    for section in (
        *sections_of(FAULTS_PAGE.read_text(), "##"),
        *sections_of(SECURITY_PAGE.read_text(), "###"),
    )
}

OF_SERVERS: Final = (
    "The peer goes while something is sent",
    "A handler ends without a close",
    "A peer closes in the ordinary way",
    "The server is stopped",
    "A peer does not read, and is to be closed",
    "A close code is illegal, or a reason too long",
    "A handshake is refused with a response",
    "Messages are huge, or a peer is slow",
)
"""The faults that are tried on real servers, for it is there that they differ most."""

by_fault: Final = pytest.mark.parametrize("name", FAULTS)


@functools.cache
def tree(path: Path) -> ast.Module:
    """Read a module of tests."""
    return ast.parse(path.read_text())


def functions_of(path: Path) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Find the functions of a module."""
    return {
        node.name: node
        for node in tree(path).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def marks_of(path: Path, name: str) -> str:
    """Return how a test is marked, alone or with all of its module."""
    of_all = [
        ast.unparse(node.value)
        for node in tree(path).body
        if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node.targets[0])
    ]
    return "".join(
        of_all + list(map(ast.unparse, functions_of(path)[name].decorator_list))
    )


@by_fault
def test_a_fault_says_what_happens_what_typedws_does_and_what_proves_it(
    name: str,
) -> None:
    """Each bullet is a test, and there is at least one."""
    fault = FAULTS[name]
    bullets = [line for line in fault.lines if line.startswith("- ")]
    prose = [line for line in fault.lines if line and not line.startswith(_NAMES)]

    assert len(bullets) == len(fault.named()) > 0
    assert prose


@by_fault
def test_each_test_of_a_fault_is_there(name: str) -> None:
    """With a docstring that says what it shows."""
    for match in FAULTS[name].named():
        test = functions_of(ROOT / match["file"]).get(match["name"])

        assert test is not None, match.string
        assert ast.get_docstring(test)


@by_fault
def test_each_test_of_a_fault_runs_on_both_event_loops(name: str) -> None:
    """But for those of what only asyncio has, which say so."""
    for match in FAULTS[name].named():
        path = ROOT / match["file"]
        marks = marks_of(path, match["name"])
        needs_a_loop = isinstance(
            functions_of(path)[match["name"]], ast.AsyncFunctionDef
        )
        has_both = not needs_a_loop or "anyio" in marks.replace("anyio_backend", "")

        assert has_both, match.string
        assert ("anyio_backend" in marks) is (match["loop"] is not None), match.string


@pytest.mark.parametrize("name", OF_SERVERS)
def test_a_fault_in_which_servers_differ_is_tried_on_them(name: str) -> None:
    """By a scenario, or by a test, and the page names it."""
    assert FAULTS[name].live()


@by_fault
def test_what_is_tried_on_real_servers_is_there(name: str) -> None:
    """Each scenario is one, and each test is among the live ones and says why."""
    for live in FAULTS[name].live():
        match = _LIVE_TEST.fullmatch(live)
        if match is None:
            assert live in SCENARIOS
            continue
        path = ROOT / match["file"]
        test = functions_of(path).get(match["name"])

        assert test is not None, live
        assert ast.get_docstring(test)
        assert "pytest.mark.live" in marks_of(path, match["name"])
        assert "skip" not in marks_of(path, match["name"])
