"""A run of pytest within a test: in a process of its own, as users have it."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

from attrs import frozen

PLUGIN = "typedws.testing.pytest_plugin"


@frozen(order=False)
class InnerRun:
    """
    What came of a run.

    Attributes:
        outcomes: How many tests have passed, failed, and so on.
        output: What pytest printed.
    """

    outcomes: dict[str, int]
    output: str


def run_pytest(folder: Path, code: str | None, *arguments: str) -> InnerRun:
    """Run the tests in a folder, with those of a text among them."""
    if code is not None:
        (folder / "test_inner.py").write_text(code)
    (folder / "pytest.ini").write_text("[pytest]\n")
    plugin = () if _is_installed() else ("-p", PLUGIN)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, "--strict-markers", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    summary = (done.stdout.strip().splitlines() or [""])[-1]
    found = re.findall(r"(\d+) (passed|failed|skipped|error|warning)", summary)
    return InnerRun({kind: int(count) for count, kind in found}, done.stdout)


def _is_installed() -> bool:
    found = importlib.metadata.entry_points(group="pytest11")
    return any(point.value == PLUGIN for point in found)
