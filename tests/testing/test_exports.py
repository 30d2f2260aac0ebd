"""Tests of what `typedws.testing` exports: names, docstrings, and what it loads."""

import inspect
import subprocess
import sys
from types import ModuleType

import pytest

from typedws import TypedWSError, testing
from typedws.testing import sync

FACES = [testing, sync]


def classes_of(face: ModuleType) -> dict[str, type]:
    """Give the classes that a module exports."""
    names: list[str] = face.__all__
    members = {name: getattr(face, name) for name in names}
    return {name: it for name, it in members.items() if inspect.isclass(it)}


CLASSES = {
    f"{face.__name__}.{name}": it
    for face in FACES
    for name, it in classes_of(face).items()
}


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_the_exports_are_all_there_is(face: ModuleType) -> None:
    """They are sorted as ruff sorts them, and each has a docstring."""
    names: list[str] = face.__all__
    kinds = [
        sorted(name for name in names if name.isupper()),
        sorted(n for n in names if n[0].isupper() and not n.isupper()),
        sorted(name for name in names if name[0].islower()),
    ]

    assert [name for kind in kinds for name in kind] == names
    functions = [name for name in names if inspect.isfunction(getattr(face, name))]
    assert [] == [name for name in functions if not getattr(face, name).__doc__]


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_and_its_methods_have_docstrings(name: str) -> None:
    """Their own."""
    cls = CLASSES[name]
    members = {
        member: value
        for member, value in vars(cls).items()
        if not member.startswith("_")
        and (inspect.isroutine(value) or isinstance(value, property))
    }

    assert cls.__doc__
    assert [] == [member for member, value in members.items() if not value.__doc__]


@pytest.mark.parametrize("name", CLASSES)
def test_no_name_is_one_that_pytest_collects(name: str) -> None:
    """It takes what begins with Test for a class of tests."""
    assert not name.rpartition(".")[2].startswith("Test")


def test_every_error_is_one_of_typedws() -> None:
    """But for what `send()` raises, and a warning."""
    errors = {
        it
        for it in CLASSES.values()
        if issubclass(it, BaseException) and not issubclass(it, TypedWSError)
    }

    assert {testing.ClientGone, testing.LeakedTaskWarning} == errors


def test_the_kit_loads_no_package_of_an_extra() -> None:
    """Neither pytest nor trio, nor a server."""
    program = "import sys, typedws.testing.sync; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())

    assert "typedws.testing" in loaded
    assert set() == {"pytest", "trio", "uvicorn", "starlette", "mypy"} & loaded


def test_typedws_itself_does_not_load_the_kit() -> None:
    """It is for tests."""
    program = "import sys, typedws; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert "typedws.testing" not in done.stdout.split()
