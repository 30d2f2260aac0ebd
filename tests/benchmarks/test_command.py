"""Tests of the command: what it prints, and what it refuses."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from tests.benchmarks import __main__ as command
from tests.benchmarks import record
from tests.benchmarks.figures import Figure
from tests.benchmarks.group import Group
from tests.benchmarks.machine import Machine
from tests.benchmarks.record import Record
from tests.benchmarks.results import Cell, Measurement, Result
from tests.benchmarks.running import Watcher, WorkerFailed
from tests.benchmarks.suite import SUITE
from tests.benchmarks.terminal import Bar, print_goals, print_result
from tests.benchmarks.test_results import GROUP, measured

WIDE: Final = Figure(1e-6, 0.5e-6, 0.5e-6, 2e-6)


@pytest.fixture
def paper() -> Console:
    """A console whose text can be read."""
    return Console(file=io.StringIO(), width=200)


def printed(paper: Console) -> str:
    """Read what was printed."""
    assert isinstance(paper.file, io.StringIO)
    return paper.file.getvalue()


def test_the_groups_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its title."""
    assert 0 == command.main(["--list"])

    out, _ = capsys.readouterr()
    assert [group.key for group in SUITE] == [
        line.split()[0] for line in out.splitlines()
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "there is no group 'nothing'; --list names them"),
        (["--quick", "--write"], "--quick is for a first look"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is measured."""
    assert 2 == command.main(arguments)

    _, error = capsys.readouterr()
    assert says in error


def test_a_row_that_was_left_out_is_named(paper: Console) -> None:
    """With the reason."""
    result = Result(1, 1, {}, {}, {"Quart": "quart is not installed"})

    print_result(GROUP, result, paper)

    assert "Left out: Quart (quart is not installed)." in printed(paper)


def test_a_wide_figure_is_explained(paper: Console) -> None:
    """In a sentence below the table; a steady one needs none."""
    wide = Result(1, 1, {"": {"typedws": Cell(WIDE)}}, {}, {})

    print_result(GROUP, wide, paper)

    assert "0.50 to 2.00 ?" in printed(paper)
    assert "measure again before you rely on it" in printed(paper)


def test_the_goals_are_printed_with_their_verdicts(paper: Console) -> None:
    """Also those of rows that were left out."""
    print_goals([(GROUP, Result.of(measured()))], "CPython 3.11.7", paper)

    lines = [" ".join(line.split()) for line in printed(paper).splitlines()]
    assert "at most a half at most 0.5 0.4 met" in lines
    assert "against nobody at most 0.5 - not measured" in lines


def test_a_failure_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with what the process has said."""

    def measure(_measurements: Sequence[Measurement], _watcher: Watcher) -> None:
        raise WorkerFailed("its last words")

    monkeypatch.setattr(command, "measure", measure)

    assert 2 == command.main(["codecs"])

    _, error = capsys.readouterr()
    assert "a process failed:\nits last words" in error


def test_figures_that_fit_to_no_earlier_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before they are measured, which takes half an hour."""
    measured_before = Record(Machine("CPython 0.1", "", "Another", 1), {}, {})

    def measure(_measurements: Sequence[Measurement], _watcher: Watcher) -> None:
        raise WorkerFailed("it was measured")

    def read(_path: Path) -> Record:
        return measured_before

    monkeypatch.setattr(command, "measure", measure)
    monkeypatch.setattr(record, "read", read)

    assert 2 == command.main(["codecs", "--write"])

    _, error = capsys.readouterr()
    assert "all groups must be measured for the page" in error


def test_a_quick_look_is_quick_and_prints_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With fewer turns, and the versions of what took part."""
    asked: list[tuple[Group, int]] = []

    def measure(measurements: Sequence[Measurement], watcher: Watcher) -> None:
        for measurement in measurements:
            asked.append((measurement.group, measurement.effort.turns))
            watcher.begin(measurement.group, 0, 1)
            watcher.step()
            for row in measurement.group.rows:
                measurement.add(0, row.name, {"": 1e-6})

    monkeypatch.setattr(command, "measure", measure)

    assert 0 == command.main(["codecs", "--quick"])

    (group, turns), *others = asked
    assert [] == others
    assert turns < group.effort.turns
    out, _ = capsys.readouterr()
    assert all(row.name in out for row in group.rows)
    assert "msgspec" in out


def test_the_bar_counts_what_was_left_out_as_done() -> None:
    """Else it would never be full."""
    with Bar(total=20) as bar:
        bar.begin(GROUP, 0, 10)
        bar.step()
        bar.begin(GROUP, 1, 10)

        assert 10 == bar.done
