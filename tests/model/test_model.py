"""Tests by the model: whatever happens, in whatever order, what was promised holds."""

from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.driver import Backend, driver
from tests.model.machine import ConnectionMachine
from tests.model.server import Kind

KINDS: Final[tuple[Kind, ...]] = ("silent", "raising", "legacy", "picky")
BACKENDS: Final[dict[Backend, tuple[Kind, ...]]] = {
    "asyncio": (*KINDS, "futures", "futures"),
    "trio": KINDS,
}


def check(backend: Backend, examples: int, steps: int, *, is_random: bool) -> None:
    """Let the model run, with the same stories each time or with others."""
    with driver(backend) as loop:

        class Machine(ConnectionMachine):
            driver = loop
            kinds = BACKENDS[backend]

        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                derandomize=not is_random,
                # Without the one that explains, which takes minutes.
                phases=[Phase.reuse, Phase.generate, Phase.shrink],
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("backend", BACKENDS)
def test_whatever_happens_the_promises_hold(backend: Backend) -> None:
    """In a hundred stories, which are the same each time."""
    check(backend, examples=100, steps=20, is_random=False)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("backend", BACKENDS)
def test_whatever_happens_for_long_the_promises_hold(backend: Backend) -> None:
    """Many stories, and longer ones."""
    check(backend, examples=1500, steps=40, is_random=True)
