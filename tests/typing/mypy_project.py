"""A folder in which mypy runs as a user's would, for the tests of the plugin."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Final, TypeAlias, final

from attrs import frozen

ROOT: Final = Path(__file__).parents[2]
CASES: Final = sorted((Path(__file__).parent / "plugin_cases").glob("*.py"))
STRICT: Final = (
    "--strict",
    "--warn-unreachable",
    "--enable-error-code=exhaustive-match",
    "--enable-error-code=possibly-undefined",
    "--enable-error-code=redundant-expr",
)
WITH_PLUGIN: Final = "[mypy]\nplugins = typedws.mypy_plugin\n"
WITHOUT_PLUGIN: Final = "[mypy]\n"

ANSWERED_TWICE: Final = """
    from typedws import Ended, UnacceptedWebSocket


    async def handler(ws: UnacceptedWebSocket) -> Ended:
        await ws.accept()
        return await ws.close()
"""

Found: TypeAlias = set[tuple[str, int, str]]
"""Reports: file, line, code."""


@final
@frozen(eq=False, order=False)
class Run:
    """What one run of mypy has said."""

    status: int
    output: str
    errors: str

    @property
    def found(self) -> Found:
        """The reports."""
        pattern = r"^(\S+?):(\d+): error: .*\[([a-z-]+)\]$"
        reports = re.finditer(pattern, self.output, re.MULTILINE)
        return {(Path(one[1]).name, int(one[2]), one[3]) for one in reports}

    @property
    def sentences(self) -> list[str]:
        """The reports without their places."""
        return re.findall(r"^\S+?:\d+: error: (.*)$", self.output, re.MULTILINE)


@final
@frozen(eq=False, order=False)
class Project:
    """A folder in which mypy runs, and keeps its cache."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_text(dedent(text))
        return path

    def mypy(self, *arguments: str | Path, settings: str = WITH_PLUGIN) -> Run:
        """Run mypy as strictly as it can be."""
        self.write("settings.ini", settings)
        arguments = ("--config-file=settings.ini", *STRICT, *arguments)
        return self.python("-m", "mypy", *arguments)

    def dmypy(self, command: str, *arguments: str | Path) -> Run:
        """Give a command to the daemon of this folder."""
        status_file = ("--status-file", "daemon.json")
        return self.python("-m", "mypy.dmypy", *status_file, command, *arguments)

    def python(self, *arguments: str | Path) -> Run:
        """Run Python; what is in the folder `site` comes first."""
        path = os.pathsep.join([str(self.folder / "site"), str(ROOT)])
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "MYPYPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)


def marked(*files: Path) -> Found:
    """Read the marks."""
    marks: Found = set()
    for file in files:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            mark = re.search(r"# E: mypy-plugin\[([a-z-]+)\]$", line)
            if mark:
                marks.add((file.name, number, mark[1]))
    return marks
