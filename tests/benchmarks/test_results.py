"""Tests of results: what the values of a group come to."""

from attrs import evolve

from tests.benchmarks.goals import Goal
from tests.benchmarks.group import Effort, Group, Row, Unit
from tests.benchmarks.libraries import RAW, STARLETTE, TYPEDWS
from tests.benchmarks.results import Measurement, Result

GROUP = Group(
    "some",
    title="Some",
    text="Something.",
    unit=Unit.MICROSECONDS,
    rows=(Row(RAW, "text"), Row(TYPEDWS, "iter_text"), Row(STARLETTE, "iter_text")),
    bench="echoes",
    effort=Effort(processes=2, turns=2),
    base="raw ASGI",
    yardstick="Starlette",
    ours="typedws",
    goals=(
        Goal("at most a half", row="typedws", yardstick="Starlette", bound=0.5),
        Goal("against nobody", row="typedws", yardstick="nobody", bound=0.5),
    ),
)


def measured(group: Group = GROUP) -> Measurement:
    """Take some values."""
    measurement = Measurement(group, group.effort)
    for process, slowness in enumerate((1.0, 10.0)):
        for _ in range(2):
            measurement.add(process, "raw ASGI", {"": 1.0 * slowness})
            measurement.add(process, "typedws", {"": 2.0 * slowness})
            measurement.add(process, "Starlette", {"": 5.0 * slowness})
    return measurement


def test_a_cell_has_the_value_and_what_it_is_compared_with() -> None:
    """Turn by turn, so a process that is slower in all rows changes no ratio."""
    cell = Result.of(measured()).cells[""]["typedws"]

    assert 11.0 == cell.figure.median
    assert cell.figure.is_wide
    assert cell.share is not None
    assert (0.25, 0.0) == (cell.share.median, cell.share.spread)
    assert cell.to_base is not None
    assert 2.0 == cell.to_base.median
    assert cell.to_ours is not None
    assert 1.0 == cell.to_ours.median


def test_a_row_that_was_left_out_is_in_no_cell() -> None:
    """Nor is anything compared with it."""
    measurement = Measurement(GROUP, GROUP.effort)
    measurement.left_out["Starlette"] = "starlette is not installed"
    measurement.add(0, "raw ASGI", {"": 1.0})
    measurement.add(0, "typedws", {"": 2.0})

    result = Result.of(measurement)

    assert ["raw ASGI", "typedws"] == list(result.cells[""])
    assert result.cells[""]["typedws"].share is None
    assert {"Starlette": "starlette is not installed"} == result.left_out


def test_a_case_without_values_is_left_out() -> None:
    """One that could not be measured here."""
    measurement = Measurement(evolve(GROUP, cases=("1", "9")), GROUP.effort)
    measurement.add(0, "typedws", {"1": 1.0})

    assert ["1"] == list(Result.of(measurement).cells)


def test_the_goals_have_figures() -> None:
    """But for one whose row was not measured."""
    goals = Result.of(measured()).goals

    assert ["at most a half"] == list(goals)
    assert 0.4 == goals["at most a half"].median


def test_a_turn_may_have_values_for_several_cases() -> None:
    """The percentiles of one run, for instance."""
    group = evolve(GROUP, cases=("50 %", "99 %"), goals=())
    measurement = Measurement(group, group.effort)
    measurement.add(0, "typedws", {"50 %": 1.0, "99 %": 3.0})

    cells = Result.of(measurement).cells

    assert 1.0 == cells["50 %"]["typedws"].figure.median
    assert 3.0 == cells["99 %"]["typedws"].figure.median
