"""
typedws on real servers: what an application and its clients see is the same on each.

Where it is not, `tests.outcomes.differences` says so. Those of `make test` are the two
servers that differ the most and start the fastest; the others are slow.
"""

import functools
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import pytest

from tests.outcomes.differences import (
    DIFFERENCES,
    as_declared,
    declared,
    declared_here,
    difference_of,
    expected,
    is_declared,
)
from tests.outcomes.page import PAGE, written
from tests.outcomes.running import Run, run
from tests.outcomes.scenarios.catalogue import SCENARIOS
from tests.outcomes.setups import FAST, SETUPS

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

ENOUGH: Final = 40
"""Scenarios that every server has to go through at least."""

SLOW: Final = tuple(name for name in SETUPS if name not in FAST)

each_server: Final = pytest.mark.parametrize(
    "server", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)


@functools.cache
def pool() -> ThreadPoolExecutor:
    """Run two servers at a time: they mostly wait."""
    return ThreadPoolExecutor(2)


@functools.cache
def started(server: str) -> "Future[Run]":
    """Begin to run all scenarios on a server."""
    return pool().submit(run, SETUPS[server])


def seen(server: str) -> Run:
    """Give what was seen on a server; the others of its kind are run beside it."""
    for other in FAST if server in FAST else SLOW:
        started(other)
    return started(server).result()


@pytest.mark.parametrize("scenario", SCENARIOS)
@each_server
def test_an_outcome_is_the_one_that_is_declared(server: str, scenario: str) -> None:
    """That of all servers, or the one of a difference, which must still be one."""
    row = seen(server).rows[scenario]
    if not is_declared(server, scenario, row):
        assert declared_here(server, scenario) == row


@each_server
def test_ordinary_clients_leave_no_trace_in_the_log(server: str) -> None:
    """Neither of the server nor of anything below it; typedws has lines of its own."""
    assert [] == seen(server).log


def test_there_are_enough_scenarios() -> None:
    """And most are the same on all servers."""
    same = [
        name for name in SCENARIOS if not any(difference_of(it, name) for it in SETUPS)
    ]

    assert len(SCENARIOS) >= ENOUGH
    assert len(same) >= ENOUGH


def test_a_difference_is_one() -> None:
    """Each of its rows differs from what is expected, and is of one difference only."""
    places = [
        (server, name)
        for difference in DIFFERENCES
        for server in difference.servers
        for name in difference.rows
    ]
    for server, name in places:
        assert expected(SCENARIOS[name]) != declared(server, name), (server, name)
    for difference in DIFFERENCES:
        for name, row in difference.from_3_12.items():
            assert expected(SCENARIOS[name]) != row, name

    assert len(places) == len(set(places))


def test_the_page_is_as_it_was_declared() -> None:
    """If not: `python -m tests.outcomes --write`."""
    rows = {
        server: {name: declared(server, name) for name in SCENARIOS}
        for server in SETUPS
    }

    assert written(PAGE.read_text(), rows) == PAGE.read_text()


@pytest.mark.slow
def test_the_page_is_as_it_was_seen() -> None:
    """On every server, in this very run."""
    rows = {
        server: {
            name: as_declared(server, name, row)
            for name, row in seen(server).rows.items()
        }
        for server in SETUPS
    }

    assert written(PAGE.read_text(), rows) == PAGE.read_text()
