"""The packages: what is in them, and that what is in them is enough."""

import re
import tomllib
from pathlib import Path
from typing import Final

import msgspec
import pytest
from attrs import frozen

from tests.packaging.packages import Packages, new_environment, run
from tests.pages import ROOT
from tests.test_floors import FLOORS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

RUNTIME: Final = {"anyio", "attrs", "idna", "msgspec", "typing-extensions", "typedws"}
"""What typedws needs, and what those need on the newest Python."""

WITH_AN_EXTRA: Final = {
    "typedws.codecs.pydantic",
    "typedws.demo",
    "typedws.mypy_plugin",
    "typedws.testing.pytest_plugin",
}
"""What needs a package that typedws does not depend on."""


@frozen
class Installed:
    """A package, as pip lists it."""

    name: str


def test_the_wheel_has_all_of_the_package_and_nothing_else(packages: Packages) -> None:
    """Each file that is under version control, and what a wheel says of itself."""
    tracked = set(run(["git", "ls-files", "typedws"], ROOT).split())
    files = packages.files_of_wheel()

    assert tracked == {name for name in files if ".dist-info/" not in name}
    assert {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    } == {name.partition(".dist-info/")[2] for name in files - tracked}


def test_the_source_distribution_has_what_the_tests_need(packages: Packages) -> None:
    """Whoever packages typedws anew can check it."""
    files = packages.files_of_sdist()
    tracked = set(run(["git", "ls-files"], ROOT).split())

    assert {"PKG-INFO"} == files - tracked
    assert {".ci/run"} == tracked - files


def test_the_metadata_says_what_the_project_says(packages: Packages) -> None:
    """The dependencies, and the extras, among others."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    metadata = packages.metadata()
    requirements: list[str] = metadata.get_all("Requires-Dist") or []
    extras: list[str] = metadata.get_all("Provides-Extra") or []

    assert project["version"] == metadata["Version"]
    assert ">=3.11" == metadata["Requires-Python"]
    assert "MIT" == metadata["License-Expression"]
    assert "text/markdown" == metadata["Description-Content-Type"]
    assert set(project["dependencies"]) == {
        it for it in requirements if "extra ==" not in it
    }
    assert set(project["optional-dependencies"]) == set(extras)


def test_every_extra_is_named_in_the_docs() -> None:
    """And none that there is not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    start = (ROOT / "docs" / "start.md").read_text()

    assert set(project["optional-dependencies"]) == set(
        re.findall(r"`typedws\[(\w+)\]`", start)
    )


def test_it_imports_with_nothing_but_what_it_depends_on(
    packages: Packages, tmp_path: Path
) -> None:
    """Every module but those that are for a package of an extra, or for a tool."""
    python = new_environment(tmp_path / "venv")
    run([str(python), "-m", "pip", "install", "--quiet", str(packages.wheel)], tmp_path)
    listed = run([str(python), "-m", "pip", "list", "--format=json"], tmp_path)
    names = {it.name.replace("_", "-") for it in _installed(listed)}
    modules = [
        name
        for name in FLOORS
        if not any(name == it or name.startswith(f"{it}.") for it in WITH_AN_EXTRA)
    ]
    run([str(python), "-W", "error", "-c", f"import {', '.join(modules)}"], tmp_path)

    assert "typedws" in names
    assert set() == names - RUNTIME - {"pip", "setuptools"}


def _installed(listed: str) -> list[Installed]:
    line = next(it for it in listed.splitlines() if it.startswith("["))
    return msgspec.json.decode(line, type=list[Installed])
