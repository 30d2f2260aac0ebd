"""
The mypy plugin, under all that mypy can be told, and in any mypy.

It reports the same with every option, from every cache, and in the daemon; and where it
can't, it says so in one line.
"""

import re
import shutil
from collections.abc import Generator
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest
from mypy.binder import ConditionalTypeBinder
from mypy.options import Options
from mypy.plugin import Plugin

from tests.typing.mypy_project import (
    ANSWERED_TWICE,
    CASES,
    ROOT,
    STRICT,
    WITH_PLUGIN,
    WITHOUT_PLUGIN,
    Found,
    Project,
    marked,
)
from typedws.mypy_plugin import plugin
from typedws.mypy_plugin.typestate import TypestatePlugin

FIRST_SUPPORTED: Final = "2.2.0"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Begin with an empty folder."""
    return Project(tmp_path)


# --- Options -------------------------------------------------------------------------


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

BLINDS: Final = {
    "methods": "METHODS.clear()\n",
    "reader": "Reader._mention = lambda *_, **__: None\n",
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


# --- Files ---------------------------------------------------------------------------


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


def test_what_python_warns_of_in_a_file_is_not_repeated(project: Project) -> None:
    """Nor is a file given up for it."""
    odd = "PATTERN = '\\d'\n" + dedent(ANSWERED_TWICE)
    (project.folder / "handler.py").write_text(odd)
    options = ("--config-file=settings.ini", "--no-incremental")
    project.write("settings.ini", WITH_PLUGIN)
    run = project.python("-W", "always", "-m", "mypy", *options, "handler.py")

    assert {("handler.py", 8, "typestate")} == run.found
    assert "invalid escape" not in run.errors


def test_a_file_that_is_too_deep_to_be_read_is_left_alone(project: Project) -> None:
    """And another one is not."""
    deep = f"DEEP = {' + '.join(['1'] * 9_000)}\n{dedent(ANSWERED_TWICE)}"
    (project.folder / "deep.py").write_text(deep)
    run = project.mypy(project.write("handler.py", ANSWERED_TWICE), "deep.py")

    assert {("handler.py", 7, "typestate")} == run.found
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
