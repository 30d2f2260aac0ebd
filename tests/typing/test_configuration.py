"""That the type checkers are as strict as they are said to be, on all that is here."""

import re
import tokenize
from configparser import ConfigParser
from pathlib import Path
from typing import Final

import msgspec
import pytest
from attrs import frozen

ROOT: Final = Path(__file__).parents[2]
STUBS: Final = sorted((ROOT / "stubs").rglob("*.pyi"))
SOURCES: Final = [
    path
    for folder in ("typedws", "tests", "stubs")
    for path in sorted((ROOT / folder).rglob("*.py*"))
    # The cases are checked as a user's files are, and not with the rest.
    if path.suffix in {".py", ".pyi"}
    and "cases" not in path.relative_to(ROOT).parent.as_posix()
]

WHERE_AND_WHICH_PYTHON: Final = {
    "pyright": {
        *("exclude", "include", "stubPath"),
        *("pythonVersion", "venv", "venvPath"),
    },
    "pyrefly": {
        *("project-excludes", "project-includes", "search-path"),
        *("python-interpreter-path", "python-version"),
    },
}
"""Settings that take no error away."""

LOOSER: Final = re.compile(
    r"#\s*(mypy|pyright|pyrefly|ty):(?! ignore\[)"
    r"|ignore\[[^\]]*(import|Missing|untyped)"
)
"""A comment that loosens a whole file, or takes a missing type for granted."""


@frozen(order=False)
class Project:
    """What is read of `pyproject.toml`."""

    tool: dict[str, dict[str, object]]


@pytest.fixture
def tools() -> dict[str, dict[str, object]]:
    """Read what the checkers are told that have no file of their own."""
    text = (ROOT / "pyproject.toml").read_bytes()
    return msgspec.toml.decode(text, type=Project).tool


@pytest.fixture
def mypy() -> ConfigParser:
    """Read what mypy is told."""
    settings = ConfigParser()
    settings.read(ROOT / "mypy.ini")
    return settings


def test_mypy_is_strict_and_has_our_plugin(mypy: ConfigParser) -> None:
    """On the package and on its tests."""
    settings = mypy["mypy"]

    assert ["typedws", "tests"] == settings["files"].split(", ")
    assert settings.getboolean("strict")
    assert "typedws.mypy_plugin" == settings["plugins"]


def test_mypy_is_loosened_in_one_place(mypy: ConfigParser) -> None:
    """For the tests, by what their tools can't do without."""
    assert ["mypy", "mypy-tests.*"] == mypy.sections()
    assert {"disallow_any_decorated", "disallow_any_expr"} == {*mypy["mypy-tests.*"]}


def test_mypy_takes_no_import_for_granted(mypy: ConfigParser) -> None:
    """A package without types gets a stub."""
    settings = mypy["mypy"]

    assert {"files", "strict"} <= {*settings}
    assert not {
        *("disable_error_code", "follow_imports", "follow_untyped_imports"),
        *("ignore_errors", "ignore_missing_imports"),
    } & {*settings}


def test_pyright_is_strict(tools: dict[str, dict[str, object]]) -> None:
    """With no rule that is another than strict has it."""
    settings = tools["pyright"]

    assert "strict" == settings["typeCheckingMode"]
    assert ["typedws", "tests"] == settings["include"]
    assert settings.keys() == {"typeCheckingMode"} | WHERE_AND_WHICH_PYTHON["pyright"]


def test_pyrefly_is_strict(tools: dict[str, dict[str, object]]) -> None:
    """With no error that is switched off."""
    settings = tools["pyrefly"]

    assert "strict" == settings["preset"]
    assert ["typedws", "tests"] == settings["project-includes"]
    assert settings.keys() == {"preset"} | WHERE_AND_WHICH_PYTHON["pyrefly"]


def test_ty_has_all_its_rules(tools: dict[str, dict[str, object]]) -> None:
    """With none that is switched off."""
    settings = tools["ty"]

    assert {"error-on-warning": True} == settings["terminal"]
    assert settings.keys() == {"environment", "src", "terminal"}


def comments_of(path: Path) -> list[str]:
    """Find the comments of a file."""
    with path.open("rb") as stream:
        tokens = tokenize.tokenize(stream.readline)
        return [token.string for token in tokens if token.type == tokenize.COMMENT]


def test_no_comment_loosens_a_file() -> None:
    """Nor does one take a missing type for granted."""
    assert [] == [
        (path, comment)
        for path in SOURCES
        if LOOSER.search(path.read_text())
        for comment in comments_of(path)
        if LOOSER.search(comment)
    ]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# mypy: disable-error-code=misc", True),
        ("# pyright: basic", True),
        ("import daphne  # type: ignore[import-untyped]", True),
        ("import daphne  # pyright: ignore[reportMissingTypeStubs]", True),
        ("import daphne  # ty: ignore[unresolved-import]", True),
        ("port = 81  # type: ignore[misc]  # ty: ignore[invalid-assignment]", False),
    ],
)
def test_such_a_comment_is_noticed(comment: str, expected: bool) -> None:
    """And one that is about a single mistake is left alone."""
    assert expected is (LOOSER.search(comment) is not None)


@pytest.mark.parametrize(
    "stub", STUBS, ids=lambda stub: f"{stub.parent.name}-{stub.stem}"
)
def test_a_stub_says_who_needs_it_and_when_it_can_go(stub: Path) -> None:
    """In its first line; and who needs it does import the package."""
    first = stub.read_text().splitlines()[0]
    said = re.fullmatch(r"# For (?P<user>\S+), until (?P<end>.+)\.", first)
    package = stub.relative_to(ROOT / "stubs").parts[0]

    assert said is not None
    assert f"from {package}" in (ROOT / said["user"]).read_text()
