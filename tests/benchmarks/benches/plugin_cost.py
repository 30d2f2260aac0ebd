"""What `typedws.mypy_plugin` costs: mypy over this repository, with it and without."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Final, final

from attrs import frozen

from tests.benchmarks.compiled import compiling_into
from tests.benchmarks.group import Group, Prepared, Row, Subject
from tests.benchmarks.groups.tools import COLD, WITH_PLUGIN

ROOT: Final = Path(__file__).parents[3]
PLUGIN_LINE: Final = "plugins = typedws.mypy_plugin\n"


class MypyFailed(Exception):
    """mypy has something to say, so its time is no measure."""


@final
@frozen(order=False)
class Checking:
    """
    Runs of mypy, each a process of its own.

    Attributes:
        folder: Where settings and caches are.
        has_plugin: Whether the plugin takes part.
        is_cold: Whether each run begins with an empty cache.
    """

    folder: Path
    has_plugin: bool
    is_cold: bool

    async def warm_up(self) -> None:
        """Fill the caches: those of mypy, and of the disk."""
        await self.turn()

    async def turn(self) -> Sequence[float]:
        """Run mypy; return the seconds of the processor that it took."""
        return [await asyncio.to_thread(self._run)]

    def _run(self) -> float:
        cache = self.folder / f"cache-{self.has_plugin}-{self.is_cold}"
        if self.is_cold:
            shutil.rmtree(cache, ignore_errors=True)
        options = (f"--config-file={self._settings()}", f"--cache-dir={cache}")
        before = _cpu_of_children()
        ended = subprocess.run(
            [sys.executable, "-m", "mypy", *options],
            cwd=ROOT,
            env=compiling_into(str(self.folder / "compiled")),
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode or ended.stderr:
            raise MypyFailed(ended.stdout + ended.stderr)
        return _cpu_of_children() - before

    def _settings(self) -> Path:
        text = (ROOT / "mypy.ini").read_text()
        if not self.has_plugin:
            text = text.replace(PLUGIN_LINE, "")
        path = self.folder / f"settings-{self.has_plugin}.ini"
        path.write_text(text.replace("$MYPY_CONFIG_FILE_DIR", str(ROOT)))
        return path


def _cpu_of_children() -> float:
    """Return what all processes took that have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@asynccontextmanager
async def bench(group: Group, rows: Sequence[Row]) -> AsyncGenerator[Prepared]:
    """Prepare the rows of the group."""
    with tempfile.TemporaryDirectory() as folder:
        subjects: list[Subject] = []
        for case in group.cases:
            for row in rows:
                runs = Checking(Path(folder), row.use == WITH_PLUGIN, case == COLD)
                subjects.append(
                    Subject(row.name, (case,), turn=runs.turn, warm_up=runs.warm_up)
                )
        yield Prepared(subjects)
