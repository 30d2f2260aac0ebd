"""Small questions about the syntax tree of a file, for the reader of the text."""

import ast
from collections.abc import Sequence
from typing import Final

from typedws.mypy_plugin.sites import Place

__all__ = [
    "absent_after",
    "absent_if",
    "argument_names",
    "awaits",
    "expects_error",
    "goes_on",
    "place_in_text",
    "places_in",
]

_EXPECTING: Final = frozenset({"raises", "assertRaises", "assertRaisesRegex"})


def awaits(statement: ast.stmt) -> bool:
    """Tell whether a statement awaits something, and so may fail because of others."""
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    return any(isinstance(node, waits) for node in ast.walk(statement))


def expects_error(context: ast.expr) -> bool:
    """Tell whether it is `pytest.raises(...)`, `self.assertRaises(...)` or the like."""
    place = place_in_text(context.func) if isinstance(context, ast.Call) else None
    return place is not None and place.split(".")[-1] in _EXPECTING


def goes_on(handler: Sequence[ast.stmt]) -> bool:
    """Tell whether a handler does not end the function."""
    return not isinstance(handler[-1], (ast.Return, ast.Raise))


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


def argument_names(arguments: ast.arguments) -> list[str]:
    """Return the names that a function has from its arguments."""
    return [node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)]


def absent_if(condition: ast.expr, *, is_true: bool) -> frozenset[Place]:
    """Return what is None or empty if a condition is true, or if it is false."""
    match condition:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return absent_if(operand, is_true=not is_true)
        case ast.Compare(left, [ast.Is()], [ast.Constant(None)]) if is_true:
            tested = left
        case ast.Compare(left, [ast.IsNot()], [ast.Constant(None)]) if not is_true:
            tested = left
        case ast.Name() | ast.Attribute() | ast.NamedExpr() if not is_true:
            tested = condition
        case _:
            return frozenset()
    if isinstance(tested, ast.NamedExpr):
        tested = tested.target
    return frozenset(filter(None, [place_in_text(tested)]))


def absent_after(statement: ast.stmt) -> frozenset[Place]:
    """Return what is None or empty after `if it is not None: return`."""
    leaves = (ast.Return, ast.Raise, ast.Continue, ast.Break)
    if not isinstance(statement, ast.If) or statement.orelse:
        return frozenset()
    if not isinstance(statement.body[-1], leaves):
        return frozenset()
    return absent_if(statement.test, is_true=False)
