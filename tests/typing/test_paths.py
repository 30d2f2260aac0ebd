"""
The plugin, held to what happens on each path of programs that are made at random.

It reports each call that meets a state which was left, on some path; and no other.
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final, TypeAlias, final

import pytest
from attrs import frozen

from tests.typing.made_programs import Call, Maker, lines_of
from tests.typing.mypy_project import Project
from tests.typing.paths import mistakes_in

HEAD: Final = """\
import asyncio
import contextlib

from attrs import frozen
from typedws import ConnectedWebSocket, UnacceptedWebSocket


@frozen
class Holder:
    ws: UnacceptedWebSocket
    connected: ConnectedWebSocket


def is_so() -> bool:
    return True


def number() -> int:
    return 1
"""
ARGUMENTS: Final = (
    "ws: UnacceptedWebSocket, connected: ConnectedWebSocket, holder: Holder"
)
ANSWERS: Final = (
    Call("asyncio.sleep(1, True)"),
    Call("{place}ws.accept()", leaves=True, is_refused=True),
    Call("{place}ws.close()", leaves=True, is_refused=True),
)
CLOSES: Final = (
    Call("asyncio.sleep(1, True)"),
    Call("{place}connected.close()", leaves=True),
    Call("{place}connected.send_text('hello')", is_refused=True),
)
HOW_MANY: Final = 150

Places: TypeAlias = set[int]
"""Numbers of lines."""

pytestmark = pytest.mark.timeout(300)


@final
@frozen(order=False)
class Programs:
    """
    Programs in one file.

    Attributes:
        text: Of the file.
        mistakes: The lines in which a call meets a state that was left.
    """

    text: str
    mistakes: Places


def programs(maker: Maker, place: str) -> Programs:
    """Write programs down, and note what must be reported."""
    lines: list[str] = [*HEAD.splitlines()]
    mistakes: Places = set()
    for index in range(HOW_MANY):
        program = maker.block(2)
        wrong = mistakes_in(program)
        lines += ["", "", f"async def program_{index}({ARGUMENTS}) -> None:"]
        for line, call in lines_of(program, "    "):
            lines.append(line.format(place=place))
            if call in wrong:
                mistakes.add(len(lines))
    return Programs("\n".join([*lines, ""]), mistakes)


def reported(project: Project, text: str) -> Places:
    """Return the lines in which the plugin reports something."""
    run = project.mypy(project.write("programs.py", text))

    assert "" == run.errors
    return {line for _, line, code in run.found if code == "typestate"}


@pytest.mark.parametrize("place", ["", "holder."], ids=["name", "attribute"])
@pytest.mark.parametrize("calls", [ANSWERS, CLOSES], ids=["answered", "closed"])
def test_what_is_reported_is_what_happens(
    tmp_path: Path, calls: Sequence[Call], place: str
) -> None:
    """On some path, for each line of each program."""
    made = programs(Maker(Random(20), calls), place)

    assert len(made.mistakes) > HOW_MANY / 4
    assert made.mistakes == reported(Project(tmp_path), made.text)


@pytest.mark.parametrize("calls", [ANSWERS, CLOSES], ids=["answered", "closed"])
def test_where_errors_are_suppressed_nothing_is_reported_that_does_not_happen(
    tmp_path: Path, calls: Sequence[Call]
) -> None:
    """Though not everything that does: who suppresses errors expects one."""
    made = programs(Maker(Random(20), calls, suppresses=True), "holder.")
    found = reported(Project(tmp_path), made.text)

    assert set() == found - made.mistakes
    assert len(found) > len(made.mistakes) * 0.9
