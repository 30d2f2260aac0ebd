"""Tests of the suite: its groups name rows, cases, modules and goals that there are."""

from collections import Counter
from importlib.util import find_spec
from typing import Final

import pytest

from tests.benchmarks.group import Group
from tests.benchmarks.libraries import NotInstalled
from tests.benchmarks.suite import SUITE, group_called, groups_called

each_group = pytest.mark.parametrize("group", SUITE, ids=lambda group: group.key)

WITH_STEPS: Final = "codecs"
WITHOUT_APPLICATIONS: Final = {WITH_STEPS, "imports", "plugin_cost"}
"""Modules that measure something else."""


def test_each_group_has_a_key_of_its_own() -> None:
    """It is the name of its plot."""
    assert {1} == set(Counter(group.key for group in SUITE).values())


def test_each_goal_has_a_text_of_its_own() -> None:
    """By which it is found in a record."""
    texts = Counter(goal.text for group in SUITE for goal in group.goals)

    assert {1} == set(texts.values())


@each_group
def test_each_row_of_a_group_has_a_name_of_its_own(group: Group) -> None:
    """And so has each case."""
    names = [row.name for row in group.rows]

    assert sorted(set(names)) == sorted(names)
    assert sorted(set(group.cases)) == sorted(group.cases)


@each_group
def test_what_a_group_is_compared_with_is_one_of_its_rows(group: Group) -> None:
    """The base, the yardstick, our own row, and those of its goals."""
    named = {group.base, group.yardstick, group.ours}
    for goal in group.goals:
        named |= {goal.row, goal.yardstick, goal.base}

    assert named - {None} <= {row.name for row in group.rows}
    assert {goal.case for goal in group.goals} <= set(group.cases)


@each_group
def test_there_is_a_module_that_measures_a_group(group: Group) -> None:
    """It is not imported for this, since it may need what is not installed."""
    assert find_spec(f"tests.benchmarks.benches.{group.bench}") is not None


@each_group
def test_each_row_has_its_application(group: Group) -> None:
    """As far as its library is installed."""
    for row in group.rows:
        try:
            row.library.check()
        except NotInstalled:
            continue
        if group.bench == WITH_STEPS:
            assert row.use in row.library.load().STEPS
        elif row.library.module and group.bench not in WITHOUT_APPLICATIONS:
            assert callable(row.application())


def test_the_cases_of_a_scale_are_numbers_that_grow() -> None:
    """A curve is drawn through them."""
    for group in SUITE:
        if group.scale:
            numbers = [int(case) for case in group.cases]
            assert sorted(set(numbers)) == numbers


def test_a_group_is_found_by_its_key() -> None:
    """Which is its name on the command line."""
    assert ["echo-text"] == [group.key for group in groups_called(["echo-text"])]
    assert "memory" == group_called("memory").key


def test_groups_are_found_by_how_their_keys_begin() -> None:
    """In the order of the suite, whatever the order they are asked for in."""
    keys = [group.key for group in groups_called(["handshake", "echo"])]

    assert {"echo", "handshake"} == {key.split("-")[0] for key in keys}
    assert [group.key for group in SUITE if group.key in keys] == keys


def test_without_a_name_all_groups_are_found() -> None:
    """That is the whole suite."""
    assert list(SUITE) == groups_called([])


@pytest.mark.parametrize("name", ["ech", "echo-", "nothing"])
def test_a_name_of_nothing_is_an_error(name: str) -> None:
    """Half a word is none, and would measure what nobody meant."""
    with pytest.raises(KeyError, match=name):
        groups_called(["memory", name])
