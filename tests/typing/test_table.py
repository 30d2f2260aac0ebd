"""The tables of docs/type-safety.md: they say what the type checkers have found."""

import re
import sys
from pathlib import Path
from typing import Final

import attrs
import pytest

from tests.pages import ROOT
from tests.typing.catalogue import cases_in, not_here
from tests.typing.checkers import (
    CHECKERS,
    LONGEST_CHECK,
    MYPY,
    PLUGIN,
    PYREFLY,
    SETTINGS,
    Runs,
    make_project,
)
from tests.typing.compare import MISTAKES, PEERS, has_peers
from tests.typing.table import (
    PAGE,
    PARTS,
    Results,
    mistakes,
    no_tool,
    page_with,
    parts_of,
    results_of,
    table,
    unseen,
)

WRITE: Final = "python -m tests.typing.table --write"
SPENT: Final = [file for file in MISTAKES if file.stem == "spent_states"]


@pytest.fixture(scope="module")
def results(checked: Runs) -> Results:
    """Gather what the tables are made from."""
    if not CHECKERS.keys() <= checked.keys() or not has_peers():
        pytest.skip("not every checker and not every other library is installed here")
    return results_of(checked)


@pytest.mark.timeout(LONGEST_CHECK)
def test_the_page_says_what_was_found(results: Results) -> None:
    """Line by line, on the Python that it names."""
    page = PAGE.read_text()
    major, minor, *_ = sys.version_info
    if f"Python {major}.{minor} " not in page:
        pytest.skip("the page was made on another Python")

    assert page_with(parts_of(results), page) == page, f"make it anew: {WRITE}"


@pytest.mark.timeout(LONGEST_CHECK)
@pytest.mark.parametrize("checker", CHECKERS)
def test_whatever_is_found_is_in_the_page(checker: str, results: Results) -> None:
    """A checker that finds a mistake less changes a table."""
    before = table(results)
    for case in mistakes():
        if checker in case.found_by(results.found):
            less = dict(results.found)
            for line in case.lines:
                place = (case.file.name, line)
                less[place] = less.get(place, frozenset[str]()) - {checker}

            assert table(attrs.evolve(results, found=less)) != before


@pytest.mark.timeout(LONGEST_CHECK)
def test_whatever_happens_at_run_time_is_in_the_page(results: Results) -> None:
    """Another exception changes a table, or the list of what no tool sees."""
    for case in [*mistakes(), *unseen()]:
        outcomes = {**results.outcomes, case.says: "AnotherError"}
        changed = attrs.evolve(results, outcomes=outcomes)

        assert "AnotherError" in table(changed) + no_tool(changed)


@pytest.mark.timeout(LONGEST_CHECK)
def test_what_no_tool_sees_is_refused_at_run_time(results: Results) -> None:
    """Each use of a state that was left."""
    refusals = {results.outcomes[case.says] for case in unseen()}

    assert {"SpentStateError", "ClosedStateError"} == refusals
    assert [] == [case for case in unseen() if case.found_by(results.found)]


@pytest.mark.parametrize("name", PARTS)
def test_a_page_without_a_place_for_a_part_is_an_error(name: str) -> None:
    """A marker that is misspelt would leave its table as it was."""
    page = PAGE.read_text()
    with pytest.raises(LookupError, match=f"no place for '{name}'"):
        page_with({name: ""}, page.replace(f"<!-- end: {name} -->", ""))
    with pytest.raises(LookupError, match=f"no place for '{name}'"):
        page_with({name: ""}, page.replace(f"<!-- begin: {name} -->", ""))


@pytest.mark.parametrize("file", PEERS, ids=lambda file: file.stem)
def test_every_mistake_is_made_in_a_library_or_can_not_be(file: Path) -> None:
    """The table has no hole without a reason, and no reason without a hole."""
    compared = {case.says for peer in PEERS for case in cases_in(peer)}
    made = {case.says for case in cases_in(file)}
    excluded = set(not_here(file))

    assert compared == made | excluded
    assert set() == made & excluded
    assert compared <= {case.says for case in mistakes()}
    assert made


def test_readme_links_to_the_page() -> None:
    """From where it speaks of types."""
    assert "(docs/type-safety.md)" in (ROOT / "README.md").read_text()


# --- The settings --------------------------------------------------------------------


@pytest.mark.timeout(LONGEST_CHECK)
def test_the_settings_for_mypy_ini_do_the_same(tmp_path: Path) -> None:
    """The page has both forms."""
    if not PLUGIN.is_installed:
        pytest.skip("mypy is not installed here")
    files = make_project(tmp_path, SPENT)
    by_toml = PLUGIN.check(tmp_path, files)
    block = re.search(r"```ini\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    (tmp_path / "mypy.ini").write_text(block[1])
    (tmp_path / "pyproject.toml").unlink()
    arguments = [it for it in PLUGIN.arguments if not it.startswith("--config-file")]
    by_ini = attrs.evolve(PLUGIN, arguments=arguments).check(tmp_path, files)

    assert by_toml == by_ini
    assert by_toml


def test_the_plugin_is_what_the_two_runs_of_mypy_differ_in(tmp_path: Path) -> None:
    """And nothing else."""
    make_project(tmp_path, [])
    without = (tmp_path / "no_plugin.toml").read_text()
    missing = set(SETTINGS.read_text().splitlines()) - set(without.splitlines())

    assert {'plugins = ["typedws.mypy_plugin"]'} == missing
    assert {PLUGIN.package} == {MYPY.package}


def test_pyrefly_without_a_configuration_reports_almost_nothing(tmp_path: Path) -> None:
    """As the page says."""
    if not PYREFLY.is_installed:
        pytest.skip("pyrefly is not installed here")
    files = make_project(tmp_path, MISTAKES)
    with_settings = PYREFLY.check(tmp_path, files)
    for settings in tmp_path.glob("*.toml"):
        settings.unlink()
    without = PYREFLY.check(tmp_path, files)

    assert len(without) < len(with_settings) / 10
