"""
The profiles: each behaves as the server of its name was measured, row by row.

A row is what the application and the client have seen in one scenario. What was
measured is in `measured/`; `test_servers.py` tests that the servers still behave so.
"""

import json

import pytest
from attrs import evolve

from tests.servers.differences import DIFFERENCES, PROFILES, VARIANTS
from tests.servers.documenting import PAGE, written
from tests.servers.memory_client import memory_row
from tests.servers.plain_data import is_sequence
from tests.servers.rows import Row, measured
from tests.servers.scenarios import SCENARIOS
from typedws.testing import UVICORN

ENOUGH = 25
"""Scenarios that every server and every profile has to go through at least."""


async def as_measured(scenario: str, profile: str) -> Row:
    """Run a scenario on a profile, and give the row as a file would have it."""
    row = await memory_row(SCENARIOS[scenario], PROFILES[profile])
    read: Row = json.loads(json.dumps(row))
    return read


@pytest.mark.anyio
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("profile", PROFILES)
async def test_a_profile_behaves_as_its_server_was_measured(
    profile: str, scenario: str
) -> None:
    """What the application saw, and what the client saw, line by line."""
    expected = measured(profile)[scenario]
    row = await as_measured(scenario, profile)
    if (profile, scenario) in DIFFERENCES:
        assert expected != row, "it is equal now, and no difference any more"
        return

    assert expected == row


def test_there_are_enough_scenarios() -> None:
    """And each server was measured in all of them."""
    assert len(SCENARIOS) >= ENOUGH
    for server in (*PROFILES, *VARIANTS):
        assert list(SCENARIOS) == list(measured(server))


def test_a_difference_is_one_of_a_scenario_that_there_is() -> None:
    """And of a profile that there is."""
    assert {name for name, _ in DIFFERENCES} <= set(PROFILES)
    assert {name for _, name in DIFFERENCES} <= set(SCENARIOS)


def test_most_rows_are_equal() -> None:
    """A list of differences that grows would be no list of exceptions any more."""
    assert len({scenario for _, scenario in DIFFERENCES}) <= len(SCENARIOS) / 20


@pytest.mark.anyio
async def test_a_profile_can_be_changed() -> None:
    """A server that lacks an extension, and says so, is none of those measured."""
    profile = evolve(UVICORN, denial="none")
    row = await memory_row(SCENARIOS["denial_response"], profile)
    sends = [line for line in row["app"] if is_sequence(line) and line[0] == "send"]

    assert ["raises", "raises"] == [line[-1] for line in sends]


def test_no_two_profiles_are_equal() -> None:
    """Each would be of no use."""
    rows = [json.dumps(measured(name)) for name in PROFILES]

    assert len(set(rows)) == len(PROFILES) == len(set(PROFILES.values()))


def test_the_docs_are_as_the_profiles_are() -> None:
    """If not: `python -m tests.servers.documenting`."""
    page = PAGE.read_text()

    assert written(page) == page
