"""All scenarios, by their names, in the order of the table."""

from collections.abc import Mapping
from typing import Final

from tests.outcomes.scenario import Scenario
from tests.outcomes.scenarios import (
    endings,
    handshakes,
    hostile,
    messages,
    pressure,
    requests,
    rooms,
    scopes,
    shutdowns,
)

__all__ = ["GROUPS", "SCENARIOS"]

GROUPS: Final[Mapping[str, tuple[Scenario, ...]]] = {
    "What a handler reads": scopes.SCENARIOS,
    "The answer to the handshake": handshakes.SCENARIOS,
    "Messages": messages.SCENARIOS,
    "The end": endings.SCENARIOS,
    "Slow peers": pressure.SCENARIOS,
    "Several connections": rooms.SCENARIOS,
    "Clients that break the rules": hostile.SCENARIOS,
    "Requests that break the rules": requests.SCENARIOS,
    "The server is stopped": shutdowns.SCENARIOS,
}

SCENARIOS: Final[Mapping[str, Scenario]] = {
    scenario.name: scenario for group in GROUPS.values() for scenario in group
}
