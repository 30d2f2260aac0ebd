"""
The marks: what the binder carries from a transition to a later use.

An `UnacceptedWebSocket` that was answered is narrowed to `SpentWebSocket`. A
`ConnectedWebSocket` and a `TypedWebSocket` keep their types, since they never promised
to be open; their mark stands on an attribute that no program can name.
"""

from typing import final

from attrs import frozen
from mypy.nodes import Expression, MemberExpr
from mypy.types import (
    Instance,
    LiteralType,
    ProperType,
    Type,
    UnionType,
    get_proper_type,
)
from typing_extensions import TypeIs

from typedws.mypy_plugin.methods import MARK, SPENT
from typedws.mypy_plugin.syntax import Place

__all__ = ["Mark", "is_spent", "items_of", "mark_of"]


@final
@frozen(eq=False, order=False)
class Mark:
    """
    What a name carries at a point of the control flow.

    Attributes:
        calls: The calls that may have spent it: `accept() on line 12`.
        is_certain: Whether there is no path here on which none of them was made.
    """

    calls: tuple[str, ...]
    is_certain: bool

    @classmethod
    def read(cls, marked: Type | None) -> "Mark":
        """Read it off what the binder has."""
        calls: list[str] = []
        is_certain = marked is not None
        for item in [] if marked is None else items_of(marked):
            argument = get_proper_type(item.args[0]) if is_spent(item) else item
            call = argument.value if isinstance(argument, LiteralType) else ""
            if not isinstance(call, str) or not call:
                is_certain = False
            elif call not in calls:
                calls.append(call)
        return cls(tuple(calls), is_certain)

    def without(self, calls: frozenset[str]) -> "Mark":
        """Leave out calls that were not made on the paths that lead here."""
        rest = tuple(call for call in self.calls if call not in calls)
        return self if rest == self.calls else Mark(rest, is_certain=False)

    def sentence(self, place: Place, line: int, successors: dict[str, str]) -> str:
        """Say which call spent a name, and what to use instead."""
        calls = " or ".join(self.calls)
        if any(call.endswith(f" on line {line}") for call in self.calls):
            calls += ", in an earlier turn of the loop"
        classes = {successors[call.partition("(")[0]] for call in self.calls}
        cure = f"use the {' or '.join(sorted(classes))} that it returned"
        if self.is_certain:
            return f'"{place}" was spent by {calls}; {cure}'
        return f'"{place}" may have been spent by {calls}; on that path {cure}'


def mark_of(receiver: Expression, state: str) -> Expression:
    """Return the attribute of an expression that carries its mark."""
    return MemberExpr(receiver, MARK[state])


def items_of(united: Type) -> list[ProperType]:
    """Return the items of a union, or the one type."""
    proper = get_proper_type(united)
    items = proper.items if isinstance(proper, UnionType) else [proper]
    return [get_proper_type(item) for item in items]


def is_spent(item: ProperType) -> TypeIs[Instance]:
    """Tell whether a type is what a name of an answered handshake is narrowed to."""
    return isinstance(item, Instance) and item.type.fullname == SPENT
