"""Tests of plots: they are well-formed, and show every row."""

from itertools import pairwise
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

from tests.benchmarks.figures import Figure
from tests.benchmarks.group import Unit
from tests.benchmarks.plots import LINE, LONGEST, PLOT_HEIGHT, TOP, plot_of
from tests.benchmarks.results import Cell, Result
from tests.benchmarks.test_results import GROUP, measured

SVG: Final = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    """Parse a plot, which is our own."""
    return ET.fromstring(svg)  # noqa: S314 - see above


def texts(svg: str) -> list[str]:
    """List what is written in a plot."""
    return [str(text.text) for text in parsed(svg).iter(f"{SVG}text")]


def bars(svg: str) -> list[float]:
    """List how long the bars are."""
    return [float(bar.attrib["width"]) for bar in parsed(svg).iter(f"{SVG}rect")]


def result_of(*values: float) -> Result:
    """Make a result of the three rows."""
    cells = {
        row.name: Cell(Figure(value, value, value, value))
        for row, value in zip(GROUP.rows, values, strict=True)
    }
    return Result(1, 1, {"": cells}, {}, {})


def test_a_plot_names_every_row_and_its_figure() -> None:
    """And says which way is better."""
    written = texts(plot_of(GROUP, result_of(1e-6, 2e-6, 3e-6)))

    assert {"raw ASGI", "typedws", "Starlette", "1.00", "2.00", "3.00"} <= set(written)
    assert "µs, less is better" in written


def test_a_bar_is_as_long_as_its_value() -> None:
    """They begin at zero."""
    raw, ours, theirs = bars(plot_of(GROUP, result_of(1e-6, 2e-6, 4e-6)))

    assert [2.0, 4.0] == pytest.approx([ours / raw, theirs / raw], abs=0.01)


def test_a_bar_that_is_far_longer_than_the_others_is_cut() -> None:
    """Else the others could not be told apart; its number says how long it is."""
    svg = plot_of(evolve(GROUP, yardstick="typedws"), result_of(1e-6, 2e-6, 90e-6))
    _, ours, theirs = bars(svg)

    assert LONGEST == pytest.approx(theirs / ours, abs=0.01)
    assert "90.0" in texts(svg)
    assert 'class="gap"' in svg


def test_a_rate_is_drawn_as_a_rate() -> None:
    """The longest bar is the fastest."""
    group = evolve(GROUP, unit=Unit.PER_SECOND)
    raw, ours, theirs = bars(plot_of(group, result_of(0.001, 0.002, 0.004)))

    assert raw > ours > theirs
    assert "per second, more is better" in texts(plot_of(group, result_of(1, 2, 3)))


def test_what_grows_is_drawn_as_curves() -> None:
    """One for each row, through all its cases."""
    group = evolve(GROUP, scale="bytes", cases=("1", "100"))
    cells = result_of(1e-6, 2e-6, 3e-6).cells[""]
    result = Result(1, 1, {"1": cells, "100": cells}, {}, {})
    root = parsed(plot_of(group, result))

    curves = [curve.attrib["points"] for curve in root.iter(f"{SVG}polyline")]
    assert [2, 2, 2] == [len(curve.split()) for curve in curves]
    assert {"1", "100", "bytes"} <= set(texts(plot_of(group, result)))


def test_names_that_would_meet_keep_apart_and_above_the_axis() -> None:
    """However many curves end in one place."""
    group = evolve(GROUP, scale="bytes", cases=("1", "100"))
    cells = result_of(1e-6, 1e-6, 1e-6).cells[""]
    svg = plot_of(group, Result(1, 1, {"1": cells, "100": cells}, {}, {}))
    names = {row.name for row in group.rows}

    places = sorted(
        float(text.attrib["y"])
        for text in parsed(svg).iter(f"{SVG}text")
        if text.text in names
    )
    assert len(names) == len(places)
    assert all(after - before >= LINE for before, after in pairwise(places))
    assert places[-1] <= TOP + PLOT_HEIGHT


def test_a_row_without_a_figure_is_not_drawn() -> None:
    """It is named below the plot."""
    result = Result.of(measured())
    del result.cells[""]["Starlette"]

    assert "Starlette" not in texts(plot_of(GROUP, result))
