"""
The process that has others measure: it starts the workers, and collects what they tell.

The groups take turns, process by process. So the processes of one group lie apart, and
a machine that is busy for a while disturbs one of them and not all.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol, TextIO

from tests.benchmarks.group import Group
from tests.benchmarks.results import Measurement
from tests.benchmarks.worker import Line

ROOT: Final = Path(__file__).parents[2]
LAST_LINES: Final = 30


class WorkerFailed(Exception):
    """A process that measures has failed; the text is what it said at last."""


class Watcher(Protocol):
    """Who is told how far the measuring is."""

    def begin(self, group: Group, process: int, total: int) -> None:
        """A process begins with a group; it will take so many steps."""

    def step(self) -> None:
        """A step was taken."""


def measure(measurements: Sequence[Measurement], watcher: Watcher) -> None:
    """
    Measure groups.

    Raises:
        WorkerFailed: A process has failed.
    """
    most = max((each.effort.processes for each in measurements), default=0)
    for process in range(most):
        for measurement in measurements:
            if process < measurement.effort.processes:
                _run(measurement, process, watcher)


def steps_of(measurement: Measurement) -> int:
    """Guess how many steps the processes of a group take, all together."""
    group, effort = measurement.group, measurement.effort
    return len(group.rows) * len(group.cases) * effort.turns * effort.processes


def _run(measurement: Measurement, process: int, watcher: Watcher) -> None:
    group, turns = measurement.group, measurement.effort.turns
    module = "tests.benchmarks.worker"
    command = [sys.executable, "-m", module, group.key, str(turns)]
    total = steps_of(measurement) // measurement.effort.processes
    watcher.begin(group, process, total)
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as worker,
    ):
        assert worker.stdout is not None
        try:
            for text in worker.stdout:
                _take(json.loads(text), measurement, process, watcher)
        except BaseException:
            worker.terminate()
            raise
        if worker.wait():
            raise WorkerFailed(_last_lines(errors))


def _take(line: Line, measurement: Measurement, process: int, watcher: Watcher) -> None:
    if line["kind"] == "left out":
        measurement.left_out[line["what"]] = line["why"]
    elif line["kind"] == "measured":
        measurement.add(process, line["row"], line["values"])
        for _ in line["values"]:
            watcher.step()


def _last_lines(errors: TextIO) -> str:
    errors.seek(0)
    return "\n".join(errors.read().splitlines()[-LAST_LINES:])
