"""
Where an expression stands: what the text of a file says about the uses of a state.

mypy's binder knows what a name was narrowed to, and not why: whether the rest of a
loop's turn hangs on it, whether a handler runs because the very call failed, whether a
name is bound anew. That stands in the text. `reader.py` reads it, and here is what it
finds, with no types at all.
"""

import ast
from typing import TypeAlias, final

from attrs import define, field, frozen

__all__ = ["Attempt", "Loop", "Place", "Site", "Start"]

Place: TypeAlias = str
"""An expression that can be narrowed, as it stands in the text: `ws`, `self.ws`."""

Start: TypeAlias = tuple[int, int]
"""A line and a column."""


@final
@define(eq=False, order=False)
class Loop:
    """
    A loop, with what its next turn may hang on.

    Attributes:
        waits_on: What is iterated, and what is handed to some call.
        waits_on_unknown: Whether it iterates over a name, which may stand for anything.
        rebinds: What is assigned in each turn.
        asks_for: What the condition of a `while` looks at.
    """

    waits_on: set[Place] = field(factory=set[Place])
    waits_on_unknown: bool = False
    rebinds: set[Place] = field(factory=set[Place])
    asks_for: set[Place] = field(factory=set[Place])


@final
@frozen(eq=False, order=False)
class Attempt:
    """
    A `try`, or a `with` that may swallow errors, seen from a statement in its body.

    Attributes:
        rescuers: What the handlers and the `finally` mention.
        is_with: Whether it is a `with`.
        expects_error: Whether it is a `with pytest.raises(...)` or the like.
        is_caught: Whether there are handlers, and not only a `finally`.
        goes_on: Whether the code behind it may run after an error.
        is_followed: Whether more statements follow in the body.
        may_fail_later: Whether one of them awaits something.
    """

    rescuers: set[Place] = field(factory=set[Place])
    is_with: bool = False
    expects_error: bool = False
    is_caught: bool = False
    goes_on: bool = False
    is_followed: bool = False
    may_fail_later: bool = False

    def misleads(self, place: Place) -> bool:
        """
        Tell whether code may run because the call failed that was to spend a place.

        Nothing was spent then, but after an assignment the binder says so. If something
        else can fail as well, it is right to say so.
        """
        is_right = self.may_fail_later and not self.is_with
        return (place in self.rescuers or self.goes_on) and not is_right


@final
@frozen(eq=False, order=False)
class Site:
    """
    Where an expression stands.

    Attributes:
        function: The name of the function around it.
        statement: The statement around it.
        mentions: The places that the statement mentions as values, with their starts.
        optional: How many expressions around it need not evaluate it: `a and ...`.
        own_names: The names that exist in a comprehension or a lambda around it alone.
        targets: What the statement assigns its value to.
        assigns_to_known: Whether that is more than the first assignment to a name.
        known: The names that the function has assigned to so far.
        loops: The loops around it.
        attempts: Each `try` and `with` around it.
        absent: The places that are None or empty here, by the conditions around it.
    """

    function: str = ""
    statement: ast.stmt | None = None
    mentions: list[tuple[Place, Start]] = field(factory=list[tuple[Place, Start]])
    optional: int = 0
    own_names: frozenset[str] = frozenset()
    targets: frozenset[Place] = frozenset()
    assigns_to_known: bool = False
    known: set[str] = field(factory=set[str])
    loops: tuple[Loop, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    absent: frozenset[Place] = frozenset()

    def is_to_fail(self) -> bool:
        """Tell whether a test says that this very statement raises."""
        return any(
            attempt.expects_error and not attempt.is_followed
            for attempt in self.attempts
        )

    def tells_handlers(self) -> bool:
        """Tell whether the code that runs after an error has to know of a call here."""
        returns = isinstance(self.statement, ast.Return)
        for attempt in reversed(self.attempts):
            if not attempt.is_with:
                # What is returned from a `try` passes through its `finally`.
                return attempt.may_fail_later or (returns and not attempt.is_caught)
        return False

    def may_mislead(self, place: Place, *, redefines: bool) -> bool:
        """Tell whether the binder would tell a handler what is not so."""
        assigns = self.assigns_to_known or (redefines and bool(self.targets))
        return any(
            (attempt.is_followed or assigns) and attempt.misleads(place)
            for attempt in self.attempts
        )

    def next_turn_depends_on(self, place: Place) -> bool:
        """Tell whether a loop may end where the connection does."""
        return any(
            loop.waits_on_unknown
            or place in loop.waits_on
            or loop.asks_for & loop.rebinds
            for loop in self.loops
        )

    def rebound_in(self, place: Place) -> int | None:
        """Return the index of the innermost loop with a new value in each turn."""
        names = place.split(".")
        prefixes = {".".join(names[:count]) for count in range(1, len(names) + 1)}
        for index in reversed(range(len(self.loops))):
            if prefixes & self.loops[index].rebinds:
                return index
        return None
