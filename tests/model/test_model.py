"""Tests by the model: whatever happens, in whatever order, what was promised holds."""

from collections.abc import Generator
from contextlib import contextmanager
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


@contextmanager
def machine(
    backend: Backend, served: tuple[Kind, ...]
) -> Generator[type[ConnectionMachine]]:
    """Give the model an event loop, and servers of some kinds."""
    with driver(backend) as loop:

        class Machine(ConnectionMachine):
            driver = loop
            kinds = served

        yield Machine


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_broken_event_is_told_behind_a_close_that_fails_late(
    backend: Backend,
) -> None:
    """The two have a deadline at one moment, and the second close is sent."""
    with machine(backend, KINDS) as begin:
        story = begin()
        story.come("silent", "narrow", [], is_app=False)
        story.fail_to_send(RuntimeError)
        story.receive("iterate", None, 40)
        story.close("close", 40)
        story.say_garbage({"type": "websocket.receive"}, 40)
        story.pass_time(5, 40)
        story.the_state_is_the_true_one()
        story.teardown()


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_end_that_a_reader_finds_is_behind_what_a_sender_has_read(
    backend: Backend,
) -> None:
    """The model would see it if the message were lost."""
    with machine(backend, KINDS) as begin:
        story = begin()
        story.come("silent", "none", [], is_app=True, reads_ahead=True)
        story.say(is_text=True, shape="one", prefix="", count=1, turns=40)
        story.fail_to_send(RuntimeError)
        story.send("send_text", 40)
        story.pass_time(0.5, 40)
        story.pass_time(0.5, 40)
        story.leave({"type": "websocket.disconnect", "code": 4000}, 40)
        story.teardown()


def check(backend: Backend, examples: int, steps: int, *, is_random: bool) -> None:
    """Let the model run, with the same stories each time or with others."""
    with machine(backend, BACKENDS[backend]) as begin:
        run_state_machine_as_test(
            begin,
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
def test_whatever_happens_for_long_the_promises_hold(
    backend: Backend, pytestconfig: pytest.Config
) -> None:
    """Many stories, and longer ones: with `--hypothesis-seed=random` always others."""
    seed: object = pytestconfig.getoption("--hypothesis-seed")
    check(backend, examples=1500, steps=40, is_random=seed is not None)
