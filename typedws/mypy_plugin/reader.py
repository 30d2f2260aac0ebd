"""
The reader: it goes through the text of a file, and notes where each expression stands.

The text and not mypy's own tree: a plugin can't extend mypy's compiled visitors, and
the tree has a function twice if it is generic over listed types. Nothing of mypy is
imported here.
"""

import ast
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, final

from attrs import evolve

from typedws.mypy_plugin.sites import Attempt, Loop, Place, Site
from typedws.mypy_plugin.syntax import (
    absent_after,
    absent_if,
    argument_names,
    awaits,
    expects_error,
    goes_on,
    place_in_text,
    places_in,
)

__all__ = ["Reader"]


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
            absent |= absent_after(statement)

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
                own_names = frozenset(argument_names(node.args))
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
                fails = any(expects_error(item.context_expr) for item in node.items)
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
            known.update(argument_names(node.args))
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
            assigned = frozenset(filter(None, map(place_in_text, targets)))
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
        is_absent = absent | absent_if(node.test, is_true=True)
        with self._at(evolve(self._site, absent=is_absent)):
            self._read_statements(node.body)
        is_absent = absent | absent_if(node.test, is_true=False)
        with self._at(evolve(self._site, absent=is_absent)):
            self._read_statements(node.orelse)

    def _read_loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        loop = Loop()
        outer = self._site
        attempts = self._attempts_before(node.body)
        site = evolve(outer, loops=(*outer.loops, loop), attempts=attempts)
        if isinstance(node, ast.While):
            loop.asks_for.update(places_in(node.test))
            absent = outer.absent | absent_if(node.test, is_true=True)
            site = evolve(site, absent=absent)
        else:
            self._read(node.iter)
        if isinstance(node, ast.AsyncFor):
            loop.waits_on.update(places_in(node.iter))
            loop.waits_on_unknown = isinstance(node.iter, ast.Name)
        with self._at(site):
            self._read(node.test if isinstance(node, ast.While) else node.target)
            self._read_statements(node.body)
        self._read_statements(node.orelse)

    def _read_try(self, node: ast.Try | ast.TryStar) -> None:
        attempt = Attempt(
            is_caught=bool(node.handlers),
            goes_on=any(goes_on(handler.body) for handler in node.handlers),
        )
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
        place = place_in_text(node)
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

_MAKERS: Final = frozenset({"__init__", "__attrs_post_init__", "__post_init__"})
"""They run before every other method, so what they assign is no rebinding."""
