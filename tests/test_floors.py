"""
The floors: every module imports from lower floors only.

So each module can be read, tested and understood with nothing but what is below it, and
no import cycle can come up. A new module gets its floor here.
"""

import ast
import functools
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import typedws

FLOORS: Final = {
    # The wire, and plain facts.
    "typedws.ahead": 0,
    "typedws.asgi": 0,
    "typedws.codecs": 0,
    "typedws.codecs.codec": 0,
    "typedws.codecs.libraries": 0,
    "typedws.codecs.plain": 0,
    "typedws.cookies": 0,
    "typedws.exceptions": 0,
    "typedws.loss": 0,
    "typedws.slots": 0,
    "typedws.standalone": 1,
    # Rules about single values.
    "typedws.close": 1,
    "typedws.fields": 1,
    "typedws.limits": 1,
    "typedws.json_text": 1,
    # Values, and types at run time.
    "typedws.codecs.forms": 2,
    "typedws.codecs.untyped": 2,
    "typedws.datastructures": 2,
    "typedws.messages": 2,
    "typedws.callables": 3,
    "typedws.codecs.hashes": 3,
    "typedws.codecs.locations": 3,
    "typedws.codecs.shapes": 3,
    "typedws.codecs.building": 4,
    "typedws.codecs.parts": 4,
    "typedws.codecs.places": 4,
    "typedws.codecs.shadows": 4,
    "typedws.codecs.unions": 4,
    "typedws.records": 4,
    "typedws.text_forms": 4,
    "typedws.codecs.any_json": 5,
    "typedws.codecs.checks": 5,
    "typedws.codecs.expected": 5,
    "typedws.codecs.found": 5,
    "typedws.codecs.keys": 5,
    "typedws.codecs.glances": 5,
    "typedws.codecs.reading": 6,
    "typedws.codecs.writing": 5,
    "typedws.codecs.direct": 6,
    "typedws.codecs.making": 7,
    "typedws.codecs.json": 8,
    "typedws.codecs.msgpack": 8,
    "typedws.codecs.pydantic": 8,
    # The scope, and what is read from it.
    "typedws.scope": 3,
    "typedws.denial": 4,
    "typedws.origins": 4,
    "typedws.lifespan_state": 5,
    "typedws.parameters": 5,
    "typedws.problem_details": 5,
    "typedws.handshake": 6,
    # The ends of a connection, and what leads to them.
    "typedws.ended": 7,
    "typedws.deadlines": 8,
    "typedws.per_loop": 8,
    "typedws.pending": 8,
    "typedws.reader": 8,
    "typedws.errors": 8,
    "typedws.stand_ins": 9,
    "typedws.limiting": 9,
    "typedws.interruption": 9,
    "typedws.connection": 10,
    "typedws.signals": 10,
    "typedws.heartbeat": 11,
    # The machine.
    "typedws.iteration": 11,
    "typedws.spent": 11,
    "typedws.halves": 11,
    "typedws.running": 12,
    "typedws.sessions": 13,
    "typedws.typed": 14,
    "typedws.json_types": 15,
    "typedws.subprotocols": 15,
    "typedws.states": 16,
    # What stands around it.
    "typedws.ending": 17,
    "typedws.guards": 17,
    "typedws.live": 17,
    "typedws.endpoints": 18,
    "typedws.serving": 18,
    "typedws.app": 19,
    "typedws.routes": 20,
    "typedws": 21,
    # For tests: what is known of servers and of coroutines, as values.
    "typedws.testing.cutting": 22,
    "typedws.testing.frames": 22,
    "typedws.testing.outcomes": 22,
    "typedws.testing.profile": 22,
    "typedws.testing.rules": 22,
    "typedws.testing.signal": 22,
    "typedws.testing.virtual_time": 22,
    "typedws.testing.whereabouts": 22,
    "typedws.testing.bounds": 23,
    "typedws.testing.ends": 23,
    "typedws.testing.errors": 23,
    "typedws.testing.events": 23,
    "typedws.testing.profiles": 23,
    "typedws.testing.request": 23,
    # A server in memory, an application beside a test, and a client.
    "typedws.testing.app_run": 24,
    "typedws.testing.loop_thread": 24,
    "typedws.testing.options": 24,
    "typedws.testing.to_app": 24,
    "typedws.testing.to_client": 24,
    "typedws.testing.connection": 25,
    "typedws.testing.supervision": 25,
    "typedws.testing.answering": 26,
    "typedws.testing.client": 26,
    "typedws.testing.running_app": 26,
    "typedws.testing.link": 27,
    "typedws.testing.server": 27,
    "typedws.testing.typed_peer": 28,
    "typedws.testing.peer": 29,
    "typedws.testing.connecting": 30,
    "typedws.testing.states": 30,
    "typedws.testing": 31,
    "typedws.testing.sync": 31,
    "typedws.testing.pytest_plugin": 32,
    # For mypy, and beside all others: nothing imports it, it imports mypy.
    "typedws.mypy_plugin.complaints": 0,
    "typedws.mypy_plugin.methods": 0,
    "typedws.mypy_plugin.syntax": 0,
    "typedws.mypy_plugin.writers": 0,
    "typedws.mypy_plugin.attempts": 1,
    "typedws.mypy_plugin.marks": 1,
    "typedws.mypy_plugin.sites": 2,
    "typedws.mypy_plugin.flow": 3,
    "typedws.mypy_plugin.reader": 3,
    "typedws.mypy_plugin.texts": 4,
    "typedws.mypy_plugin.owners": 5,
    "typedws.mypy_plugin.spots": 6,
    "typedws.mypy_plugin.typestate": 7,
    "typedws.mypy_plugin.supported": 8,
    "typedws.mypy_plugin": 9,
    # An application like any other: nothing imports it.
    "typedws.demo": 22,
    "typedws.demo.messages": 22,
    "typedws.demo.rooms": 23,
    "typedws.demo.chat": 24,
    "typedws.demo.app": 25,
    "typedws.demo.__main__": 26,
}

DOORS: Final = {"typedws.asgi": {"cast"}, "typedws.testing.virtual_time": {"cast"}}
"""Who may go around the type system, and how: see the docstrings of the modules."""

MAY_LACK_A_PACKAGE: Final = {"typedws.demo.__main__", "typedws.mypy_plugin"}
"""Who may try an import, to say in plain words what is not installed, or another."""

WRITES_CODE: Final = {"typedws.codecs.shadows": {"exec"}}
"""Who may make a function of a text: it stands in the module, and imports nothing."""

LAST_FLOOR_WITHOUT_A_LOOP: Final = 7
EVENT_LOOPS: Final = {"anyio", "asyncio", "sniffio", "threading", "trio"}

DUSTBINS: Final = {"common", "helpers", "misc", "types", "typing", "util", "utils"}

ROOT: Final = Path(typedws.__file__).parent
SOURCES: Final = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    ): path
    for path in sorted(ROOT.rglob("*.py"))
}

Import = ast.Import | ast.ImportFrom

each_module = pytest.mark.parametrize("module", SOURCES)


@functools.cache
def tree_of(module: str) -> ast.Module:
    """Parse a module."""
    return ast.parse(SOURCES[module].read_text(encoding="utf-8"))


def imports_of(module: str) -> list[Import]:
    """Find every import of a module, wherever it stands."""
    nodes = ast.walk(tree_of(module))
    return [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]


def targets_of(node: Import) -> Iterator[str]:
    """Name the modules that an import loads."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    for alias in node.names:
        submodule = f"{node.module}.{alias.name}"
        yield submodule if submodule in SOURCES else str(node.module)


def names_of(module: str) -> set[str]:
    """Name everything that a module names: variables, attributes, and imports."""
    names: set[str] = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.name for alias in node.names}
    return names


def comments_of(module: str) -> dict[int, str]:
    """Find the comments of a module, by line."""
    source = io.StringIO(SOURCES[module].read_text(encoding="utf-8"))
    tokens = tokenize.generate_tokens(source.readline)
    return {
        token.start[0]: token.string
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def test_every_module_has_a_floor() -> None:
    """And every floor is of a module that there is."""
    assert set(FLOORS) == set(SOURCES)


@each_module
def test_a_module_imports_from_lower_floors_only(module: str) -> None:
    """Not even from its own floor."""
    targets = {
        target
        for node in imports_of(module)
        for target in targets_of(node)
        if target.partition(".")[0] == "typedws"
    }

    assert set() == {name for name in targets if FLOORS[name] >= FLOORS[module]}


@each_module
def test_an_import_is_absolute(module: str) -> None:
    """A relative one would not show its floor."""
    nodes = (node for node in imports_of(module) if isinstance(node, ast.ImportFrom))

    assert set() == {node.lineno for node in nodes if node.level != 0}


@each_module
def test_an_import_is_at_the_top_of_its_module(module: str) -> None:
    """Not in a function, nor under a condition: that would hide a cycle."""
    tree = tree_of(module)
    top = list(tree.body)
    if module in MAY_LACK_A_PACKAGE:
        tries = (node for node in tree.body if isinstance(node, ast.Try))
        top += [inner for node in tries for inner in node.body]
    at_the_top = {
        node.lineno for node in top if isinstance(node, (ast.Import, ast.ImportFrom))
    }

    assert at_the_top == {node.lineno for node in imports_of(module)}


@each_module
def test_no_import_is_for_the_type_checker_only(module: str) -> None:
    """What a checker sees is what runs."""
    assert "TYPE_CHECKING" not in names_of(module)


@each_module
def test_an_import_names_what_it_wants(module: str) -> None:
    """A star would not show what is used."""
    names = {alias.name for node in imports_of(module) for alias in node.names}

    assert "*" not in names


@each_module
def test_an_import_is_a_statement(module: str) -> None:
    """A call would not show what it loads."""
    calls = {"__import__", "import_module", "exec", "eval"} & names_of(module)
    allowed = {"import_module"} if module in MAY_LACK_A_PACKAGE else set[str]()
    allowed |= WRITES_CODE.get(module, set[str]())

    assert calls <= allowed


@each_module
def test_a_module_has_a_name_that_says_something(module: str) -> None:
    """Whatever fits nowhere else ends up in a module that is called utils."""
    assert module.rpartition(".")[2] not in DUSTBINS


@each_module
def test_a_module_says_what_lives_there(module: str) -> None:
    """In its docstring."""
    assert ast.get_docstring(tree_of(module))


@each_module
def test_the_pure_modules_know_of_no_event_loop(module: str) -> None:
    """They can be tested without one."""
    loaded = {target for node in imports_of(module) for target in targets_of(node)}
    loops = {name.partition(".")[0] for name in loaded} & EVENT_LOOPS

    assert not loops or FLOORS[module] > LAST_FLOOR_WITHOUT_A_LOOP


@each_module
def test_only_doors_go_around_the_type_system(module: str) -> None:
    """By a cast, or by Any."""
    assert DOORS.get(module, set()) == {"Any", "cast"} & names_of(module)


@each_module
def test_a_door_has_its_reason_on_the_line(module: str) -> None:
    """A cast that nobody explains is a bug that nobody sees."""
    comments = comments_of(module)
    casts = {
        node.lineno
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "cast"
    }

    assert casts <= set(comments)


@each_module
def test_no_comment_silences_a_type_checker(module: str) -> None:
    """None of the four."""
    silencers = ("type: ignore", "pyright:", "pyrefly:", "ty:", "mypy:")
    found = {
        line: comment
        for line, comment in comments_of(module).items()
        if comment.removeprefix("#").strip().startswith(silencers)
    }

    assert {} == found


@each_module
def test_a_silenced_rule_of_ruff_has_its_reason(module: str) -> None:
    """Behind the rule, on the same line."""
    found = {
        line: comment
        for line, comment in comments_of(module).items()
        if "noqa" in comment and " - " not in comment
    }

    assert {} == found
