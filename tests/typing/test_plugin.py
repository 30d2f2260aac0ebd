"""
The mypy plugin, held to the marks in `plugin_cases/`.

A line that is marked `# E: mypy-plugin[code]` has to be reported, with that code, by
mypy with the plugin, and no other line may be. Without the plugin none may be: the
cases are about nothing else.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from textwrap import dedent
from typing import Final, TypeAlias, final

import pytest
from attrs import frozen
from mypy.binder import ConditionalTypeBinder
from mypy.options import Options
from mypy.plugin import Plugin

from typedws.mypy_plugin import plugin
from typedws.mypy_plugin.typestate import TypestatePlugin

ROOT: Final = Path(__file__).parents[2]
CASES: Final = sorted((Path(__file__).parent / "plugin_cases").glob("*.py"))
FIRST_SUPPORTED: Final = "2.2.0"
STRICT: Final = (
    "--strict",
    "--warn-unreachable",
    "--enable-error-code=exhaustive-match",
    "--enable-error-code=possibly-undefined",
    "--enable-error-code=redundant-expr",
)
WITH_PLUGIN: Final = "[mypy]\nplugins = typedws.mypy_plugin\n"
WITHOUT_PLUGIN: Final = "[mypy]\n"

Found: TypeAlias = set[tuple[str, int, str]]
"""Reports: file, line, code."""

pytestmark = pytest.mark.timeout(300)


@final
@frozen(eq=False, order=False)
class Run:
    """What one run of mypy has said."""

    status: int
    output: str
    errors: str

    @property
    def found(self) -> Found:
        """The reports."""
        pattern = r"^(\S+?):(\d+): error: .*\[([a-z-]+)\]$"
        reports = re.finditer(pattern, self.output, re.MULTILINE)
        return {(Path(one[1]).name, int(one[2]), one[3]) for one in reports}

    @property
    def sentences(self) -> list[str]:
        """The reports without their places."""
        return re.findall(r"^\S+?:\d+: error: (.*)$", self.output, re.MULTILINE)


@final
@frozen(eq=False, order=False)
class Project:
    """A folder in which mypy runs, and keeps its cache."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_text(dedent(text))
        return path

    def mypy(self, *arguments: str | Path, settings: str = WITH_PLUGIN) -> Run:
        """Run mypy as strictly as it can be."""
        self.write("settings.ini", settings)
        arguments = ("--config-file=settings.ini", *STRICT, *arguments)
        return self.python("-m", "mypy", *arguments)

    def dmypy(self, command: str, *arguments: str | Path) -> Run:
        """Give a command to the daemon of this folder."""
        status_file = ("--status-file", "daemon.json")
        return self.python("-m", "mypy.dmypy", *status_file, command, *arguments)

    def python(self, *arguments: str | Path) -> Run:
        """Run Python; what is in the folder `site` comes first."""
        path = os.pathsep.join([str(self.folder / "site"), str(ROOT)])
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "MYPYPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)


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


def marked(*files: Path) -> Found:
    """Read the marks."""
    marks: Found = set()
    for file in files:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            mark = re.search(r"# E: mypy-plugin\[([a-z-]+)\]$", line)
            if mark:
                marks.add((file.name, number, mark[1]))
    return marks


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


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--allow-redefinition"], id="allow-redefinition"),
        pytest.param(["--allow-redefinition-old"], id="allow-redefinition-old"),
        pytest.param(["--no-local-partial-types"], id="no-local-partial-types"),
        pytest.param(["--no-strict-optional"], id="no-strict-optional"),
        pytest.param(["--no-sqlite-cache"], id="no-sqlite-cache"),
        pytest.param(["--sqlite-cache"], id="sqlite-cache"),
        pytest.param(["--cache-fine-grained"], id="cache-fine-grained"),
        pytest.param(["--no-incremental"], id="no-incremental"),
        pytest.param(["--num-workers=2"], id="parallel-workers"),
        pytest.param(["--python-version=3.13"], id="python-3.13"),
    ],
)
def test_other_options_change_nothing(project: Project, options: list[str]) -> None:
    """The same lines are reported, cold and from the cache."""
    without = project.mypy(*options, *CASES, settings=WITHOUT_PLUGIN)
    cold = project.mypy(*options, *CASES)
    warm = project.mypy(*options, *CASES)

    assert marked(*CASES) == cold.found - without.found
    assert cold.found == warm.found


@pytest.mark.slow
def test_the_first_supported_mypy_reports_the_same(project: Project) -> None:
    """The oldest mypy that is supported reports the same lines."""
    target = project.folder / "site"
    requirement = f"mypy=={FIRST_SUPPORTED}"
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--target", target)
    installed = project.python(*pip, requirement)
    version = project.python("-m", "mypy", "--version")
    checked = project.mypy(*CASES)

    assert installed.status == 0, installed.errors
    assert FIRST_SUPPORTED in version.output
    assert marked(*CASES) == checked.found


# --- Caches --------------------------------------------------------------------------

ANSWERED_TWICE: Final = """
    from typedws import Ended, UnacceptedWebSocket


    async def handler(ws: UnacceptedWebSocket) -> Ended:
        await ws.accept()
        return await ws.close()
"""


BLINDS: Final = {
    "methods": "METHODS.clear()\n",
    "reader": "Reader.site_of = lambda *_: None\n",
}
"""What makes a module of the plugin see nothing."""


def test_the_second_run_reports_the_same(project: Project) -> None:
    """A report that comes from the cache is not lost."""
    handler = project.write("handler.py", ANSWERED_TWICE)
    cold = project.mypy(handler)
    warm = project.mypy(handler)

    assert {("handler.py", 7, "typestate")} == cold.found == warm.found


def test_a_cache_from_before_the_plugin_is_not_believed(project: Project) -> None:
    """To switch the plugin on or off takes effect at once."""
    handler = project.write("handler.py", ANSWERED_TWICE)
    runs = [
        project.mypy(handler, settings=settings).found
        for settings in (WITHOUT_PLUGIN, WITH_PLUGIN, WITHOUT_PLUGIN)
    ]

    assert [set(), {("handler.py", 7, "typestate")}, set()] == runs


@pytest.mark.parametrize("module", ["methods", "reader"])
def test_a_cache_from_another_plugin_is_not_believed(
    project: Project, module: str
) -> None:
    """A change in any module of the plugin takes effect at once."""
    site = project.folder / "site"
    shutil.copytree(ROOT / "typedws", site / "typedws")
    handler = project.write("handler.py", ANSWERED_TWICE)
    first = project.mypy(handler)
    with (site / "typedws" / "mypy_plugin" / f"{module}.py").open("a") as stream:
        stream.write(BLINDS[module])
    second = project.mypy(handler)

    assert {("handler.py", 7, "typestate")} == first.found
    assert (0, "") == (second.status, second.errors)


def test_a_state_that_comes_from_its_own_module_is_followed(project: Project) -> None:
    """The plugin has what it needs, whatever the program imports."""
    text = ANSWERED_TWICE.replace(
        "from typedws import Ended, Una", "from typedws.states import Una"
    )
    text = text.replace("Ended", "object")
    handler = project.write("handler.py", text)
    first = project.mypy(handler)
    handler.write_text(handler.read_text() + "# Changed.")
    second = project.mypy(handler)

    assert {("handler.py", 7, "typestate")} == first.found == second.found
    assert "" == first.errors + second.errors


def test_a_change_that_adds_or_removes_a_transition_takes_effect(
    project: Project,
) -> None:
    """Whether the cache knows the file or not."""
    handler = project.write("handler.py", ANSWERED_TWICE)
    once = handler.read_text().replace("    await ws.accept()\n", "")
    runs: list[Found] = []
    for text in (once, handler.read_text(), once):
        handler.write_text(text)
        runs.append(project.mypy(handler).found)

    assert [set(), {("handler.py", 7, "typestate")}, set()] == runs


def test_what_an_editor_has_not_saved_is_read_from_where_it_is(
    project: Project,
) -> None:
    """`--shadow-file` has another text checked in place of that of the file."""
    saved = project.write("handler.py", ANSWERED_TWICE.replace("ws.accept", "print"))
    edited = project.write("edited.tmp", "# One more line.\n" + dedent(ANSWERED_TWICE))
    run = project.mypy("--shadow-file", saved, edited, saved)

    assert {("handler.py", 8, "typestate")} == run.found


@pytest.fixture
def daemon(project: Project) -> Generator[Project]:
    """Stop the daemon in the end."""
    yield project
    project.dmypy("stop")


def test_the_daemon_follows_the_changes(daemon: Project) -> None:
    """In dmypy reports come, move and go with the file."""
    handler = daemon.write("handler.py", ANSWERED_TWICE)
    daemon.write("settings.ini", WITH_PLUGIN)
    options = ("--", "--config-file=settings.ini", *STRICT)
    first = daemon.dmypy("run", handler, *options)
    text = handler.read_text()
    handler.write_text(text.replace("    await ws.accept()", "\n    await ws.accept()"))
    moved = daemon.dmypy("check", handler)
    handler.write_text(text.replace("    await ws.accept()\n", ""))
    corrected = daemon.dmypy("check", handler)
    handler.write_text(text)
    again = daemon.dmypy("check", handler)

    assert {("handler.py", 7, "typestate")} == first.found == again.found
    assert {("handler.py", 8, "typestate")} == moved.found
    assert corrected.status == 0


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


def test_a_program_without_a_file_is_left_alone(project: Project) -> None:
    """`mypy -c` works; there the plugin can't read the text, and reports nothing."""
    run = project.mypy("-c", dedent(ANSWERED_TWICE))

    assert (0, "") == (run.status, run.errors)


def test_a_file_that_is_no_python_is_reported_as_without_the_plugin(
    project: Project,
) -> None:
    """The plugin has nothing to add."""
    handler = project.write("handler.py", ANSWERED_TWICE + "\n    def broken(:\n")
    run = project.mypy(handler)

    assert {("handler.py", 9, "syntax")} == run.found - {("handler.py", 10, "syntax")}
    assert "" == run.errors


def test_where_typedws_is_not_followed_nothing_is_reported(project: Project) -> None:
    """Then mypy has no types for it, either."""
    handler = project.write("handler.py", ANSWERED_TWICE)
    run = project.mypy("--follow-imports=skip", "--allow-subclassing-any", handler)

    assert (set(), "") == (run.found, run.errors)


def test_it_does_not_matter_where_mypy_is_run(project: Project) -> None:
    """Nor whether the file is in a package."""
    (project.folder / "one" / "two").mkdir(parents=True)
    project.write("one/two/handler.py", ANSWERED_TWICE)
    by_file = project.mypy("one/two/handler.py")
    by_package = project.mypy("-p", "one.two")
    by_folder = project.mypy("--explicit-package-bases", "one")

    assert {("handler.py", 7, "typestate")} == by_file.found
    assert by_file.found == by_package.found == by_folder.found


def test_a_script_is_read_like_a_function(project: Project) -> None:
    """As the cells of a notebook, which are on the top level."""
    script = project.write(
        "script.py",
        """
        from typedws import UnacceptedWebSocket

        # %%
        ws = UnacceptedWebSocket({})
        connected = await ws.accept()
        # %%
        await ws.close()
        """,
    )
    run = project.mypy("--disable-error-code=top-level-await", script)

    assert {("script.py", 8, "typestate")} == run.found


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


# --- Another mypy, another configuration ---------------------------------------------


@pytest.mark.parametrize("version", ["1.15.0", "2.1.0+dev", "0.991"])
def test_an_old_mypy_gets_one_line_and_no_plugin(
    version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mypy that is too old is told so, and works on as without the plugin."""
    made = plugin(version)

    assert made is Plugin
    assert capsys.readouterr().err == (
        f"typedws.mypy_plugin does nothing with mypy {version}: it needs mypy 2.2 or "
        "newer; the use of a state that was left is not reported\n"
    )


def test_a_new_mypy_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    """What counts is what it can do."""
    made = plugin("99.0.0+dev.abc")

    assert made is TypestatePlugin
    assert capsys.readouterr().err == ""


def test_a_mypy_with_another_binder_gets_one_line_and_no_plugin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mypy whose internals differ is told so, and works on as without the plugin."""

    def no_binder(_options: Options) -> ConditionalTypeBinder:
        message = "'Binder' object has no attribute 'frames'"
        raise AttributeError(message)

    monkeypatch.setattr(
        "typedws.mypy_plugin.supported.ConditionalTypeBinder", no_binder
    )
    made = plugin("3.0.0")

    assert made is Plugin
    assert capsys.readouterr().err == (
        "typedws.mypy_plugin does nothing with mypy 3.0.0: AttributeError: 'Binder' "
        "object has no attribute 'frames'; the use of a state that was left is not "
        "reported\n"
    )


@pytest.mark.parametrize(
    ("patch", "problem"),
    [
        pytest.param(
            "flow.Flow.put = fail",
            "TypeError: put() takes 3 positional arguments",
            id="another binder",
        ),
        pytest.param(
            "typestate.SPENT = 'typedws.spent.Nothing'",
            "LookupError: there is no class typedws.spent.Nothing",
            id="another typedws",
        ),
    ],
)
def test_a_plugin_that_fails_half_way_gets_one_line(
    project: Project, patch: str, problem: str
) -> None:
    """Whatever goes wrong inside, mypy goes on as without the plugin."""
    (project.folder / "site").mkdir()
    project.write(
        "site/failing_plugin.py",
        f"""
        from typedws import mypy_plugin
        from typedws.mypy_plugin import flow, supported, typestate

        def fail(*_arguments, **_options):
            raise TypeError("put() takes 3 positional arguments")

        supported.probe = lambda: None
        {patch}
        plugin = mypy_plugin.plugin
        """,
    )
    text = ANSWERED_TWICE + ANSWERED_TWICE.replace("handler", "another")
    handlers = project.write("handlers.py", text)
    run = project.mypy(handlers, settings="[mypy]\nplugins = failing_plugin\n")

    assert (0, "Success: no issues found in 1 source file\n") == (
        run.status,
        run.output,
    )
    assert run.errors.endswith(
        f": {problem}; the use of a state that was left is not reported\n"
    )
    assert len(run.errors.splitlines()) == 1


def test_a_mypy_that_lacks_what_is_imported_gets_one_line(project: Project) -> None:
    """It goes on as without the plugin, too."""
    (project.folder / "site").mkdir()
    project.write(
        "site/without_a_binder.py",
        """
        import mypy.binder

        del mypy.binder.ConditionalTypeBinder
        from typedws.mypy_plugin import plugin
        """,
    )
    handler = project.write("handler.py", ANSWERED_TWICE)
    run = project.mypy(handler, settings="[mypy]\nplugins = without_a_binder\n")

    assert (0, "Success: no issues found in 1 source file\n") == (
        run.status,
        run.output,
    )
    assert re.fullmatch(
        r"typedws\.mypy_plugin does nothing with mypy \S+: ImportError: cannot import "
        r"name 'ConditionalTypeBinder' from 'mypy\.binder' .*; the use of a state that "
        r"was left is not reported\n",
        run.errors,
    )


def test_a_plugin_that_does_not_exist_is_named(project: Project) -> None:
    """A misspelt name gets a line of mypy that says which, and where."""
    handler = project.write("handler.py", ANSWERED_TWICE)
    run = project.mypy(handler, settings="[mypy]\nplugins = typedws.mypy_plugins\n")
    expected = (
        'settings.ini:2: error: Error importing plugin "typedws.mypy_plugins": '
        "No module named 'typedws.mypy_plugins'"
    )

    assert expected in run.output + run.errors
    assert run.status == 2


def test_a_binder_that_forgets_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plugin tries the binder out before it relies on it."""

    def forget(_flow: object, _expression: object, *, skip: int = 0) -> None:
        del skip

    monkeypatch.setattr("typedws.mypy_plugin.flow.Flow.get", forget)
    made = plugin("3.0.0")

    assert made is Plugin
    assert capsys.readouterr().err == (
        "typedws.mypy_plugin does nothing with mypy 3.0.0: LookupError: the binder "
        "does not give back what it was given; the use of a state that was left is not "
        "reported\n"
    )
