"""
Where an expression stands: what the text of a file says about the uses of a state.

mypy's binder knows what a name was narrowed to, and not why: whether the rest of a
loop's turn hangs on it, whether a handler runs because the very call failed, whether a
name is bound anew. That stands in the text. `reader.py` reads it, and here is what it
finds, with no types at all.
"""

import ast
from collections.abc import Mapping
from typing import final

from attrs import define, field, frozen

from typedws.mypy_plugin.attempts import Attempt, Attempts, Loop
from typedws.mypy_plugin.syntax import Fact, Place, Start
from typedws.mypy_plugin.writers import Writers

__all__ = ["Function", "Site", "Text"]


@final
@frozen(eq=False, order=False)
class Function:
    """
    A function, a class, or the top level of a file.

    Attributes:
        name: Its qualified name.
        unit: That of the outermost function around it.
        owner: The name of the class around it.
        own_object: What a method of that class calls its object: `self`.
        known: The names that it has assigned to so far.
        examined: The places of which it asks which object they are.
    """

    name: str = ""
    unit: str = ""
    owner: str = ""
    own_object: str = ""
    known: set[str] = field(factory=set[str])
    examined: set[Place] = field(factory=set[Place])


@final
@frozen(eq=False, order=False)
class Site:
    """
    Where an expression stands.

    Attributes:
        function: The function around it.
        statement: The statement around it.
        mentions: The places that the statement mentions as values, with their starts.
        optional: How many expressions around it need not evaluate it: `a and ...`.
        own_names: The names that exist in a comprehension or a lambda around it alone.
        is_repeated: Whether a comprehension evaluates it in each of its turns.
        makes: What holds once the statement has run, and those beside it.
        given: What holds here, by the conditions around it.
        assigns: Whether the value of an assignment.
        resets: Whether that of one to what there was before, for mypy.
        loops: The loops around it.
        attempts: Each `try` and `with` around it.
        rescues: Each `try` in whose handlers it stands.
        follows: Each `try` in whose `else` it stands.
    """

    function: Function = field(factory=Function)
    statement: ast.stmt | None = None
    mentions: list[tuple[Place, Start]] = field(factory=list[tuple[Place, Start]])
    optional: int = 0
    own_names: frozenset[str] = frozenset()
    is_repeated: bool = False
    makes: Mapping[Place, bool] = field(factory=dict[Place, bool])
    given: frozenset[Fact] = frozenset()
    assigns: bool = False
    resets: bool = False
    loops: tuple[Loop, ...] = ()
    attempts: Attempts = ()
    rescues: tuple[ast.stmt, ...] = ()
    follows: tuple[ast.stmt, ...] = ()

    def is_own(self, place: Place) -> bool:
        """Tell whether a place exists in an expression around it alone."""
        return place.partition(".")[0] in self.own_names

    def is_to_fail(self) -> bool:
        """Tell whether a test says that this very statement raises."""
        return any(
            attempt.expects_error and not attempt.is_followed
            for attempt in self.attempts
        )

    def rules_out(self, earlier: "Site") -> bool:
        """Tell whether a statement was not run before this one, by what it makes."""
        return any(
            earlier.makes.get(place, is_true) is not is_true
            for place, is_true in self.given
        )

    def next_turn_depends_on(self, place: Place) -> bool:
        """Tell whether a loop may end where the connection does."""
        return any(
            loop.waits_on_unknown
            or place in loop.waits_on
            or loop.asks_for & loop.rebinds
            for loop in self.loops
        )

    def defined_in(self, place: Place) -> int | None:
        """Return the index of the innermost loop that defines a place in each turn."""
        names = place.split(".")
        prefixes = {".".join(names[:count]) for count in range(1, len(names) + 1)}
        for index in reversed(range(len(self.loops))):
            if prefixes & self.loops[index].defines:
                return index
        return None

    def may_follow_error(self, attempt: Attempt, *, is_next: bool) -> bool:
        """
        Tell whether this runs after an error that was caught, and not otherwise.

        Args:
            attempt: In which it was caught.
            is_next: Whether nothing but the body leads here from the call that failed.
        """
        if any(it.block is attempt.block and not it.is_final for it in self.attempts):
            return bool(attempt.loops) and not is_next
        if attempt.block in self.rescues:
            return True
        # Where the call may have succeeded as well, what the mark says is right.
        is_behind = attempt.block not in self.follows
        return is_behind and attempt.goes_on and attempt.is_left


@final
@define(eq=False, order=False)
class Text:
    """
    What a file says.

    Attributes:
        sites: Where each name and each attribute stands, by its line.
        awaited: Those that are called, and awaited at once.
        writers: Who assigns what.
    """

    sites: dict[tuple[int, Place], Site] = field(factory=dict[tuple[int, Place], Site])
    awaited: set[tuple[int, Place]] = field(factory=set[tuple[int, Place]])
    writers: Writers = field(factory=Writers)
