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
from mypy.nodes import Context, Expression, MemberExpr, NameExpr, Var
from mypy.types import (
    Instance,
    LiteralType,
    TupleType,
    Type,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from typedws.mypy_plugin.flow import Flow, Put
from typedws.mypy_plugin.marks import Mark, mark_of
from typedws.mypy_plugin.methods import RAISING_READS, TRANSITIONS, UNACCEPTED
from typedws.mypy_plugin.reader import Reader
from typedws.mypy_plugin.sites import Place, Site, Start

__all__ = ["TYPESTATE", "Spot", "place_of", "start_of"]

TYPESTATE: Final = ErrorCode(
    "typestate", "A state of a connection is used after it was left", "typedws"
)


def place_of(expression: Expression) -> Place | None:
    """Name what an expression refers to; `None` for what is no name or attribute."""
    if isinstance(expression, NameExpr):
        return expression.name
    if isinstance(expression, MemberExpr):
        base = place_of(expression.expr)
        return None if base is None else f"{base}.{expression.name}"
    return None


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
        reader: What the text of the file says.
        use: The expression that does something.
        receiver: The expression to which it is done.
        place: The name of that.
        site: Where it stands in the text.
    """

    checker: TypeChecker
    flows: list[Flow]
    reader: Reader
    use: Expression
    receiver: Expression
    place: Place
    site: Site

    @property
    def flow(self) -> Flow:
        """What is known of the function."""
        return self.flows[-1]

    def is_tracked(self) -> bool:
        """Tell whether a mark that is left here can be relied on."""
        if self.reader.can_be_rebound(self.place, self.site.function):
            return False
        if self.site.is_to_fail() or not self._is_stored(self.receiver):
            return False
        redefines = self.checker.options.allow_redefinition
        is_misleading = self.site.may_mislead(self.place, redefines=redefines)
        return not (is_misleading and self.flow.is_in_try())

    def _is_stored(self, expression: Expression) -> bool:
        """Tell whether an expression gives the same object each time: no property."""
        if not isinstance(expression, MemberExpr):
            return True
        owner = get_proper_type(self.checker.get_expression_type(expression.expr))
        if isinstance(owner, TypeVarType):
            owner = get_proper_type(owner.upper_bound)
        if isinstance(owner, TupleType):
            owner = owner.partial_fallback
        if not isinstance(owner, Instance):
            return False
        symbol = owner.type.get(expression.name)
        is_variable = symbol is not None and isinstance(symbol.node, Var)
        return is_variable and self._is_stored(expression.expr)

    def is_mentioned(self) -> bool:
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
        is_own = self.place.split(".")[0] in site.own_names
        loop = site.rebound_in(self.place)
        level = flow.top() if is_own else 0 if loop is None else flow.level_in(loop)
        flow.put_if_unknown(marked, unmarked, level=level)
        if site.optional and not is_own:
            earlier = flow.get(marked, skip=site.optional)
            below = UnionType([mark if earlier is None else earlier, mark])
            flow.put(marked, below, skip=site.optional)
            put.below.append(below)
        flow.put(marked, mark)
        put.here.append(mark)

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

    def report(self, mark: Mark, marked: Type | None, state: str) -> None:
        """Report a use of what is marked, unless it is none."""
        flow, start = self.flow, start_of(self.use)
        mark = self._told_before(mark, marked)
        flow.verdicts.setdefault(start, bool(mark.calls))
        is_reread = state != UNACCEPTED and self.site.next_turn_depends_on(self.place)
        if mark.calls and (flow.verdicts[start] or not is_reread):
            message = mark.sentence(self.place, self.use.line, TRANSITIONS[state])
            flow.sentences.setdefault(start, message)
        if start in flow.sentences:
            # Again, since mypy may look at an expression several times, and keep what
            # was said of it only once; it drops what it has said before.
            self.checker.fail(flow.sentences[start], self.use, code=TYPESTATE)

    def _told_before(self, mark: Mark, marked: Type | None) -> Mark:
        """Take out what did not happen before this use."""
        flow, site = self.flow, self.site
        put = flow.puts.get(self.place)
        if site.is_to_fail() or (
            put is not None and put.comes_after(marked, start_of(self.receiver), site)
        ):
            return Mark((), is_certain=False)
        absent = (
            call
            for call in mark.calls
            if flow.targets.get(call, frozenset()) & site.absent
        )
        return mark.without(frozenset(absent))


def see_action(spot: Spot, state: str) -> None:
    marked = spot.mark(state)
    spot.report(Mark.read(marked), marked, state)


def see_read(spot: Spot, state: str, method: str) -> None:
    marked = spot.mark(state)
    mark = Mark.read(marked)
    if mark.is_certain and method in RAISING_READS:
        spot.report(mark, marked, state)
    if mark.calls:
        spot.flow.put(mark_of(spot.receiver, state), spot.no_mark())
