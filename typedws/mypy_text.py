"""
What the text of a file says about the uses of a state, for `typedws.mypy_plugin`.

mypy's binder knows what a name was narrowed to, and not why: whether the rest of a
loop's turn hangs on it, whether a handler runs because the very call failed, whether a
name is bound anew. That stands in the text, and here it is read, with no types at all.

The text and not mypy's own tree: a plugin can't extend mypy's compiled visitors, and
the tree has a function twice if it is generic over listed types. Nothing of mypy is
imported here.
"""

import ast
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias, final

from attrs import define, evolve, field, frozen

__all__ = ["Place", "Reader", "Site", "Start"]

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


@final
class Reader:
    """Reads the text of a file, for what the binder does not know."""

    def __init__(self, path: str) -> None:
        """Read all of it; a file that can't be read says nothing."""
        self._sites: dict[tuple[int, Place], Site] = {}
        self._writers: dict[str, set[str]] = {}
        self._shared: set[str] = set()
        self._collectors: list[set[Place]] = []
        self._site = Site()
        with suppress(OSError, SyntaxError, ValueError):
            self._read_statements(ast.parse(Path(path).read_bytes()).body)

    def site_of(self, line: int, place: Place) -> Site | None:
        """Return where a name or an attribute stands, if that is known."""
        return self._sites.get((line, place))

    def can_be_rebound(self, place: Place, function: str) -> bool:
        """Tell whether a call that this function makes may rebind a place."""
        root, *attributes = place.split(".")
        if root in self._shared:
            return True
        return any(self._writers.get(name, set()) - {function} for name in attributes)

    @contextmanager
    def _at(self, site: Site) -> Generator[None]:
        outer = self._site
        self._site = site
        yield
        self._site = outer

    # --- Statements ------------------------------------------------------------------

    def _read_statements(self, statements: Sequence[ast.stmt]) -> None:
        outer = self._site
        absent = outer.absent
        for index, statement in enumerate(statements):
            later = statements[index + 1 :]
            site = evolve(
                outer,
                statement=statement,
                mentions=[],
                attempts=self._attempts_before(later),
                absent=absent,
            )
            with self._at(site):
                self._read(statement)
            absent |= _absent_after(statement)

    def _attempts_before(self, later: Sequence[ast.stmt]) -> tuple[Attempt, ...]:
        attempts = self._site.attempts
        if not attempts or not later:
            return attempts
        may_fail = any(map(awaits, later))
        return tuple(
            evolve(
                attempt,
                is_followed=True,
                may_fail_later=attempt.may_fail_later or may_fail,
            )
            for attempt in attempts
        )

    def _read_each(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self._read(node)

    def _read(self, node: ast.AST) -> None:
        # A `match` asks for each kind in turn, and most nodes are of these.
        if type(node) in _PLAIN:
            self._read_each(ast.iter_child_nodes(node))
        elif type(node) not in _LEAVES:
            self._read_by_kind(node)

    def _read_by_kind(self, node: ast.AST) -> None:  # noqa: C901, PLR0912 - flat: one each
        match node:
            case ast.Name() | ast.Attribute():
                self._read_reference(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._read_definition(node)
            case ast.Lambda():
                own_names = frozenset(_argument_names(node.args))
                site = Site(statement=self._site.statement, own_names=own_names)
                with self._at(site):
                    self._read(node.body)
            case ast.Assign() | ast.AnnAssign():
                self._read_assignment(node)
            case ast.If():
                self._read_if(node)
            case ast.For() | ast.AsyncFor() | ast.While():
                self._read_loop(node)
            case ast.Try() | ast.TryStar():
                self._read_try(node)
            case ast.With() | ast.AsyncWith():
                self._read_each(node.items)
                fails = any(_expects_error(item.context_expr) for item in node.items)
                attempt = Attempt(is_with=True, goes_on=True, expects_error=fails)
                self._read_attempt(attempt, node)
            case ast.ExceptHandler():
                self._read_statements(node.body)
            case ast.match_case():
                self._read_each([] if node.guard is None else [node.guard])
                self._read_statements(node.body)
            case ast.Global() | ast.Nonlocal():
                self._shared.update(node.names)
            case ast.expr():
                self._read_expression(node)
            case _:
                self._read_each(ast.iter_child_nodes(node))

    def _read_definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> None:
        self._read_each(node.decorator_list)
        known: set[str] = set()
        if not isinstance(node, ast.ClassDef):
            known.update(_argument_names(node.args))
        with self._at(Site(function=node.name, known=known)):
            self._read_statements(node.body)

    def _read_assignment(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        function = self._site.function
        for target in targets:
            if isinstance(target, ast.Attribute) and function not in _MAKERS:
                self._writers.setdefault(target.attr, set()).add(function)
        self._read_each(targets)
        if node.value is not None:
            assigned = frozenset(filter(None, map(_place_in_text, targets)))
            is_new = isinstance(node, ast.Assign) and all(
                isinstance(target, ast.Name) and target.id not in self._site.known
                for target in targets
            )
            site = evolve(self._site, targets=assigned, assigns_to_known=not is_new)
            with self._at(site):
                self._read(node.value)
        self._site.known.update(
            target.id for target in targets if isinstance(target, ast.Name)
        )

    def _read_if(self, node: ast.If) -> None:
        self._read(node.test)
        absent = self._site.absent
        is_absent = absent | _absent_if(node.test, is_true=True)
        with self._at(evolve(self._site, absent=is_absent)):
            self._read_statements(node.body)
        is_absent = absent | _absent_if(node.test, is_true=False)
        with self._at(evolve(self._site, absent=is_absent)):
            self._read_statements(node.orelse)

    def _read_loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        loop = Loop()
        outer = self._site
        attempts = self._attempts_before(node.body)
        site = evolve(outer, loops=(*outer.loops, loop), attempts=attempts)
        if isinstance(node, ast.While):
            loop.asks_for.update(_places_in(node.test))
            absent = outer.absent | _absent_if(node.test, is_true=True)
            site = evolve(site, absent=absent)
        else:
            self._read(node.iter)
        if isinstance(node, ast.AsyncFor):
            loop.waits_on.update(_places_in(node.iter))
            loop.waits_on_unknown = isinstance(node.iter, ast.Name)
        with self._at(site):
            self._read(node.test if isinstance(node, ast.While) else node.target)
            self._read_statements(node.body)
        self._read_statements(node.orelse)

    def _read_try(self, node: ast.Try | ast.TryStar) -> None:
        goes_on = any(_goes_on(handler.body) for handler in node.handlers)
        attempt = Attempt(is_caught=bool(node.handlers), goes_on=goes_on)
        self._read_attempt(attempt, node)
        self._read_statements(node.orelse)
        self._collectors.append(attempt.rescuers)
        self._read_each(node.handlers)
        self._read_statements(node.finalbody)
        self._collectors.pop()

    def _read_attempt(
        self, attempt: Attempt, node: ast.Try | ast.TryStar | ast.With | ast.AsyncWith
    ) -> None:
        attempts = (*self._site.attempts, attempt)
        with self._at(evolve(self._site, attempts=attempts)):
            self._read_statements(node.body)

    # --- Expressions -----------------------------------------------------------------

    def _read_expression(self, node: ast.expr) -> None:
        match node:
            case ast.BoolOp():
                # The third of `a and b and c` hangs on the second, for mypy as well.
                for index, value in enumerate(node.values):
                    self._read_optional([value], levels=index)
            case ast.IfExp():
                self._read(node.test)
                self._read_optional([node.body, node.orelse])
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._read_comprehension(node)
            case ast.NamedExpr():
                self._read(node.target)
                targets = self._site.targets | {node.target.id}
                with self._at(evolve(self._site, targets=targets)):
                    self._read(node.value)
            case _:
                self._read_each(ast.iter_child_nodes(node))

    def _read_optional(self, nodes: Iterable[ast.AST], *, levels: int = 1) -> None:
        with self._at(evolve(self._site, optional=self._site.optional + levels)):
            self._read_each(nodes)

    def _read_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        targets = [inner for part in node.generators for inner in ast.walk(part.target)]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        with self._at(evolve(self._site, own_names=self._site.own_names | names)):
            self._read_optional(ast.iter_child_nodes(node))

    def _read_reference(self, node: ast.Name | ast.Attribute) -> None:
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            self._mention(inner, is_value=inner is node)
            inner = inner.value
        if isinstance(inner, ast.Name):
            self._mention(inner, is_value=inner is node)
        else:
            self._read(inner)

    def _mention(self, node: ast.Name | ast.Attribute, *, is_value: bool) -> None:
        place = _place_in_text(node)
        if place is None:
            return
        if isinstance(node.ctx, ast.Store):
            for loop in self._site.loops:
                loop.rebinds.add(place)
            return
        self._sites[node.lineno, place] = self._site
        for collector in self._collectors:
            collector.add(place)
        if is_value:
            self._site.mentions.append((place, (node.lineno, node.col_offset)))
            for loop in self._site.loops:
                loop.waits_on.add(place)


_LEAVES: Final = frozenset({ast.Constant, ast.Load, ast.Store})
"""In these is nothing to be read."""

_PLAIN: Final = frozenset(
    {
        *(ast.Await, ast.Call, ast.Expr, ast.Return, ast.keyword),
        *(ast.Assert, ast.Compare, ast.Dict, ast.List, ast.Subscript, ast.Tuple),
    }
)
"""Of these only the parts say something."""

_EXPECTING: Final = frozenset({"raises", "assertRaises", "assertRaisesRegex"})

_MAKERS: Final = frozenset({"__init__", "__attrs_post_init__", "__post_init__"})
"""They run before every other method, so what they assign is no rebinding."""


def awaits(statement: ast.stmt) -> bool:
    """Tell whether a statement awaits something, and so may fail because of others."""
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    return any(isinstance(node, waits) for node in ast.walk(statement))


def _expects_error(context: ast.expr) -> bool:
    """Tell whether it is `pytest.raises(...)`, `self.assertRaises(...)` or the like."""
    place = _place_in_text(context.func) if isinstance(context, ast.Call) else None
    return place is not None and place.split(".")[-1] in _EXPECTING


def _goes_on(handler: Sequence[ast.stmt]) -> bool:
    """Tell whether a handler does not end the function."""
    return not isinstance(handler[-1], (ast.Return, ast.Raise))


def _place_in_text(node: ast.expr) -> Place | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _place_in_text(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None


def _places_in(expression: ast.expr) -> set[Place]:
    """Return what an expression looks at."""
    return {
        place
        for node in ast.walk(expression)
        if isinstance(node, (ast.Name, ast.Attribute))
        and isinstance(node.ctx, ast.Load)
        if (place := _place_in_text(node)) is not None
    }


def _argument_names(arguments: ast.arguments) -> list[str]:
    return [node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)]


def _absent_if(condition: ast.expr, *, is_true: bool) -> frozenset[Place]:
    """Return what is None or empty if a condition is true, or if it is false."""
    match condition:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _absent_if(operand, is_true=not is_true)
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
    return frozenset(filter(None, [_place_in_text(tested)]))


def _absent_after(statement: ast.stmt) -> frozenset[Place]:
    """Return what is None or empty after `if it is not None: return`."""
    leaves = (ast.Return, ast.Raise, ast.Continue, ast.Break)
    if not isinstance(statement, ast.If) or statement.orelse:
        return frozenset()
    if not isinstance(statement.body[-1], leaves):
        return frozenset()
    return _absent_if(statement.test, is_true=False)
