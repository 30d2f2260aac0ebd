"""Tests of the processes: what a worker measures, what it leaves out, how it fails."""

import gc
import io
import json
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager

import pytest
from attrs import evolve, field, frozen

from tests.benchmarks import worker
from tests.benchmarks.group import Effort, Group, Prepared, Row, Subject
from tests.benchmarks.libraries import Library, NotInstalled
from tests.benchmarks.results import Measurement, Result
from tests.benchmarks.running import WorkerFailed, measure, steps_of
from tests.benchmarks.suite import group_called
from tests.benchmarks.test_results import GROUP

MISSING = Library("Missing", module="in_nothing", packages=("no-such-package",))


@frozen(order=False)
class Notes:
    """A watcher that notes what it is told."""

    begun: list[str] = field(factory=list[str])
    steps: list[None] = field(factory=list[None])

    def begin(self, group: Group, process: int, total: int) -> None:
        """Note that a process has begun."""
        self.begun.append(f"{group.key} {process} {total}")

    def step(self) -> None:
        """Note a step."""
        self.steps.append(None)


@pytest.fixture
def thaw() -> Generator[None]:
    """Take back what a worker does to the garbage collector of its process."""
    yield
    gc.unfreeze()


def lines_of(output: io.StringIO) -> list[dict[str, object]]:
    """Read what a worker has told."""
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_workers_measure_a_group() -> None:
    """Each in a process of its own, and the watcher is told of each step."""
    group = group_called("codecs")
    measurement = Measurement(group, Effort(processes=2, turns=1))
    notes = Notes()

    measure([measurement], notes)

    cells = Result.of(measurement).cells[""]
    measured = [row.name for row in group.rows if row.name not in measurement.left_out]
    assert measured == list(cells)
    assert [f"codecs 0 {len(group.rows)}", f"codecs 1 {len(group.rows)}"] == notes.begun
    assert 2 * len(measured) == len(notes.steps)
    assert 2 * len(group.rows) == steps_of(measurement)


def test_the_groups_take_turns_process_by_process() -> None:
    """So the processes of one group lie apart."""
    first = Measurement(group_called("codecs"), Effort(processes=2, turns=1))
    second = Measurement(evolve(group_called("codecs")), Effort(processes=1, turns=1))
    notes = Notes()

    measure([first, second], notes)

    assert ["0", "0", "1"] == [text.split()[1] for text in notes.begun]


def test_a_worker_that_fails_is_an_error_with_its_last_words() -> None:
    """Nothing is shown of what it has measured before."""
    measurement = Measurement(evolve(GROUP, key="no-such-group"), Effort(1, 1))

    with pytest.raises(WorkerFailed, match="KeyError: 'no-such-group'"):
        measure([measurement], Notes())


def test_a_library_that_is_not_installed_leaves_its_rows_out() -> None:
    """They are named, with the reason."""
    output = io.StringIO()
    group = evolve(GROUP, rows=(*GROUP.rows[:2], Row(MISSING, "text")))

    rows = worker.rows_of(group, output)

    assert group.rows[:2] == tuple(rows)
    assert [
        {
            "kind": "left out",
            "what": "Missing",
            "why": "no-such-package is not installed",
        }
    ] == lines_of(output)


def test_a_library_that_cannot_be_imported_is_as_good_as_not_installed() -> None:
    """A new Python may break one."""
    broken = Library("Broken", module="in_nothing", packages=())

    with pytest.raises(NotInstalled, match="in_nothing"):
        broken.check()


def test_a_group_whose_module_cannot_be_imported_is_left_out() -> None:
    """Where the client of the live groups is not installed, say."""
    with pytest.raises(NotInstalled, match="no_such_bench"):
        worker.bench_of(evolve(GROUP, bench="no_such_bench"))


@pytest.mark.anyio
@pytest.mark.usefixtures("thaw")
async def test_a_worker_tells_what_it_measures() -> None:
    """After it has warmed up: how many take turns, what can't, and each value."""
    done: list[str] = []

    async def warm_up() -> None:
        done.append("warm")

    async def turn() -> Sequence[float]:
        done.append("turn")
        return [1.0, 2.0]

    @asynccontextmanager
    async def bench() -> AsyncGenerator[Prepared]:
        subjects = [Subject("row", ("a", "b"), turn=turn, warm_up=warm_up)]
        yield Prepared(subjects, {"c": "too many connections"})
        done.append("away")

    output = io.StringIO()
    await worker.measure(bench(), 2, output)

    assert ["warm", "turn", "turn", "away"] == done
    measured = {"kind": "measured", "row": "row", "values": {"a": 1.0, "b": 2.0}}
    assert [
        {"kind": "left out", "what": "c", "why": "too many connections"},
        {"kind": "ready", "subjects": 1},
        measured,
        measured,
    ] == lines_of(output)


def test_the_order_of_a_turn_is_another_each_time_and_the_same_in_each_run() -> None:
    """What goes before a row leaves its traces."""
    subjects = [Subject(str(at), ("",), turn=_turn, warm_up=_none) for at in range(9)]
    orders = [
        tuple(one.row for one in worker.in_order(subjects, turn)) for turn in range(5)
    ]
    again = [
        tuple(one.row for one in worker.in_order(subjects, turn)) for turn in range(5)
    ]

    assert 5 == len(set(orders))
    assert {tuple("012345678")} == {tuple(sorted(order)) for order in orders}
    assert orders == again


async def _turn() -> Sequence[float]:
    return [0.0]


async def _none() -> None:
    return
