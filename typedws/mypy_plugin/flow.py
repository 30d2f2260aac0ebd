"""
What is known at a point of the control flow: the one place that touches mypy's binder.

mypy promises nothing about its binder, so a newer mypy may break what is here. Whatever
fails here switches the plugin off, with a line that says so.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import final

from attrs import define, field
from mypy.binder import ConditionalTypeBinder
from mypy.nodes import Expression
from mypy.types import Type

from typedws.mypy_plugin.sites import Place, Site, Start

__all__ = ["Flow", "Put"]


@final
@define(eq=False, order=False)
class Put:
    """
    The marks that one call has left.

    Attributes:
        start: Where the call begins.
        site: Where it stands.
        here: What the binder was given, by whose identity it is known again.
        below: The same, for after an expression that need not have run.
    """

    start: Start
    site: Site
    here: list[Type] = field(factory=list[Type])
    below: list[Type] = field(factory=list[Type])

    def comes_after(self, value: Type | None, start: Start, site: Site) -> bool:
        """
        Tell whether a use comes before the call whose mark it sees.

        mypy checks an argument of a generic or an overloaded call several times. The
        second time it sees what the first time left.
        """
        if any(value is put for put in self.here):
            return start <= self.start
        is_same_statement = site.statement is self.site.statement
        return is_same_statement and any(value is put for put in self.below)


@final
@define(eq=False, order=False)
class Flow:
    """
    The binder of one function, with what the plugin knows of that function.

    Attributes:
        binder: What mypy tracks narrowed types with.
        puts: The newest mark on each place.
        targets: What the calls behind the marks were assigned to.
        verdicts: What was said of a use at its first visit.
        sentences: What was reported of a use.
    """

    binder: ConditionalTypeBinder
    puts: dict[Place, Put] = field(factory=dict[Place, Put])
    targets: dict[str, frozenset[Place]] = field(factory=dict[str, frozenset[Place]])
    verdicts: dict[Start, bool] = field(factory=dict[Start, bool])
    sentences: dict[Start, str] = field(factory=dict[Start, str])

    def get(self, expression: Expression, *, skip: int = 0) -> Type | None:
        """Return what an expression is narrowed to here, as the binder has it."""
        with self._only(len(self.binder.frames) - skip):
            return self.binder.get(expression)

    def put(self, expression: Expression, narrowed: Type, *, skip: int = 0) -> None:
        """Narrow an expression, `skip` levels of the control flow further down."""
        with self._only(len(self.binder.frames) - skip):
            self.binder.put(expression, narrowed)

    def put_if_unknown(
        self, expression: Expression, declared: Callable[[], Type], *, level: int
    ) -> None:
        """
        Say on a low level what an expression is without any narrowing.

        The binder joins only what it has heard of on every path.
        """
        with self._only(level + 1):
            if self.binder.get(expression) is None:
                self.binder.put(expression, declared())

    def is_running(self) -> bool:
        """Tell whether mypy is still inside the function."""
        return self.top() > 0

    def level_in(self, loop: int) -> int:
        """Return the level on which the body of a loop begins."""
        return self.binder.continue_frames[loop] + 1

    def top(self) -> int:
        """Return the highest level."""
        return len(self.binder.frames) - 1

    def is_in_try(self) -> bool:
        """Tell whether mypy thinks that an error may be caught around here."""
        return bool(self.binder.try_frames)

    def jump_to_handlers(self) -> None:
        """Let the handlers of every `try` around here see what is known now."""
        for index in self.binder.try_frames:
            self.binder.allow_jump(index)

    @contextmanager
    def _only(self, count: int) -> Generator[None]:
        frames = self.binder.frames
        self.binder.frames = frames[:count]
        try:
            yield
        finally:
            self.binder.frames = frames
