"""
What is tried, and what is repeated: the `try`, `with` and loop statements of a text.

An attempt is seen from a statement in its body. What matters is whether more may fail
after that statement, for then the handlers have to know of it.
"""

import ast
from collections.abc import Sequence
from typing import TypeAlias, final

from attrs import define, evolve, field, frozen

from typedws.mypy_plugin.syntax import Place, may_fail

__all__ = ["Attempt", "Attempts", "Loop", "attempts_at_the_end", "attempts_before"]


@final
@frozen(eq=False, order=False)
class Attempt:
    """
    A `try`, or a `with` that may swallow errors, seen from a statement in its body.

    Attributes:
        block: The `try` or the `with` itself.
        loops: How many loops are around it.
        rescuers: What the handlers mention.
        final: What the `finally` does, if it is about that and not about handlers.
        expects_error: Whether it is a `with pytest.raises(...)` or the like.
        goes_on: Whether the code behind it may run after an error.
        is_left: Whether it never runs without one.
        is_followed: Whether more statements run in the body after this one.
        may_fail_later: Whether one of them awaits something, or raises.
    """

    block: ast.stmt
    loops: int
    rescuers: set[Place] = field(factory=set[Place])
    final: Sequence[ast.stmt] = ()
    expects_error: bool = False
    goes_on: bool = False
    is_left: bool = False
    is_followed: bool = False
    may_fail_later: bool = False

    @property
    def is_final(self) -> bool:
        """Whether it is about a `finally`."""
        return bool(self.final)

    @property
    def is_with(self) -> bool:
        """Whether it is a `with`."""
        return isinstance(self.block, ast.With | ast.AsyncWith)

    def misleads(self, place: Place) -> bool:
        """
        Tell whether code may run because the call failed that was to spend a place.

        Nothing was spent then, but after an assignment the binder says so. If something
        else can fail as well, it is right to say so.
        """
        is_right = self.may_fail_later and not self.is_with
        return (place in self.rescuers or self.goes_on) and not is_right

    def is_to_know(self) -> bool:
        """Tell whether the code that runs after an error has to know of a call here."""
        return self.is_final or (self.may_fail_later and not self.is_with)


Attempts: TypeAlias = tuple[Attempt, ...]
"""From the outermost one inwards."""


@final
@define(eq=False, order=False)
class Loop:
    """
    A loop, with what its next turn may hang on.

    Attributes:
        outside: The attempts around it, as they are after a `break`.
        again: The same, as they are after a `continue`.
        waits_on: What is iterated, and what is handed to some call.
        waits_on_unknown: Whether it iterates over a name, which may stand for anything.
        rebinds: What is assigned in each turn.
        defines: What is first assigned in it, so that mypy takes every turn for the
            first.
        asks_for: What the condition of a `while` looks at.
    """

    outside: Attempts = ()
    again: Attempts = ()
    waits_on: set[Place] = field(factory=set[Place])
    waits_on_unknown: bool = False
    rebinds: set[Place] = field(factory=set[Place])
    defines: set[Place] = field(factory=set[Place])
    asks_for: set[Place] = field(factory=set[Place])


def attempts_before(later: Sequence[ast.stmt], attempts: Attempts) -> Attempts:
    """Return attempts as they are before some statements."""
    if not attempts or not later:
        return attempts
    may_fail_later = any(map(may_fail, later))
    return tuple(
        evolve(
            attempt,
            is_followed=True,
            may_fail_later=attempt.may_fail_later or may_fail_later,
        )
        for attempt in attempts
    )


def attempts_at_the_end(
    block: Sequence[ast.stmt], attempts: Attempts, loops: Sequence[Loop]
) -> Attempts:
    """Return the attempts around a block as they are when it has run."""
    match block[-1] if block else None:
        case ast.Return() | ast.Raise():
            rest: Attempts = ()
        case ast.Break() if loops:
            rest = loops[-1].outside
        case ast.Continue() if loops:
            rest = loops[-1].again
        case _:
            return attempts
    return rest + _left(attempts[len(rest) :])


def _left(attempts: Attempts) -> Attempts:
    """Return attempts as they are on the way out: what a `finally` does may fail."""
    left: list[Attempt] = []
    fails = False
    for attempt in reversed(attempts):
        left.append(evolve(attempt, is_followed=fails, may_fail_later=fails))
        fails |= any(map(may_fail, attempt.final))
    return tuple(reversed(left))
