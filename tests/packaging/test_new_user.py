"""A new user: "Start in five minutes", and then the tutorial, done step by step."""

import os
import re
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.packaging.packages import Packages, run
from tests.pages import ROOT
from tests.ports import free_port, listens
from tests.waiting import comes_true

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def files_on(page: str) -> dict[str, str]:
    """Give what a page says to save, by the names of the files."""
    return dict(
        re.findall(r"<!-- file: (\S+) -->\n\n```\w+\n(.*?)```", page, re.DOTALL)
    )


def commands_on(page: str) -> list[str]:
    """Give what a page says to type into a terminal."""
    return re.findall(r"^\$ (.+)$", page, re.MULTILINE)


PAGE: Final = (ROOT / "docs" / "start.md").read_text()
FILES: Final = files_on(PAGE)
COMMANDS: Final = commands_on(PAGE)
TUTORIAL: Final = (ROOT / "docs" / "tutorial.md").read_text()
STEPS: Final = re.findall(r"^```python\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
SERVED_WITHIN: Final = 20.0

TALK: Final = """
import sys
from websockets.sync.client import connect

with connect(sys.argv[1]) as client:
    client.send("hello")
    print(client.recv())
"""


def test_the_page_names_the_steps_that_are_done_here() -> None:
    """So no step is added that nobody has tried."""
    assert [
        "python -m venv .venv",
        ". .venv/bin/activate",
        "pip install typedws",
        'pip install "uvicorn[standard]" websockets mypy pytest',
        "uvicorn parrot:app --port 8000",
        "mypy parrot.py",
        "pytest -q",
    ] == COMMANDS
    assert ["parrot.py", "pyproject.toml", "test_parrot.py"] == list(FILES)


def test_the_steps_of_the_page_lead_to_a_handler_that_is_checked_and_tested(
    packages: Packages, tmp_path: Path
) -> None:
    """With the wheel that was made, and nothing of this checkout."""
    environment = _environment(tmp_path)
    make, _, install, tools, serve, check, test = COMMANDS
    _shell(make, tmp_path, environment)
    _shell(_of_the_wheel(install, packages), tmp_path, environment)
    _shell(tools, tmp_path, environment)
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    with _served(serve, tmp_path, environment) as address:
        answer = run(["python", "-c", TALK, address], tmp_path, environment)
    success = _shell(check, tmp_path, environment)
    passed = _shell(test, tmp_path, environment)
    mistaken = _with_the_mistake(tmp_path, environment)

    assert "hello\n" == answer
    assert success in PAGE
    assert "1 passed" in passed
    assert re.search(r'error: ".*\]$', PAGE, re.MULTILINE)
    assert re.findall(r"error: .*$", PAGE, re.MULTILINE) == re.findall(
        r"error: .*$", mistaken, re.MULTILINE
    )


def test_the_steps_of_the_tutorial_pass_their_tests(
    packages: Packages, tmp_path: Path
) -> None:
    """Each with `pytest chat.py`, and what the page says to install."""
    environment = _environment(tmp_path)
    (install,) = commands_on(TUTORIAL)
    _shell(COMMANDS[0], tmp_path, environment)
    _shell(_of_the_wheel(install, packages), tmp_path, environment)
    (tmp_path / "pyproject.toml").write_text(files_on(TUTORIAL)["pyproject.toml"])
    passed: list[str] = []
    for step in STEPS:
        (tmp_path / "chat.py").write_text(step)
        passed += re.findall(
            r"^\d+ passed",
            _shell("pytest -q chat.py", tmp_path, environment),
            re.MULTILINE,
        )

    assert "`pytest chat.py`" in TUTORIAL
    assert [f"{step.count('async def test_')} passed" for step in STEPS] == passed
    assert 6 == len(passed)


def _of_the_wheel(install: str, packages: Packages) -> str:
    return install.replace("typedws", str(packages.wheel))


def _environment(folder: Path) -> dict[str, str]:
    ours = ("COVERAGE_", "VIRTUAL_ENV", "PYTHON", "MYPY")
    kept = {name: it for name, it in os.environ.items() if not name.startswith(ours)}
    return kept | {"PATH": f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}"}


def _shell(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    return run(["sh", "-c", command], folder, environment)


@contextmanager
def _served(
    command: str, folder: Path, environment: Mapping[str, str]
) -> Generator[str, None, None]:
    port = free_port()
    words = command.replace("8000", str(port)).split()
    with subprocess.Popen(words, cwd=folder, env=environment) as server:
        try:
            assert comes_true(lambda: listens(port), SERVED_WITHIN), "nothing listened"
            yield f"ws://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _with_the_mistake(folder: Path, environment: Mapping[str, str]) -> str:
    program = FILES["parrot.py"]
    accept = "    connected = await"
    mistake = '    await websocket.send_text("hello")\n'
    (folder / "mistaken.py").write_text(program.replace(accept, mistake + accept))
    done = subprocess.run(
        ["mypy", "mistaken.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 1 == done.returncode
    return done.stdout
