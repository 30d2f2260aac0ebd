"""
What is known at a point of the control flow: the one place that touches mypy's binder.

mypy promises nothing about its binder, so a newer mypy may break what is here. Whatever
fails here switches the plugin off, with a line that says so.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import final

from attrs import define, field
from mypy.binder import ConditionalTypeBinder
from mypy.nodes import Expression
from mypy.types import Type

from typedws.mypy_plugin.attempts import Attempt
from typedws.mypy_plugin.sites import Site
from typedws.mypy_plugin.syntax import Place, Start

__all__ = ["Flow", "Put"]


@final
@define(eq=False, order=False)
class Put:
    """
    The marks that one call has left.

    mypy checks an argument of a generic or an overloaded call several times, and it
    checks one arm of a ternary after the other. A use that comes before the call may so
    see what the call has left; for that use counts what was there before.

    Attributes:
        start: Where the call begins.
        end: Where it ends.
        site: Where it stands.
        misled: The attempts around it in whose handlers its mark may be wrong.
        here: What the binder was given, by whose identity it is known again, and what
            it had before.
        below: The same, for after an expression that need not have run.
    """

    start: Start
    end: Start
    site: Site
    misled: Sequence[Attempt]
    here: list[tuple[Type, Type | None]] = field(factory=list[tuple[Type, Type | None]])
    below: list[tuple[Type, Type | None]] = field(
        factory=list[tuple[Type, Type | None]]
    )

    def is_right_before(self, value: Type | None) -> bool:
        """Tell whether a value comes from this call, by no other path."""
        return any(value is put for put, _ in self.here)

    def before(self, value: Type | None, start: Start, site: Site) -> Type | None:
        """Return what a use sees; for one that comes before it, what was there then."""
        for put, earlier in self.here:
            if value is put:
                return earlier if start <= self.end else value
        if site.statement is self.site.statement:
            for put, earlier in self.below:
                if value is put:
                    return earlier
        return value


@final
@define(eq=False, order=False)
class Flow:
    """
    The binder of one function, with what the plugin knows of that function.

    Attributes:
        binder: What mypy tracks narrowed types with.
        puts: The newest mark on each place.
        calls: The newest marks on each place by each call.
        verdicts: What was said of a use at its first visit.
        sentences: What was reported of a use.
    """

    binder: ConditionalTypeBinder
    puts: dict[Place, Put] = field(factory=dict[Place, Put])
    calls: dict[tuple[Place, str], Put] = field(factory=dict[tuple[Place, str], Put])
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

    def catching(self, attempts: Sequence[Attempt]) -> Sequence[Attempt]:
        """Return those attempts of which mypy thinks that they may catch an error."""
        sure = [attempt for attempt in attempts if not attempt.is_with]
        return sure if len(self.binder.try_frames) == len(sure) else attempts

    def tell(self, attempts: Sequence[Attempt]) -> None:
        """Let the code that runs after an error see what is known now."""
        catching = self.catching(attempts)
        frames = sorted(self.binder.try_frames)
        # Of several `with` statements mypy alone knows which of them swallow errors.
        is_clear = len(catching) == len(frames)
        if is_clear or all(it.is_to_know() for it in catching if not it.is_with):
            for index, frame in enumerate(frames):
                if not is_clear or catching[index].is_to_know():
                    self.binder.allow_jump(frame)

    @contextmanager
    def _only(self, count: int) -> Generator[None]:
        frames = self.binder.frames
        self.binder.frames = frames[:count]
        try:
            yield
        finally:
            self.binder.frames = frames
