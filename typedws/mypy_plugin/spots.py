"""
The spots: points of the code at which something is done with a state.

A spot brings together what mypy says, what the text says and what is known of the flow.
It leaves the marks, and reports a use that sees one.
"""

from collections.abc import Callable
from typing import Final, final

from attrs import frozen
from mypy.checker import TypeChecker
from mypy.errorcodes import ErrorCode
from mypy.nodes import Context, Expression, NameExpr, Var
from mypy.types import LiteralType, Type, UnionType

from typedws.mypy_plugin.attempts import Attempt
from typedws.mypy_plugin.flow import Flow, Put
from typedws.mypy_plugin.marks import Mark, mark_of
from typedws.mypy_plugin.methods import UNACCEPTED, Method, successors
from typedws.mypy_plugin.owners import is_lasting, place_of
from typedws.mypy_plugin.sites import Site
from typedws.mypy_plugin.syntax import Place, Start
from typedws.mypy_plugin.texts import Texts

__all__ = ["TYPESTATE", "Spot", "see_action", "see_read", "start_of"]

TYPESTATE: Final = ErrorCode(
    "typestate", "A state of a connection is used after it was left", "typedws"
)


def start_of(context: Context) -> Start:
    """Return where an expression begins."""
    return context.line, context.column


@final
@frozen(eq=False, order=False)
class Spot:
    """
    A point of the code at which something is done with a state.

    Attributes:
        checker: What checks the file.
        flows: What is known of the function and, before it, of the functions around.
        texts: What the files say.
        use: The expression that does something.
        receiver: The expression to which it is done.
        place: The name of that.
        site: Where it stands in the text.
    """

    checker: TypeChecker
    flows: list[Flow]
    texts: Texts
    use: Expression
    receiver: Expression
    place: Place
    site: Site

    @property
    def flow(self) -> Flow:
        """What is known of the function."""
        return self.flows[-1]

    def is_followed(self, *, lasts: bool) -> bool:
        """Tell whether a mark that is left here can be relied on."""
        awaited = self.texts.checked(self.checker).awaited
        is_made = not lasts or (self.use.line, place_of(self.use)) in awaited
        if self.site.is_to_fail() or not is_made:
            return False
        return is_lasting(self.receiver, self.checker, self.texts, self.site)

    def misled(self) -> list[Attempt]:
        """Return the attempts in whose handlers a mark from here may be wrong."""
        site, redefines = self.site, self.checker.options.allow_redefinition
        # mypy notes an assignment, and tells the handlers what it knows then.
        assigns = site.assigns if redefines else site.resets
        return [
            attempt
            for attempt in self.flow.catching(site.attempts)
            if (attempt.is_followed or assigns) and attempt.misleads(self.place)
        ]

    def is_repeated(self) -> bool:
        """Tell whether this is done to one object in each turn of a comprehension."""
        return self.site.is_repeated and not self.site.is_own(self.place)

    def is_narrowed(self) -> bool:
        """Tell whether mypy may take what was answered here for something else."""
        return not (self._is_mentioned() or self.place in self.site.function.examined)

    def _is_mentioned(self) -> bool:
        """Tell whether mypy may look at the receiver again as at a value, before it."""
        site = self.site
        return any(
            place == self.place and (site.optional or start < start_of(self.receiver))
            for place, start in site.mentions
        )

    def text(self, text: str) -> LiteralType:
        """Make the type of a text, which is what marks are made of."""
        return LiteralType(text, self.checker.named_generic_type("builtins.str", []))

    def no_mark(self) -> LiteralType:
        """Make the mark that says that nothing was left."""
        return self.text("")

    def declared(self) -> Type:
        """Return the type of the receiver without any narrowing."""
        return self.checker.get_expression_type(self.receiver)

    def leave(
        self, put: Put, marked: Expression, unmarked: Callable[[], Type], mark: Type
    ) -> None:
        """Leave a mark: what an expression is narrowed to from here on."""
        flow, site = self.flow, self.site
        is_own = site.is_own(self.place)
        loop = site.defined_in(self.place)
        level = flow.top() if is_own else 0 if loop is None else flow.level_in(loop)
        flow.put_if_unknown(marked, unmarked, level=level)
        put.here.append((mark, self._before(flow.get(marked))))
        if site.optional and not is_own:
            earlier = flow.get(marked, skip=site.optional)
            below = UnionType([mark if earlier is None else earlier, mark])
            put.below.append((below, self._before(earlier)))
            flow.put(marked, below, skip=site.optional)
        flow.put(marked, mark)

    def _before(self, value: Type | None) -> Type | None:
        put = self.flow.puts.get(self.place)
        return (
            value if put is None else put.before(value, start_of(self.use), self.site)
        )

    def mark(self, state: str) -> Type | None:
        """Return what the receiver carries here, whatever its type."""
        for flow in reversed(self.flows):
            marked = flow.get(mark_of(self.receiver, state))
            if marked is not None:
                return marked if flow is self.flow or self._is_settled() else None
        return None

    def _is_settled(self) -> bool:
        """Tell whether what was known around a function still holds when it runs."""
        node = self.receiver.node if isinstance(self.receiver, NameExpr) else None
        return isinstance(
            node, Var
        ) and not self.checker.is_var_redefined_in_outer_context(node, self.use.line)

    def report(self, marked: Type | None, state: str) -> None:
        """Report a use of what is marked, unless it is none."""
        flow, start = self.flow, start_of(self.use)
        mark = self._seen(marked)
        flow.verdicts.setdefault(start, bool(mark.calls))
        is_reread = state != UNACCEPTED and self.site.next_turn_depends_on(self.place)
        if mark.calls and (flow.verdicts[start] or not is_reread):
            self.fail(mark, state)
        elif start in flow.sentences:
            # Again, since mypy may look at an expression several times, and keep what
            # was said of it only once; it drops what it has said before.
            self.checker.fail(flow.sentences[start], self.use, code=TYPESTATE)

    def fail(self, mark: Mark, state: str) -> None:
        """Report this use; what is said of it first counts."""
        message = mark.sentence(self.place, self.use.line, successors(state))
        message = self.flow.sentences.setdefault(start_of(self.use), message)
        self.checker.fail(message, self.use, code=TYPESTATE)

    def _seen(self, marked: Type | None) -> Mark:
        """Read a mark, without what did not happen before this use."""
        if self.site.is_to_fail():
            return Mark((), is_certain=False)
        seen = self._before(marked)
        mark = Mark.read(seen)
        return mark.without(
            frozenset(
                call for call in mark.calls if self._is_ruled_out(call, marked, seen)
            )
        )

    def _is_ruled_out(self, call: str, marked: Type | None, seen: Type | None) -> bool:
        """Tell whether a call that a mark names was not made before this use."""
        put = self.flow.calls.get((self.place, call))
        if put is None:
            return False
        is_here = put.site.statement is self.site.statement
        if seen is not marked and is_here and put.start >= start_of(self.use):
            return True
        is_next = put.is_right_before(marked)
        return self.site.rules_out(put.site) or any(
            self.site.may_follow_error(attempt, is_next=is_next)
            for attempt in put.misled
        )


def see_action(spot: Spot, state: str) -> None:
    """Look at what raises on a state that was left."""
    spot.report(spot.mark(state), state)


def see_read(spot: Spot, state: str, method: Method) -> None:
    """Look at what proves that a connection was not closed."""
    marked = spot.mark(state)
    mark = Mark.read(marked)
    if mark.is_certain and method.fails_at_the_end:
        spot.report(marked, state)
    if mark.calls:
        spot.flow.put(mark_of(spot.receiver, state), spot.no_mark())
