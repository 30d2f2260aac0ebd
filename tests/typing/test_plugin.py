"""
The mypy plugin, held to the marks in `plugin_cases/`.

A line that is marked `# E: mypy-plugin[code]` has to be reported, with that code, by
mypy with the plugin, and no other line may be. Without the plugin none may be: the
cases are about nothing else.
"""

import re
from pathlib import Path

import pytest

from tests.typing.mypy_project import (
    ANSWERED_TWICE,
    CASES,
    WITH_PLUGIN,
    WITHOUT_PLUGIN,
    Project,
    Run,
    marked,
)

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Begin with an empty folder."""
    return Project(tmp_path)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Run]:
    """Run mypy over all cases, with the plugin and without."""
    runs: dict[bool, Run] = {}
    for has_plugin, settings in ((True, WITH_PLUGIN), (False, WITHOUT_PLUGIN)):
        project = Project(tmp_path_factory.mktemp("cases"))
        runs[has_plugin] = project.mypy(*CASES, settings=settings)
    return runs


# --- The cases -----------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_each_marked_line_is_reported_and_no_other(
    checked: dict[bool, Run], case: Path
) -> None:
    """With the plugin mypy reports what is marked."""
    reported = {found for found in checked[True].found if found[0] == case.name}

    assert marked(case) == reported
    assert checked[True].errors == ""


def test_without_the_plugin_exactly_the_marked_lines_are_missing(
    checked: dict[bool, Run],
) -> None:
    """Without the plugin mypy has nothing to say."""
    missing = checked[True].found - checked[False].found

    assert marked(*CASES) == missing
    assert checked[False].found == set()
    assert checked[False].status == 0


def test_there_are_enough_cases_of_both_kinds() -> None:
    """At least 60 mistakes, and 60 correct programs."""
    correct = [case for case in CASES if case.stem.startswith("correct_")]
    programs = [
        re.findall(r"^ *async def ", case.read_text(), re.MULTILINE) for case in correct
    ]

    assert len(marked(*CASES)) >= 60
    assert sum(map(len, programs)) >= 60
    assert marked(*correct) == set()


# --- What is said --------------------------------------------------------------------


def test_the_sentences(project: Project) -> None:
    """A report names the call, its line and the cure."""
    handlers = project.write(
        "handlers.py",
        """
        from typedws import ConnectedWebSocket, UnacceptedWebSocket

        async def certain(ws: UnacceptedWebSocket) -> None:
            await ws.accept()
            await ws.close()

        async def possible(ws: UnacceptedWebSocket, is_known: bool) -> None:
            if is_known:
                await ws.close()
            await ws.accept()

        async def one_of_two(ws: UnacceptedWebSocket, is_known: bool) -> None:
            if is_known:
                await ws.accept()
            else:
                await ws.close()
            await ws.close()

        async def loop(ws: UnacceptedWebSocket) -> None:
            while True:
                await ws.accept()

        async def closed(connected: ConnectedWebSocket) -> None:
            await connected.close()
            await connected.send_text("bye")

        async def handed_on(ws: UnacceptedWebSocket) -> None:
            await ws.accept()
            await certain(ws)
        """,
    )
    run = project.mypy(handlers)

    assert (
        '"ws" was spent by accept() on line 5; use the ConnectedWebSocket that it '
        "returned  [typestate]\n"
        '"ws" may have been spent by close() on line 10; on that path use the '
        "DeniedWebSocket that it returned  [typestate]\n"
        '"ws" was spent by accept() on line 15 or close() on line 17; use the '
        "ConnectedWebSocket or DeniedWebSocket that it returned  [typestate]\n"
        '"ws" may have been spent by accept() on line 22, in an earlier turn of the '
        "loop; on that path use the ConnectedWebSocket that it returned  [typestate]\n"
        '"connected" was spent by close() on line 25; use the ClosedWebSocket that it '
        "returned  [typestate]\n"
        'Argument 1 to "certain" has incompatible type '
        "\"SpentWebSocket[Literal['accept() on line 29']]\"; expected "
        '"UnacceptedWebSocket"  [arg-type]'
    ) == "\n".join(run.sentences)


def test_a_report_can_be_ignored_by_its_code(project: Project) -> None:
    """`# type: ignore[typestate]` is all it takes."""
    text = ANSWERED_TWICE.replace("ws.close()", "ws.close()  # type: ignore[typestate]")
    run = project.mypy(project.write("handler.py", text))

    assert run.status == 0


def test_code_behind_isinstance_is_still_checked(project: Project) -> None:
    """What was answered is not taken for another object, which would hide mistakes."""
    handler = project.write(
        "handler.py",
        """
        from typedws import UnacceptedWebSocket

        async def handler(ws: UnacceptedWebSocket) -> None:
            await ws.accept()
            if isinstance(ws, UnacceptedWebSocket):
                number: int = "one"
                await ws.close()
        """,
    )
    run = project.mypy(handler)
    expected = {("handler.py", 7, "assignment"), ("handler.py", 8, "typestate")}

    assert expected == run.found


def test_what_mypy_rejects_itself_is_reported_once(project: Project) -> None:
    """The plugin adds nothing to a mistake that it is not about."""
    handler = project.write(
        "handler.py",
        """
        from typedws import UnacceptedWebSocket

        async def handler(ws: UnacceptedWebSocket) -> None:
            await ws.accept(subprotocol=1)
            await ws.send_text("hello")
            ws.state = {}
            await ws.negotiate()
        """,
    )
    run = project.mypy(handler)
    without = project.mypy(handler, settings=WITHOUT_PLUGIN)

    assert {5, 6, 7, 8} == {line for _, line, _ in run.found}
    assert without.found == run.found


# --- A table with one more line ------------------------------------------------------


def test_a_transition_that_lasts_is_made_where_it_is_awaited(project: Project) -> None:
    """Not where it is called, for it may go on beside what follows."""
    (project.folder / "site").mkdir()
    project.write(
        "site/more_methods.py",
        """
        from typedws.mypy_plugin import plugin
        from typedws.mypy_plugin.methods import CONNECTED, METHODS, Method

        METHODS[CONNECTED]["receive"] = Method(leads_to="ClosedWebSocket", lasts=True)
        """,
    )
    handlers = project.write(
        "handlers.py",
        """
        import asyncio
        from typedws import ConnectedWebSocket

        async def awaited(connected: ConnectedWebSocket) -> None:
            await connected.receive()
            await connected.send_text("bye")

        async def beside(connected: ConnectedWebSocket) -> None:
            receiving = asyncio.create_task(connected.receive())
            await connected.send_text("hello")
            await receiving
        """,
    )
    run = project.mypy(handlers, settings="[mypy]\nplugins = more_methods\n")

    assert (
        '"connected" was spent by receive() on line 6; use the ClosedWebSocket that it '
        "returned  [typestate]"
    ) == "\n".join(run.sentences)
