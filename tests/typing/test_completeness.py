"""
That every public name has a type which says something, as an editor shows it.

For `pyright --verifytypes` (in `make types`) an `Any` is a known type. So two checkers
are asked here for the type of each public name, and of each attribute and method behind
it, and what they say is searched for `Any` and `Unknown`.
"""

import dis
import enum
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, get_origin, is_typeddict

import msgspec
import pytest
from attrs import frozen
from typing_extensions import NoDefault

from tests.test_floors import FLOORS

ROOT: Final = Path(__file__).parents[2]

LONGEST_RUN: Final = 150
"""Seconds that a checker may take on a machine under load, with nothing cached."""

MODULES: Final = [
    module
    for module in FLOORS
    # The machine's own, what is for mypy alone, and an application.
    if module not in {"typedws.connection", "typedws.iteration"}
    and not module.startswith(("typedws.mypy_", "typedws.demo"))
]

OPERATORS: Final = {
    "__aiter__",
    "__call__",
    "__contains__",
    "__getitem__",
    "__init__",
    "__iter__",
    "__len__",
}
"""What a program uses without its name."""

SESSION: Final = 'typedws.TypedWebSocket[object, object, typing.Literal["chat"]]'

ARGUMENTS: Final = {"SessionT_co": SESSION}
"""By its name, what a type variable is that can't be `object`."""

HEADER: Final = ["import typing", *(f"import {module}" for module in MODULES)]

NOTHING: Final = re.compile(r"\b(Any|Unknown)\b")

# What a coroutine yields and is sent is between it and the event loop: no other type
# would fit.
COROUTINE: Final = re.compile(r"\b(Coroutine|CoroutineType)\[Any, Any, ")

Answers: TypeAlias = dict[str, str]
"""The type of each name."""

Checker: TypeAlias = Callable[[Path], Answers]
"""From a program to the types that it asks for."""


def says_nothing(shown: str) -> bool:
    """Tell whether a type, as it is shown, leaves something open."""
    return NOTHING.search(COROUTINE.sub("[", shown)) is not None


# --- What is asked -------------------------------------------------------------------


@frozen(order=False)
class Question:
    """
    An expression whose type is asked for.

    Attributes:
        name: What the type is that of.
        expression: How a program gets at it.
        argument: The type of `value` in the expression.
    """

    name: str
    expression: str
    argument: str = "None"

    def lines(self, number: int) -> list[str]:
        """Write it as a function."""
        return [
            f"def _{number}(value: {self.argument}) -> None:",
            f"    reveal_type({self.expression})",
        ]


def exported(module: str) -> dict[str, object]:
    """Give what a module exports."""
    loaded = import_module(module)
    names: list[str] = getattr(loaded, "__all__", [])
    return {f"{module}.{name}": getattr(loaded, name) for name in names}


def about(name: str, thing: object) -> Iterator[Question]:
    """Ask for the type of what is exported, and of all that is behind it."""
    if inspect.isclass(thing) and is_typeddict(thing):
        for key in inspect.get_annotations(thing):
            yield Question(f"{name}[{key}]", f"value[{key!r}]", name)
    elif inspect.isclass(thing) and issubclass(thing, enum.Enum):
        for member in thing.__members__:
            yield Question(f"{name}.{member}", f"{name}.{member}")
    elif inspect.isclass(thing) and is_ours(thing):
        argument = applied(name, thing)
        for member in members_of(thing):
            owner = argument if member == "__init__" else "value"
            yield Question(f"{name}.{member}", f"{owner}.{member}", argument)
    elif inspect.isclass(thing) or get_origin(thing) is not None:
        yield Question(name, "value", applied(name, thing))
    else:
        yield Question(name, name)


def applied(name: str, generic: object) -> str:
    """Write a type with its arguments; without them it would be one of `Any`."""
    parameters: tuple[TypeVar, ...] = getattr(generic, "__parameters__", ())
    names = [
        it.__name__
        for it in parameters
        if getattr(it, "__default__", NoDefault) is NoDefault
    ]
    arguments = ", ".join(ARGUMENTS.get(it, "object") for it in names)
    return f"{name}[{arguments}]" if arguments else name


def is_ours(cls: type[object]) -> bool:
    """Tell whether a class is one of typedws."""
    return cls.__module__.startswith("typedws")


def members_of(cls: type[object]) -> list[str]:
    """Name what typedws has given to a class, and the standard library has not."""
    names = {
        name
        for base in filter(is_ours, cls.__mro__)
        for name in (*vars(base), *inspect.get_annotations(base), *set_by(base))
    }
    return sorted(n for n in names if not n.startswith("_") or n in OPERATORS)


def set_by(cls: type[object]) -> Iterator[str]:
    """Name the attributes that an `__init__` sets, of which the class does not know."""
    if inspect.isfunction(init := vars(cls).get("__init__")):
        for instruction in dis.get_instructions(init):
            if instruction.opname == "STORE_ATTR":
                yield str(instruction.argval)


QUESTIONS: Final = [
    question
    for module in MODULES
    for name, thing in exported(module).items()
    for question in about(name, thing)
]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Write all questions, each in its two lines."""
    lines = [*HEADER]
    for number, question in enumerate(QUESTIONS):
        lines += question.lines(number)
    path = tmp_path / "revealing.py"
    path.write_text("\n".join(lines))
    return path


def answers(found: Sequence[tuple[int, str]]) -> Answers:
    """Bring the lines of the answers back to the names."""
    first = len(HEADER) + 1
    return {QUESTIONS[(line - first) // 2].name: shown for line, shown in found}


# --- Who is asked --------------------------------------------------------------------


def mypy(program: Path) -> Answers:
    """Ask mypy."""
    pytest.importorskip("mypy")
    shown = run("mypy", "--no-error-summary", str(program)).decode()
    pattern = re.compile(r':(\d+): note: Revealed type is "(.*)"$', re.MULTILINE)
    return answers([(int(line), text) for line, text in pattern.findall(shown)])


@frozen(order=False)
class _Position:
    line: int


@frozen(order=False)
class _Range:
    start: _Position


@frozen(order=False)
class _Finding:
    message: str
    severity: str
    range: _Range


@frozen(order=False)
class _Report:
    generalDiagnostics: list[_Finding]  # noqa: N815 - pyright's name for it


def pyright(program: Path) -> Answers:
    """Ask pyright."""
    pytest.importorskip("pyright")
    shown = run("pyright", f"--pythonpath={sys.executable}", "--outputjson", program)
    report = msgspec.json.decode(shown, type=_Report)
    return answers(
        [
            (found.range.start.line + 1, found.message)
            for found in report.generalDiagnostics
            if found.severity == "information"
        ]
    )


def run(*command: str | Path) -> bytes:
    """Run a checker with the settings of this repository."""
    # Where coverage measures subprocesses, it need not measure these.
    kept = {n: it for n, it in os.environ.items() if not n.startswith("COVERAGE_")}
    completed = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=kept | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    # Both say 1 when they have found something, and more when they could not look.
    assert completed.returncode in {0, 1}, completed
    return completed.stdout


@pytest.mark.timeout(LONGEST_RUN + 10)
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_no_public_type_says_nothing(checker: Checker, program: Path) -> None:
    """Neither `Any` nor `Unknown`, nor a name to which there is no answer."""
    found = checker(program)

    assert {question.name for question in QUESTIONS} == set(found)
    assert {} == {name: it for name, it in found.items() if says_nothing(it)}


# --- That it would be noticed --------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "typedws.websocket_app",
        "typedws.JSON",
        "typedws.CloseCode.NORMAL_CLOSURE",
        "typedws.ConnectedWebSocket.subprotocol",
        "typedws.ConnectedWebSocket.headers",
        "typedws.ConnectedWebSocket.receive_json",
        "typedws.ConnectedWebSocket.__aiter__",
        "typedws.UnacceptedWebSocket.__getitem__",
        "typedws.WebSocketApp.__call__",
        "typedws.Codec.decode",
        "typedws.Guard",
        "typedws.Subprotocol.__init__",
        "typedws.TypedWebSocket.receive",
        "typedws.WebSocketDisconnect.closed",
        "typedws.asgi.WebSocketReceiveEvent[text]",
    ],
)
def test_every_kind_of_name_is_asked_for(name: str) -> None:
    """Functions, aliases, members, attributes, properties, methods, keys."""
    assert name in {question.name for question in QUESTIONS}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("def (data: str) -> typing.Coroutine[Any, Any, None]", False),
        ("() -> CoroutineType[Any, Any, AnyOrigin]", False),
        ("def () -> typing.Coroutine[Any, Any, Any]", True),
        ("dict[str, Unknown] | str", True),
        ("(message: Any) -> None", True),
    ],
)
def test_what_says_nothing_is_noticed(shown: str, expected: bool) -> None:
    """`Any` and `Unknown`, but for what no coroutine can say."""
    assert expected is says_nothing(shown)
