"""
What `typedws.mypy_plugin` costs: mypy over this repository, with it and without.

    python -m tests.benchmarks.plugin_cost [pairs]

A run is a whole process. The two runs of a pair follow each other, and take turns in
who is first. A cold run begins with an empty cache, a warm one with that of the same
sources. Python has compiled what it imports, as pip does when it installs something.
Where other programs run as well, the CPU time is what to read.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).parents[2]
PLUGIN_LINE: Final = "plugins = typedws.mypy_plugin\n"
PAIRS: Final = 7

Cost: TypeAlias = tuple[float, float]
"""Seconds: of the processor, and on the clock."""

Pair: TypeAlias = dict[bool, Cost]
"""A run with the plugin, and one without."""


def main(count: int) -> None:
    """Print the table."""
    tell(f"mypy over this repository, {count} pairs, in seconds")
    tell("              the fastest runs            ratio of a pair")
    tell("              plugin  without    ratio    median   from to")
    with tempfile.TemporaryDirectory() as folder:
        for name, is_cold in (("cold", True), ("warm", False)):
            # The first pair fills the caches: of mypy, of Python, and of the disk.
            pairs = [
                run_pair(Path(folder), plugin_first=bool(index % 2), is_cold=is_cold)
                for index in range(count + 1)
            ][1:]
            for clock, unit in enumerate(("CPU", "wall")):
                costs = [(pair[True][clock], pair[False][clock]) for pair in pairs]
                tell_costs(f"{name}, {unit}", costs)


def run_pair(folder: Path, *, plugin_first: bool, is_cold: bool) -> Pair:
    """Run mypy with the plugin and without."""
    order = (plugin_first, not plugin_first)
    return {
        has_plugin: run(folder, has_plugin=has_plugin, is_cold=is_cold)
        for has_plugin in order
    }


def run(folder: Path, *, has_plugin: bool, is_cold: bool) -> Cost:
    """Run mypy once."""
    cache = folder / f"cache-{has_plugin}"
    if is_cold:
        shutil.rmtree(cache, ignore_errors=True)
    options = (
        f"--config-file={settings(folder, has_plugin=has_plugin)}",
        f"--cache-dir={cache}",
    )
    cpu, wall = cpu_of_children(), time.perf_counter()
    completed = subprocess.run(
        [sys.executable, "-m", "mypy", *options],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    cost = (cpu_of_children() - cpu, time.perf_counter() - wall)
    if completed.returncode or completed.stderr:
        message = "mypy has something to say, so this is no measure:\n"
        raise SystemExit(message + completed.stdout + completed.stderr)
    return cost


def environment(folder: Path) -> dict[str, str]:
    """Let Python keep what it has compiled, but not here."""
    kept = {
        name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def settings(folder: Path, *, has_plugin: bool) -> Path:
    """Write what mypy is told."""
    text = (ROOT / "mypy.ini").read_text()
    if not has_plugin:
        text = text.replace(PLUGIN_LINE, "")
    path = folder / f"settings-{has_plugin}.ini"
    path.write_text(text.replace("$MYPY_CONFIG_FILE_DIR", str(ROOT)))
    return path


def cpu_of_children() -> float:
    """Return what all processes took that have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tell_costs(name: str, costs: list[tuple[float, float]]) -> None:
    """Print a row. What disturbs a run makes it longer, so the fastest say most."""
    plugin, plain = (min(runs) for runs in zip(*costs, strict=True))
    ratios = sorted(plugin / plain for plugin, plain in costs)
    spread = f"{median(ratios):8.3f}   {ratios[0]:.3f} to {ratios[-1]:.3f}"
    tell(f"{name:11} {plugin:8.2f} {plain:8.2f} {plugin / plain:8.3f}  {spread}")


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS)
