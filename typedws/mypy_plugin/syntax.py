"""Small questions about the syntax tree of a file, and the words for the answers."""

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

__all__ = [
    "Fact",
    "Place",
    "Start",
    "argument_names",
    "captured_in",
    "examined_in",
    "expects_error",
    "flags_beside",
    "given_after",
    "given_if",
    "goes_on",
    "is_left",
    "may_fail",
    "name_of",
    "names_in",
    "place_in_text",
    "places_in",
]

Place: TypeAlias = str
"""An expression that can be narrowed, as it stands in the text: `ws`, `self.ws`."""

Start: TypeAlias = tuple[int, int]
"""A line and a column."""

Fact: TypeAlias = tuple[Place, bool]
"""A place, and whether it holds something true, or None, False or nothing."""

_EXPECTING: Final = frozenset({"raises", "assertRaises", "assertRaisesRegex"})

_LEAVING: Final = (ast.Return, ast.Raise, ast.Continue, ast.Break)

_FINDING: Final = frozenset({"count", "get", "index", "pop", "remove", "type"})
"""What looks for an object, or at it, and does nothing else with it."""


def may_fail(statement: ast.stmt) -> bool:
    """Tell whether a statement raises, or awaits something and so may fail because."""
    fails = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Raise)
    return any(isinstance(node, fails) for node in ast.walk(statement))


def expects_error(context: ast.expr) -> bool:
    """Tell whether it is `pytest.raises(...)`, `self.assertRaises(...)` or the like."""
    return isinstance(context, ast.Call) and name_of(context.func) in _EXPECTING


def goes_on(handler: Sequence[ast.stmt]) -> bool:
    """Tell whether a handler does not end the function."""
    return not isinstance(handler[-1], (ast.Return, ast.Raise))


def is_left(*blocks: Sequence[ast.stmt]) -> bool:
    """Tell whether one of the blocks leads elsewhere at its end."""
    return any(block and isinstance(block[-1], _LEAVING) for block in blocks)


# --- Places --------------------------------------------------------------------------


def place_in_text(node: ast.expr) -> Place | None:
    """Name what an expression refers to; `None` for what is no name or attribute."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = place_in_text(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None


def places_in(expression: ast.expr) -> set[Place]:
    """Return what an expression looks at."""
    return {
        place
        for node in ast.walk(expression)
        if isinstance(node, (ast.Name, ast.Attribute))
        and isinstance(node.ctx, ast.Load)
        if (place := place_in_text(node)) is not None
    }


def names_in(target: ast.expr) -> set[str]:
    """Return the names that are bound by an assignment to a target."""
    return {
        node.id
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def captured_in(pattern: ast.pattern) -> set[str]:
    """Return the names that are bound by a match of a pattern."""
    captures = (ast.MatchAs, ast.MatchStar)
    nodes = (node for node in ast.walk(pattern) if isinstance(node, captures))
    return {node.name for node in nodes if node.name is not None}


def argument_names(arguments: ast.arguments) -> list[str]:
    """Return the names that a function has from its arguments."""
    return [node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)]


def examined_in(node: ast.AST) -> set[Place]:
    """
    Return the places of which code asks which object they are, or of which class.

    Where a spent state is narrowed to another class, mypy would take the answer for
    known.
    """
    asked: Sequence[ast.expr] = []
    match node:
        case ast.Match(subject=ast.Tuple(elts=subjects)):
            asked = subjects
        case ast.Match(subject=subject):
            asked = [subject]
        case ast.Compare(left, [ast.Is() | ast.IsNot()], [right]):
            asked = [] if isinstance(right, ast.Constant) else [left, right]
        case ast.Call(func=function, args=arguments) if name_of(function) in _FINDING:
            asked = arguments
        case ast.Subscript(slice=key):
            asked = [key]
        case _:
            pass
    return {place for place in map(place_in_text, asked) if place is not None}


def name_of(function: ast.expr) -> str:
    """Return the last name of what is called, or derived from."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


# --- Conditions ----------------------------------------------------------------------


def given_if(condition: ast.expr, *, is_true: bool) -> frozenset[Fact]:
    """Return what holds if a condition is true, or if it is false."""
    match condition:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return given_if(operand, is_true=not is_true)
        case ast.BoolOp(op=op, values=values) if isinstance(op, ast.And) is is_true:
            return frozenset[Fact]().union(
                *(given_if(value, is_true=is_true) for value in values)
            )
        case ast.BoolOp(op=ast.And(), values=[*_, ast.NamedExpr() as last]):
            # What was to make it true was not run, or has made nothing of the kind.
            return _fact(last, is_true=False)
        case ast.Compare(tested, [ast.Is()], [ast.Constant(None)]):
            return _fact(tested, is_true=not is_true)
        case ast.Compare(tested, [ast.IsNot()], [ast.Constant(None)]):
            return _fact(tested, is_true=is_true)
        case _:
            return _fact(condition, is_true=is_true)


def _fact(tested: ast.expr, *, is_true: bool) -> frozenset[Fact]:
    if isinstance(tested, ast.NamedExpr):
        tested = tested.target
    place = place_in_text(tested)
    return frozenset() if place is None else frozenset({(place, is_true)})


def given_after(statement: ast.stmt) -> frozenset[Fact]:
    """Return what holds after `if it is not None: return`, and after an `assert`."""
    if isinstance(statement, ast.Assert):
        return given_if(statement.test, is_true=True)
    if not isinstance(statement, ast.If) or statement.orelse:
        return frozenset()
    if not is_left(statement.body):
        return frozenset()
    return given_if(statement.test, is_true=False)


def flags_beside(
    block: Sequence[ast.stmt], index: int, known: Collection[Place]
) -> dict[Place, bool]:
    """
    Return what is set to True, False or None right before and after a statement.

    Before it, only what had a value at the beginning of the block: the first one of a
    variable says nothing about the statement that happens to follow.
    """
    before = _flags(reversed(block[:index]))
    flags = {place: it for place, it in before if "." in place or place in known}
    return flags | dict(_flags(block[index + 1 :]))


def _flags(statements: Iterable[ast.stmt]) -> Iterator[Fact]:
    """Go through the flags that come first."""
    for statement in statements:
        match statement:
            case ast.Assign([target], ast.Constant(True | False | None as value)):
                place = place_in_text(target)
                if place is not None:
                    yield place, bool(value)
            case _:
                return
